"""A long run in sections: what goes wrong in one is told, and the next begins."""

import argparse
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec import Struct

from app.session import tune_interpreter
from bench.collecting import Found, reason
from bench.figures import Chart, Figure, Run
from bench.machine import surroundings
from bench.pace import Pace
from bench.progress import Progress


class Findings(Found):
    """What a run has found up to now, charts and sentences among it."""

    def __init__(self) -> None:
        super().__init__()
        self.charts: list[Chart] = []
        self.notes: list[str] = []

    def give_up(self, section: "Section", why: str) -> None:
        """What is not measured of a section will not be; several rows are told of at once."""
        told = {one.name for one in self.figures} | {one.name for one in self.skipped}
        rows = [row for row in section.rows if row not in told]
        for row in rows:
            self._open.pop(row, None)
        more = f" ({len(rows)} figures are missing)" if len(rows) > 1 else ""
        self.skip(rows if len(rows) == 1 else [section.name], why + more)


class Work:
    """The hand of a section on its run: it adds what it finds at once, and says how far it is."""

    def __init__(self, found: Findings, tell: Callable[[float, str], None]) -> None:
        self._found = found
        self._tell = tell

    def tell(self, part: float, now_at: str = "") -> None:
        """So much of the section is done (0–1), and this is at work."""
        self._tell(part, now_at)

    def add(self, *figures: Figure) -> None:
        """These are measured."""
        self._found.add(figures)

    def chart(self, *charts: Chart) -> None:
        """Draw these."""
        self._found.charts += charts

    def note(self, text: str) -> None:
        """Say this above everything."""
        self._found.notes.append(text)

    def skip(self, name: str, why: str) -> None:
        """This could not be measured."""
        self._found.skip([name], why)


class Section(Struct, frozen=True):
    """A part of a run: its rows, about how many seconds it takes, and what does it."""

    name: str
    rows: tuple[str, ...]
    seconds: float
    work: Callable[[Work], None]

    def chosen(self, word: str) -> bool:
        """Whether its name, or that of one of its rows, has the word in it."""
        return any(word in one for one in (self.name, *self.rows))


def command(room: str, doc: str | None) -> argparse.ArgumentParser:
    """The command line that such runs share: what to measure of them, and where it is written."""
    parser = argparse.ArgumentParser(
        prog=f"python -m bench.{room}", description=doc,
        epilog="Stores are made in ASSENT_BENCH_DIR, else in the current directory. "
        "Exit status: 0 measured, 2 nothing of that name, 130 interrupted (with a report).",
    )  # fmt: skip
    parser.add_argument(
        "--only", default="", metavar="NAME", help="sections and figures with this in their name"
    )
    parser.add_argument("--report", type=Path, default=Path("build") / room,
                        help="where to write, without the ending")  # fmt: skip
    return parser


def carry_out(title: str, sections: Sequence[Section], notes: Sequence[str] = ()) -> Run:
    """All sections, one after another. Interrupted, the run has what was found until then."""
    found, progress, pace = Findings(), Progress(title), Pace()
    started, here, complete = time.time(), surroundings(), True
    tune_interpreter()  # as the program runs
    found.expect(row for one in sections for row in one.rows)
    whole, done = sum(one.seconds for one in sections), 0.0
    try:
        with _ended_in_order():
            for one in sections:
                pace.look()
                _one(one, found, _teller(progress, one, done, whole))
                done += one.seconds
            pace.look()
            progress.tell(1.0)
    except KeyboardInterrupt:
        complete = False
    progress.clear()
    return Run(
        title=title, surroundings=here, started=round(started * 1e6),
        seconds=time.time() - started, figures=tuple(found.figures),
        skipped=(*found.skipped, *found.missing((), whole=False, complete=complete)),
        charts=tuple(found.charts), notes=(*notes, *found.notes, pace.told()), complete=complete,
    )  # fmt: skip


def _teller(
    progress: Progress, section: Section, done: float, whole: float
) -> Callable[[float, str], None]:
    def tell(part: float, now_at: str) -> None:
        share = (done + min(part, 1.0) * section.seconds) / whole
        progress.tell(share, f"{section.name} {now_at}".rstrip())

    return tell


def _one(section: Section, found: Findings, tell: Callable[[float, str], None]) -> None:
    tell(0.0, "")
    try:
        section.work(Work(found, tell))
    except pytest.skip.Exception as skipped:  # how places say that they cannot be used
        found.give_up(section, reason(skipped.msg or "skipped"))
    except Exception as error:
        found.give_up(section, f"failed: {reason(error)}")


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """An end that is asked for is an interruption: what was found is told all the same."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
