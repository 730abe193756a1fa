"""Commands that were sent and not answered yet."""

from collections.abc import Sequence
from concurrent.futures import Future
from itertools import chain
from typing import Any

import msgspec
from msgspec import Struct

from app.deeds import Deed
from app.desk import DeskError, Progress
from app.remote.wire import Failed, Result, Working

PATIENCE_S = 10.0
LONG_PATIENCE_S = 30.0
"""For what takes a while; counted anew with every sign that it goes on."""

REPEATED = 410
_UNSURE = "no answer; it may or may not have been done; look again"


class Sent(Struct):
    """One command, and the decisions that it answers. At `until` (ns, monotonic) it is given up."""

    deed: Deed
    future: "Future[Any]"
    until: int
    about: Sequence[str] = ()
    progress: Progress | None = None


class UnderWay:
    """Finds the command to each answer. Not to be used by two threads at once."""

    def __init__(self) -> None:
        self._sent: dict[str, Sent] = {}

    def add(self, command_id: str, sent: Sent) -> None:
        """A command goes out."""
        self._sent[command_id] = sent

    def deed(self, command_id: str) -> Deed | None:
        """What was asked for, while it is not answered."""
        sent = self._sent.get(command_id)
        return sent.deed if sent else None

    def about(self) -> frozenset[str]:
        """The decisions whose answers are not back yet."""
        return frozenset(chain.from_iterable(sent.about for sent in self._sent.values()))

    def result(self, result: Result) -> None:
        """It was done."""
        if (sent := self._sent.pop(result.id, None)) is None:
            return
        try:
            _settle(sent, msgspec.json.decode(result.value, type=sent.deed.gives))
        except msgspec.MsgspecError as error:
            _settle(sent, DeskError(f"the node's answer cannot be read: {error}", 500))

    def failed(self, failed: Failed) -> None:
        """It was not. That it came twice says nothing of the first time, which is ours."""
        if failed.code != REPEATED and (sent := self._sent.pop(failed.id, None)):
            _settle(sent, DeskError(failed.reason, failed.code))

    def working(self, working: Working, now: int) -> None:
        """It goes on."""
        if sent := self._sent.get(working.id):
            sent.until = now + int(LONG_PATIENCE_S * 1e9)
            if sent.progress is not None:
                sent.progress(working.done, working.total)

    def give_up(self, command_id: str, why: DeskError) -> None:
        """It was not sent, or nobody waits for it."""
        if sent := self._sent.pop(command_id, None):
            _settle(sent, why)

    def forget(self, future: "Future[Any]") -> None:
        """Nobody waits for this one."""
        for command_id in [key for key, sent in self._sent.items() if sent.future is future]:
            del self._sent[command_id]

    def pass_time(self, now: int) -> None:
        """Give up what was not answered in time."""
        for command_id in [key for key, sent in self._sent.items() if sent.until < now]:
            reads = not self._sent[command_id].deed.changes
            self.give_up(command_id, DeskError("no answer; ask again" if reads else _UNSURE, 408))

    def end(self, why: str) -> None:
        """Nothing will be answered any more."""
        for command_id in tuple(self._sent):
            self.give_up(command_id, DeskError(why, 408))


def _settle(sent: Sent, outcome: Any) -> None:
    if sent.future.done():
        return
    if isinstance(outcome, DeskError):
        sent.future.set_exception(outcome)
    else:
        sent.future.set_result(outcome)
