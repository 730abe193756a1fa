"""The alerts screen: what stands now, in full, what came before, and what is used."""

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Container

from app.console.commands import Scope
from app.console.outbox import Say
from app.console.screens.working import Working
from app.desk import Desk
from components.views import AlertHistoryRow, AlertRow, Snapshot
from widgets import AlertHistory, AlertList, Moved, ResourceView, TextView, alert_text

_PAGE = 100
_OVER = "It is over and gone from the list; its history is below."


class AlertsScreen(Working):
    """Alerts and the one under the cursor; history and resources below."""

    SCOPE: ClassVar[Scope] = "alerts"
    AUTO_FOCUS = "#alerts"

    def __init__(self, desk: Desk, tell: Say) -> None:
        super().__init__(tell)
        self._desk = desk
        self.alerts = AlertList()
        self._detail = TextView("ALERT", id="alert")
        self._history = AlertHistory()
        self._resources = ResourceView()
        self._now = 0
        self._seen: tuple[AlertRow, ...] | None = None

    def body(self) -> ComposeResult:
        """Four panes."""
        with Container(id="quarters"):
            yield self.alerts
            yield self._detail
            yield self._history
            yield self._resources

    @property
    def alert(self) -> AlertRow | None:
        """The alert under the cursor."""
        return self.alerts.current

    @property
    def under_cursor(self) -> str:
        """The alert's id."""
        return self.alert.id if self.alert else ""

    def pull(self, snapshot: Snapshot, now: int) -> None:
        """Show the newest snapshot; the first alert is pointed at from the start."""
        super().pull(snapshot, now)
        self._now = now
        self.alerts.show(snapshot.alerts, now)
        if self.alerts.cursor is None and snapshot.alerts:
            self.alerts.point(snapshot.alerts[0].id)
        self._resources.show(snapshot.gauges, snapshot.memory)
        self._show_detail()
        if snapshot.alerts is not self._seen:
            self._seen = snapshot.alerts
            self._load(None)

    def forget(self) -> None:
        """Nothing of the node before."""
        super().forget()
        self._seen = None
        self.alerts.point(None)
        self._history.renew((), complete=True)

    @on(Moved, "#alerts")
    def moved(self, event: Moved) -> None:
        """Show the alert under the cursor from its beginning."""
        event.stop()
        self._detail.scroll_rows(0)
        self._show_detail()

    def _show_detail(self) -> None:
        alert = self.alert
        over = alert is None and self.alerts.cursor is not None
        text = [("", "text"), (_OVER, "dim")] if over else alert_text(alert, self._now)
        self._detail.show(text, f"ALERT  {alert.rule}" if alert else "ALERT")

    # The history.

    @on(AlertHistory.Wanted)
    def more(self, event: AlertHistory.Wanted) -> None:
        """Load the page below the last change."""
        event.stop()
        rows = self._history.rows
        if rows:
            self._load(rows[-1].id)

    def _load(self, before: int | None) -> None:
        def paged(rows: tuple[AlertHistoryRow, ...]) -> None:
            put = self._history.renew if before is None else self._history.extend
            put(rows, complete=len(rows) < _PAGE)

        job = partial(self._desk.alert_history, before, _PAGE)
        self.work("newest" if before is None else "page", lambda: tuple(job()), paged)
