"""The Evolution Core as others see it."""

import sqlite3
from concurrent.futures import Future

import msgspec

from components.actions import Experience
from components.clock import Clock
from components.evolution_core.capability import Capability, capabilities
from components.evolution_core.journal import LARGEST_BATCH, Journal, OnTrouble
from components.evolution_core.metrics import Metrics
from components.evolution_core.patterns import Pattern, recognise
from components.evolution_core.rows import beyond
from components.evolution_core.suggestion_book import SuggestionBook
from components.evolution_core.suggestions import Suggestion, propose
from components.monitor.footprint import Held
from components.monitor.timer import Recorders, Timed, Timer, untimed
from storage import Store, Tx, Writer

_PRUNED_AT_ONCE = 2000


class EvolutionCore:
    """Learns from experiences: counts them, finds patterns, makes suggestions.

    Everything it says covers what is durable. Open it with `open`.
    """

    def __init__(
        self, writer: Writer, metrics: Metrics, journal: Journal, book: SuggestionBook
    ) -> None:
        self.metrics = metrics
        self.book = book
        self._writer = writer
        self._journal = journal
        self._logging: Timed = untimed
        self._recognising: Timed = untimed
        self._suggesting: Timed = untimed
        self._telling: Timed = untimed

    @classmethod
    def open(
        cls,
        store: Store,
        clock: Clock,
        on_trouble: OnTrouble = lambda _: None,
        batch: int = LARGEST_BATCH,
        meter: Recorders | None = None,
    ) -> "EvolutionCore":
        """Load the saved metrics and count the experiences beyond them, also after a crash.

        Saved metrics that cannot be read are counted anew, from the rows that are still there.
        `batch` experiences at most are written by one job. With `meter` every operation is
        measured, and every flush of experiences to the store.
        """
        reader = store.reader()
        try:
            metrics, saved_up_to = _load(reader)
            book = SuggestionBook(store.writer, clock, reader)
        finally:
            reader.close()
        flushed = meter("evolution_core.flush") if meter else None
        journal = Journal(store.writer, clock, metrics, saved_up_to, on_trouble, batch, flushed)
        core = cls(store.writer, metrics, journal, book)
        if meter:
            core._measure(meter, clock)
        return core

    def _measure(self, meter: Recorders, clock: Clock) -> None:
        self._logging = Timer(meter("evolution_core.log_experience"), clock)
        self._recognising = Timer(meter("evolution_core.recognize_patterns"), clock)
        self._suggesting = Timer(meter("evolution_core.suggest_improvements"), clock)
        self._telling = Timer(meter("evolution_core.capability_metrics"), clock)

    def log_experience(self, experience: Experience) -> None:
        """Take an experience, from any thread, in microseconds; it is durable soon after.

        Raises `BufferFull` when the store has failed for so long that there is no room left in
        memory, and `ValueError` for a negative or absurd time, duration or score.
        """
        self._logging(self._journal.add, experience)

    def pending(self) -> int:
        """How many experiences are not yet known to be durable."""
        return self._journal.pending()

    def footprint(self) -> Held:
        """Tallies, suggestions, and the experiences that wait to be stored."""
        return self.metrics.footprint() + self.book.footprint() + self._journal.footprint()

    @property
    def refused(self) -> int:
        """How many experiences met a full buffer since this node started."""
        return self._journal.refused

    def retry(self) -> None:
        """Try again what could not be stored, where it is time to; any thread, now and then."""
        self._journal.retry()

    def flush(self) -> None:
        """Make everything durable, the metrics too; blocks. Raises what hinders it."""
        self._journal.flush()
        self._writer.run(self._journal.save)

    def capability_metrics(self) -> tuple[Capability, ...]:
        """How each tool does, the most used first."""
        return self._telling(lambda: capabilities(self.metrics.tools()))

    def agent_metrics(self) -> tuple[Capability, ...]:
        """How each agent does, the most active first."""
        return capabilities(self.metrics.agents())

    def recognize_patterns(self) -> tuple[Pattern, ...]:
        """The patterns in all that was counted."""
        return self._recognising(lambda: recognise(self.metrics.shapes(), self.metrics.tools()))

    def suggest_improvements(self) -> tuple[Suggestion, ...]:
        """The suggestions that stand. They change nothing: a person does, or dismisses them."""
        return self._suggesting(self._suggest)

    def _suggest(self) -> tuple[Suggestion, ...]:
        shapes = self.metrics.shapes()
        return self.book.listed(propose(shapes, recognise(shapes, self.metrics.tools())))

    def dismiss(self, suggestion_id: str) -> Future[None]:
        """Never show a listed suggestion again; the future ends when that is durable.

        Raises `KeyError` for one that is not listed.
        """
        return self.book.dismiss(suggestion_id)

    def prune(self, older_than: int, keep: int = 0) -> int:
        """Delete experiences from before `older_than`, except the newest `keep`; how many went.

        The metrics keep what they counted: they are saved in the transaction that deletes. Goes
        in steps, so that other writing is not held up; blocks, so not for the gate thread.
        """
        total = 0
        while deleted := self._writer.run(lambda tx: self._prune_some(tx, older_than, keep)):
            total += deleted
        return total

    def _prune_some(self, tx: Tx, older_than: int, keep: int) -> int:
        newest = self._journal.save(tx)
        cursor = tx.execute(
            "DELETE FROM experiences WHERE id IN (SELECT id FROM experiences "
            "WHERE time < ? AND id <= ? ORDER BY id LIMIT ?)",
            (older_than, newest - keep, _PRUNED_AT_ONCE),
        )
        return cursor.rowcount


def _load(reader: sqlite3.Connection) -> tuple[Metrics, int]:
    found = reader.execute("SELECT body FROM evolution_state WHERE name = 'metrics'").fetchone()
    try:
        metrics = Metrics(found[0] if found else b"")
    except msgspec.DecodeError:
        metrics = Metrics()
    saved_up_to = metrics.up_to
    for stored in beyond(reader, saved_up_to):
        metrics.add(stored.id, stored.experience)
    return metrics, saved_up_to
