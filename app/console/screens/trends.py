"""The trends screen: how an operation has been running, hours or months back."""

from functools import partial
from pathlib import Path
from typing import ClassVar

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.containers import Container

from app.console.commands import Scope
from app.console.dialogs import Ask
from app.console.outbox import Say
from app.console.ranges import Range
from app.console.screens.working import Working
from app.desk import Desk
from components.clock import Clock
from components.views import Snapshot, TrendView
from widgets import Moved, OperationList, TrendPlot, figures

_PAN = 0.5
_PLAIN = {ord(" "): "-", ord(":"): None, ord("-"): None}


class Asked(Struct, frozen=True):
    """What a plot was asked for: it is asked again only when any of this changes, or in time."""

    operation: str
    range: Range
    dots: int


class TrendsScreen(Working):
    """Operations to choose from, and the plot of the one under the cursor.

    At most one query runs at a time; what was changed meanwhile is asked for when it is back.
    """

    SCOPE: ClassVar[Scope] = "trends"
    AUTO_FOCUS = "#choices"

    def __init__(self, desk: Desk, clock: Clock, tell: Say) -> None:
        super().__init__(tell)
        self._desk = desk
        self._clock = clock
        self._choices = OperationList()
        self._plot = TrendPlot()
        self._range = Range()
        self._log = False
        self._view: TrendView | None = None
        self._shown: Asked | None = None
        self._asked_at = 0
        self._busy = False

    def body(self) -> ComposeResult:
        """List and plot."""
        with Container(classes="pair side"):
            yield self._choices
            yield self._plot

    def pull(self, snapshot: Snapshot, now: int) -> None:
        """Show the newest snapshot; ask for the plot anew where it is old."""
        super().pull(snapshot, now)
        self._choices.show(snapshot.all_operations)
        if self._choices.cursor is None and snapshot.all_operations:
            self._choices.point(snapshot.all_operations[0].name)
        self._ask_if_due()

    def forget(self) -> None:
        """Nothing of the node before."""
        super().forget()
        self._busy, self._shown, self._view = False, None, None
        self._show()

    @property
    def operation(self) -> str:
        """The name of the operation under the cursor."""
        row = self._choices.current
        return "" if row is None else row.name

    # What is plotted.

    @on(Moved)
    def moved(self, event: Moved) -> None:
        """Plot the operation under the cursor."""
        event.stop()
        self._ask_if_due()

    def pan(self, by: int) -> None:
        """Go half the plot back (-1) or on (1)."""
        self._change(self._range.panned(by * _PAN, self._clock.now()))

    def zoom(self, by: int) -> None:
        """Take the next shorter (-1) or longer (1) span."""
        self._change(self._range.zoomed(by, self._clock.now()))

    def newest(self) -> None:
        """Go to the newest end and follow it."""
        self._change(self._range.newest())

    def toggle_log(self) -> None:
        """Change between a linear and a logarithmic scale."""
        self._log = not self._log
        self._show()

    def _change(self, to: Range) -> None:
        self._range = to
        self._ask_if_due()
        self._show()

    def _ask_if_due(self) -> None:
        wanted = Asked(self.operation, self._range, self._plot.dots)
        now = self._clock.now()
        old = not self._range.until and now - self._asked_at >= self._range.span.every_s * 1_000_000
        laid_out = self._plot.size.width > 0
        if self._busy or not wanted.operation or not laid_out:
            return
        if wanted == self._shown and not old:
            return
        self._busy, self._asked_at = True, now
        since, until = self._range.bounds(now, wanted.dots)
        job = partial(self._desk.trend, wanted.operation, since, until, wanted.dots)
        arrived = partial(self._arrived, wanted)
        self.work("trend", job, arrived, partial(arrived, None), exclusive=False)

    def _arrived(self, asked: Asked, view: TrendView | None) -> None:
        self._busy, self._shown = False, asked
        if view is not None:
            self._view = view
            self._show()
        self._ask_if_due()

    def _show(self) -> None:
        place = self._range.span.name + ("" if self._range.until else ", newest")
        self._plot.show(self._view, log=self._log, note=place)

    # What is done with it.

    def export(self) -> None:
        """Ask where to, then write what is plotted as CSV."""
        operation = self.operation
        if not operation:
            self._tell("No operation is selected.", "warn")
            return
        since, until = self._range.bounds(self._clock.now(), self._plot.dots)

        def write(target: str | None) -> None:
            if target:
                path = Path(target).expanduser()
                job = partial(self._desk.trend_export, operation, since, until, path)
                self.work("export", job, lambda text: self._tell(text, "ok"))

        text = [(f"The figures of {operation} in the time plotted are written as CSV.", "dim")]
        stamp = figures.moment(until)[:16].translate(_PLAIN)
        where = str(Path.cwd() / f"{operation}-{stamp}.csv")
        self.app.push_screen(Ask("EXPORT to", text, "export", where), write)

    def set_baseline(self) -> None:
        """Ask for a name, then make the figures of the last while the baseline."""
        span = self._range.span

        def keep(name: str | None) -> None:
            if name:
                job = partial(self._desk.set_baseline, name, span.seconds // 60)
                self.work("baseline", job, lambda text: self._tell(text, "ok"))

        said = f"The last {span.name} of every operation become what is compared with. Its name:"
        ask = Ask("SET A BASELINE", [(said, "text")], "set", "baseline")
        self.app.push_screen(ask, keep)
