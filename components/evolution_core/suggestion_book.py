"""Which suggestions were made, when first, and which of them a person has dismissed."""

import sqlite3
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Literal

import msgspec
from msgspec import structs

from components.clock import Clock
from components.evolution_core.suggestions import Suggestion
from components.monitor.footprint import Held, deep_size
from storage import Tx, Writer

_KEEP = "INSERT OR IGNORE INTO suggestions VALUES (?, 'open', ?, ?)"
_SETTLE = (
    "INSERT INTO suggestions VALUES (?, ?, ?, ?) "
    "ON CONFLICT (id) DO UPDATE SET state = excluded.state, body = excluded.body"
)

Ending = Literal["accepted", "dismissed"]


class SuggestionBook:
    """Remembers each suggestion under its id, in the table `suggestions`.

    A suggestion is listed while the evidence for it holds and nobody has dismissed it. A
    dismissal holds for good; an accepted one is known as such, and may be made again. What could
    not be stored is stored when it is next suggested.
    """

    def __init__(self, writer: Writer, clock: Clock, reader: sqlite3.Connection) -> None:
        self._writer = writer
        self._clock = clock
        self._first: dict[str, int] = {}
        self._dismissed: set[str] = set()
        self._listed: dict[str, Suggestion] = {}
        for found, state, time in reader.execute("SELECT id, state, time FROM suggestions"):
            self._first[found] = time
            if state == "dismissed":
                self._dismissed.add(found)

    def listed(self, proposals: Iterable[Suggestion]) -> tuple[Suggestion, ...]:
        """The proposals that stand, with the time when each was first made; new ones are kept."""
        now = self._clock.now()
        standing, new = [], []
        for proposal in proposals:
            if proposal.id in self._dismissed:
                continue
            suggestion = structs.replace(proposal, time=self._first.get(proposal.id, now))
            standing.append(suggestion)
            if proposal.id not in self._first:
                self._first[proposal.id] = now
                new.append(suggestion)
        self._listed = {suggestion.id: suggestion for suggestion in standing}
        if new:
            self._keep(new)
        return tuple(standing)

    def footprint(self) -> Held:
        """The suggestions ever made: their times, and those that are listed."""
        return Held(len(self._first), deep_size(self._first, self._dismissed, self._listed))

    def _keep(self, new: list[Suggestion]) -> None:
        rows = [_row(suggestion) for suggestion in new]

        def write(tx: Tx) -> None:
            for row in rows:
                tx.execute(_KEEP, row)

        def written(_: None, error: Exception | None) -> None:
            if error is not None:
                for suggestion in new:
                    self._first.pop(suggestion.id, None)

        self._writer.submit(write, written)

    def dismiss(self, suggestion_id: str) -> Future[None]:
        """Take a listed suggestion off the list, for good; the future ends when that is durable.

        Raises `KeyError` for one that is not listed.
        """
        suggestion = self._listed[suggestion_id]
        future: Future[None] = Future()

        def written(_: None, error: Exception | None) -> None:
            if error is not None:
                future.set_exception(error)
                return
            self.settled(suggestion_id, "dismissed")
            future.set_result(None)

        self._writer.submit(lambda tx: settle(tx, suggestion, "dismissed"), written)
        return future

    def is_dismissed(self, suggestion_id: str) -> bool:
        """Whether a person wants no more of it."""
        return suggestion_id in self._dismissed

    def settled(self, suggestion_id: str, ending: Ending) -> None:
        """What `settle` wrote is durable."""
        if ending == "dismissed":
            self._dismissed.add(suggestion_id)


def settle(tx: Tx, suggestion: Suggestion, ending: Ending) -> None:
    """Write down how a suggestion ended."""
    found, time, body = _row(suggestion)
    tx.execute(_SETTLE, (found, ending, time, body))


def _row(suggestion: Suggestion) -> tuple[str, int, bytes]:
    return suggestion.id, suggestion.time, msgspec.msgpack.encode(suggestion)
