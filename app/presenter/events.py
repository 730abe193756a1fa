"""The gate's events as lines of the stream, and the memory that keeps the newest of them."""

from collections import deque

from app.presenter.decision import in_one_line
from components.actions import Verdict
from components.gate import Asked, Changed, Event, Judged, Noted, Reported, TurnedAway
from components.text import safe_text
from components.views import EventRow, Level

KEPT = 200
_TEXT = 400
_BECAUSE = 160
_LEVELS: dict[str, Level] = {"allow": "ok", "deny": "bad", "expired": "warn"}
_BAD_NOTES = frozenset(
    {
        "intake.stopped",
        "console.lost",
        "rules.refused",
        "store.frozen",
        "alert.firing",
        "node.retired",
    }
)


class EventLog:
    """The newest events of this run, numbered; they become rows when somebody looks."""

    def __init__(self) -> None:
        self._new: deque[tuple[int, int, Event]] = deque(maxlen=KEPT)
        self._rows: deque[EventRow] = deque(maxlen=KEPT)
        self._shown: tuple[EventRow, ...] = ()
        self._seq = 0

    def add(self, event: Event, now: int) -> None:
        """Number an event and keep it."""
        self._seq += 1
        self._new.append((self._seq, now, event))

    def rows(self) -> tuple[EventRow, ...]:
        """What is kept, oldest first; the same object as before where nothing came."""
        if self._new:
            self._rows.extend(event_row(*numbered) for numbered in self._new)
            self._new.clear()
            self._shown = tuple(self._rows)
        return self._shown


def event_row(seq: int, now: int, event: Event) -> EventRow:
    """An event as a line, made safe."""
    kind, level, agent, text = _describe(event)
    return EventRow(seq, now, kind, level, safe_text(agent, limit=64), safe_text(text, limit=_TEXT))


def _describe(event: Event) -> tuple[str, Level, str, str]:
    match event:
        case Judged(action=action, verdict=verdict):
            text = f"{action.tool}{_because(verdict)} {in_one_line(action)}"
            return verdict.verdict, _LEVELS[verdict.verdict], action.agent, text
        case Asked(decision=decision):
            action = decision.action
            text = f"{decision.priority}: {action.tool} {in_one_line(action)}"
            return "asked", "warn", action.agent, text
        case Changed(kind=kind, decision=decision, operator=operator):
            by = f" by {operator}" if operator else ""
            return kind, "idle", decision.action.agent, f"{decision.action.tool}{by}"
        case Reported(outcome=outcome, action=action):
            level: Level = "bad" if outcome.status == "failed" else "ok"
            text = f"{action.tool} {outcome.duration_us / 1000:.1f} ms {outcome.detail}"
            return outcome.status, level, outcome.agent, text
        case TurnedAway(agent=agent, code=code, reason=reason):
            return f"refused {code}", "bad", agent, reason
        case Noted(kind=kind, operator=operator, agent=agent, text=text):
            by = f"by {operator}" if operator else ""
            level = "bad" if kind in _BAD_NOTES else "idle"
            return kind, level, agent, f"{text} {by}".strip()


def _because(verdict: Verdict) -> str:
    if verdict.verdict == "allow" and not verdict.decision:
        return ""
    return f" ({'; '.join(verdict.reasons[:3])[:_BECAUSE]})"
