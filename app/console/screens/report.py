"""The report screen: a day, a week, a month or a quarter in words, and what is recommended."""

from functools import partial
from typing import ClassVar, get_args

from textual import on
from textual.app import ComposeResult
from textual.containers import Container

from app.console.commands import Scope
from app.console.outbox import Say
from app.console.screens.working import Working
from app.desk import Cadence, Desk
from components.views import AdviceRow, ReportView
from widgets import AdviceList, Moved, TextView

CADENCES: tuple[Cadence, ...] = get_args(Cadence)


class ReportScreen(Working):
    """The report above, its recommendations below. It is made when it is asked for."""

    SCOPE: ClassVar[Scope] = "report"
    AUTO_FOCUS = "#report"

    def __init__(self, desk: Desk, tell: Say) -> None:
        super().__init__(tell)
        self._desk = desk
        self.cadence: Cadence = CADENCES[0]
        self._text = TextView("REPORT", id="report")
        self._list = AdviceList()

    def body(self) -> ComposeResult:
        """Text and list."""
        with Container(classes="pair"):
            yield self._text
            yield self._list

    def on_screen_resume(self) -> None:
        """Make it anew each time the screen is shown."""
        self.load()

    def forget(self) -> None:
        """Nothing of the node before; it is made when the screen is shown."""
        super().forget()
        self._text.show((), "REPORT")
        self._list.update_rows(())

    @property
    def advice(self) -> AdviceRow | None:
        """The recommendation under the cursor."""
        return self._list.current

    @property
    def under_cursor(self) -> str:
        """The recommendation's id."""
        return self.advice.id if self.advice else ""

    def choose(self, cadence: Cadence) -> None:
        """Show this report from its beginning."""
        if cadence != self.cadence:
            self._text.scroll_rows(0)
        self.cadence = cadence
        self.load()

    def following(self, by: int) -> None:
        """Show the report of the next longer (1) or shorter (-1) time."""
        self.choose(CADENCES[(CADENCES.index(self.cadence) + by) % len(CADENCES)])

    def load(self) -> None:
        """Ask for the report; the one before stays until it comes."""
        cadence = self.cadence
        self._text.show((("", "text"), ("Making the report …", "dim")), f"REPORT  {cadence}")
        self.work(
            "report",
            partial(self._desk.report, cadence),
            partial(self._arrived, cadence),
            self._failed_to,
        )

    def _arrived(self, cadence: Cadence, view: ReportView) -> None:
        if cadence != self.cadence:
            return
        self._text.show(view.lines, view.title)
        rows = view.advice
        self._list.update_rows(rows)
        if self._list.place is None:
            self._list.point(rows[0].id if rows else None)

    def _failed_to(self) -> None:
        self._text.show((("", "text"), ("There is no report.", "dim")), f"REPORT  {self.cadence}")

    @on(Moved)
    def moved(self, event: Moved) -> None:
        """Nothing else follows the cursor."""
        event.stop()
