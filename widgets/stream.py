"""Alerts, and under them the stream of events, newest last."""

from components.views import EventRow
from widgets import figures
from widgets.cells import fit
from widgets.lines import Face, LineView
from widgets.operations import SIGNS

_VERDICTS = frozenset({"allow", "deny", "expired"})
_OUTCOMES = frozenset({"ok", "failed", "skipped"})


def alert_face(text: str, width: int) -> Face:
    """One firing alert as a line."""
    return ((" ▲ ", "bad"), (fit(text, width - 3), "bad"))


def event_face(event: EventRow, width: int) -> Face:
    """One event as a line. What became of an action stands back behind the verdict on it."""
    kind = min(max(width // 8, 10), 14)
    agent = min(max(width // 7, 8), 16)
    text = width - 14 - kind - agent - 2
    name = event.kind if len(event.kind) <= kind else event.kind.rpartition(".")[2]
    well = event.level in {"ok", "idle"}
    outcome = event.kind in _OUTCOMES
    sign = " " if outcome and well else SIGNS[event.level]
    quiet = "dim" if outcome else "text"
    return (
        (f" {figures.clock(event.time)} ", "dim"),
        (f"{sign} ", event.level),
        (
            fit(f" ↳ {name}" if outcome else name, kind) + " ",
            event.level if event.kind in _VERDICTS else "dim",
        ),
        (fit(event.agent, agent) + " ", quiet),
        (fit(event.text, text), quiet if well else event.level),
    )


class StreamView(LineView):
    """What is wrong now stays on top; below it runs what happens."""

    EMPTY = "Nothing has happened yet."

    def __init__(self) -> None:
        super().__init__(id="stream")
        self._alerts: tuple[str, ...] = ()
        self._events: tuple[EventRow, ...] = ()

    def heading(self, width: int) -> Face:
        """The title with the number of alerts."""
        if not self._alerts:
            return ((fit(" EVENTS", width - 1), "strong"),)
        title = f" ALERTS {len(self._alerts)} "
        return ((title, "bad"), (fit(" EVENTS", width - 1 - len(title)), "strong"))

    def count(self) -> int:
        """As many lines as there is room for."""
        return min(len(self._alerts) + len(self._events), self.page)

    def face(self, index: int, width: int) -> Face:
        """One alert or one event."""
        if index < len(self._alerts):
            return alert_face(self._alerts[index], width)
        room = self.count() - len(self._alerts)
        return event_face(self._events[len(self._events) - room + index - len(self._alerts)], width)

    def show(self, alerts: tuple[str, ...], events: tuple[EventRow, ...]) -> None:
        """Show these alerts and the newest of these events (oldest first)."""
        if alerts is not self._alerts or events is not self._events:
            self._alerts, self._events = alerts, events
            self.poke()
