"""How calls are measured where an operation is a function, and what counts as an error of it.

An error of an operation is the machine's: it broke, or it took too long. Whoever asks for what
cannot be, too late, or without the right to, is refused, and that counts as no call at all.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar, TypeVarTuple

from components.clock import Clock
from storage import StoreBusy

Given = TypeVarTuple("Given")
T = TypeVar("T")


class Recorder(Protocol):
    """Where the calls of one operation are counted, as by a `Meter`."""

    def record(self, ns: int) -> None:
        """Count a call that worked, and its duration in nanoseconds."""
        ...

    def fail(self) -> None:
        """Count a call that failed."""
        ...

    def timeout(self) -> None:
        """Count a call that was given up after its time."""
        ...


Recorders = Callable[[str], Recorder]
"""The recorder of an operation, by its name in the catalogue."""


class Ignoring:
    """A recorder for whom nobody looks at the figures; takes the name, as `Meter` does."""

    def __init__(self, name: str) -> None:
        self.name = name

    def record(self, ns: int) -> None:
        """Count nothing."""

    def fail(self) -> None:
        """Count nothing."""

    def timeout(self) -> None:
        """Count nothing."""


class Timed(Protocol):
    """Calls a function, perhaps timed."""

    def __call__(self, work: Callable[[*Given], T], *given: *Given) -> T:
        """What `work` returns or raises."""
        ...


class Timer:
    """Times the calls of one operation. What a call raises is an error of the operation."""

    __slots__ = ("_monotonic", "_recorder")

    def __init__(self, recorder: Recorder, clock: Clock) -> None:
        self._recorder = recorder
        self._monotonic = clock.monotonic

    def __call__(self, work: Callable[[*Given], T], *given: *Given) -> T:
        """What `work` returns or raises."""
        started = self._monotonic()
        try:
            result = work(*given)
        except Exception as error:
            count_error(error, self._recorder)
            raise
        self._recorder.record(self._monotonic() - started)
        return result


def untimed(work: Callable[[*Given], T], *given: *Given) -> T:
    """Call a function that nobody measures."""
    return work(*given)


def count_error(error: BaseException, *recorders: Recorder) -> None:
    """Count a call that ended in an error of the machine: as given up where it waited too long."""
    waited = isinstance(error, TimeoutError | StoreBusy)
    for recorder in recorders:
        (recorder.timeout if waited else recorder.fail)()
