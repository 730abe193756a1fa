"""Counters of work that give the same number at every run."""

import gc
import sqlite3
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from storage import Writer


class Tally:
    """Something that is counted while a block runs."""

    def __init__(self) -> None:
        self.count = 0


class _Bytecodes(Tally):
    """Counts the bytecodes of every frame that is entered while it is a thread's tracer.

    What C code does within one call counts as one; see `tests.guard.instructions` for that.
    """

    def enter(self, frame: FrameType, _event: str, _arg: Any) -> Any:
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        return self._step

    def _step(self, _frame: FrameType, event: str, _arg: Any) -> Any:
        if event == "opcode":
            self.count += 1
        return self._step


@contextmanager
def bytecodes(writer: Writer | None = None) -> Iterator[Tally]:
    """Count the bytecodes of this thread, and of the writer's where one is given.

    The collector stands still meanwhile: it would call in at any place.
    """
    tally, before = _Bytecodes(), sys.gettrace()
    sys._getframe().f_trace_opcodes = True  # Python 3.12 takes it up at the next `settrace` only
    collecting = gc.isenabled()
    gc.disable()
    if writer:
        writer.run(lambda _: sys.settrace(tally.enter))
    sys.settrace(tally.enter)
    try:
        yield tally
    finally:
        sys.settrace(before)
        if writer:
            writer.run(lambda _: sys.settrace(None))
        if collecting:
            gc.enable()


def executed(work: Callable[[], object]) -> int:
    """How many bytecodes a call takes."""
    with bytecodes() as tally:
        work()
    return tally.count


@contextmanager
def machine_steps(connection: sqlite3.Connection) -> Iterator[Tally]:
    """Count the steps of SQLite's virtual machine: every row that is looked at takes some."""
    tally = Tally()

    def step() -> None:
        tally.count += 1

    connection.set_progress_handler(step, 1)
    try:
        yield tally
    finally:
        connection.set_progress_handler(None, 1)


@contextmanager
def statements(writer: Writer) -> Iterator[list[str]]:
    """The first word of every statement that the writer's connection executes."""
    words: list[str] = []

    def trace(callback: Callable[[str], object] | None) -> None:
        with writer._turn:  # between two transactions, so that none is heard in part
            writer._session.connection.set_trace_callback(callback)

    trace(lambda sql: words.append(sql.split(maxsplit=1)[0]))
    try:
        yield words
    finally:
        trace(None)


@contextmanager
def traced() -> Iterator[None]:
    """Trace allocations meanwhile."""
    tracemalloc.start()
    try:
        yield
    finally:
        tracemalloc.stop()


def held() -> int:
    """The bytes that Python holds once all garbage is gone, of those it took while traced."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def peak(work: Callable[[], object]) -> int:
    """The most bytes that Python held at once for a call: the least of three calls.

    What another thread takes meanwhile counts too, and it seldom does so three times.
    """
    return min(_peak(work) for _ in range(3))


def _peak(work: Callable[[], object]) -> int:
    with traced():
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        work()
        return tracemalloc.get_traced_memory()[1] - before
