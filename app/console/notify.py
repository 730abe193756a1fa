"""How the terminal tells of new alerts while nobody looks at it.

Only a rule's name and a severity leave here, reduced to plain characters: no text that anybody
else wrote reaches a sequence that the terminal obeys.
"""

import os
import re
from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import Struct

from components.views import AlertRow, Snapshot

Notify = Literal["off", "title", "bell", "desktop"]

SEVERITIES = ("critical", "high", "medium", "low")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST = 48
_OSC_777 = ("rxvt", "foot")
"""Terminals, by the start of TERM, that know the other sequence."""


class Told(Struct, frozen=True):
    """The alerts that were standing when the terminal was last written to."""

    ids: frozenset[str] = frozenset()
    begun: bool = False


def standing(alerts: Sequence[AlertRow], now: int) -> list[AlertRow]:
    """The alerts that ask for somebody: they fire, and nobody has answered for them."""
    return [
        row
        for row in alerts
        if row.state == "firing"
        and not row.inhibited_by
        and not row.acknowledged_by
        and row.silenced_until <= now
    ]


def title(how: Notify, waiting: int, alerts: int) -> str:
    """The sequence that sets the terminal's title: what waits, and how many alerts stand."""
    if how == "off":
        return ""
    counts = (f"({waiting}) " if waiting else "") + (f"!{alerts} " if alerts else "")
    return f"\x1b]2;{counts}Assent\x07"


def announced(
    how: Notify, told: Told, alerts: Sequence[AlertRow], now: int, term: str = ""
) -> tuple[str, Told]:
    """(what to write to the terminal, what has been told now).

    Alerts that stood before the console began are not announced: they are on its screen.
    """
    rows = standing(alerts, now)
    fresh = [row for row in rows if row.id not in told.ids] if told.begun else []
    after = Told(frozenset(row.id for row in rows), begun=True)
    if not fresh or how in {"off", "title"}:
        return "", after
    return ("\x07" if how == "bell" else _desktop(fresh, term)), after


class Teller:
    """Writes to the terminal what changed: its title, and as `how` says a bell or a message."""

    def __init__(self, how: Notify, write: Callable[[str], None]) -> None:
        self._how = how
        self._write = write
        self._title = ""
        self._told = Told()

    def tell(self, snapshot: Snapshot, now: int) -> None:
        """Tell of a snapshot; `now` is the wall clock in µs."""
        alerts = len(standing(snapshot.alerts, now))
        wanted = title(self._how, snapshot.health.waiting, alerts)
        if wanted != self._title:
            self._title = wanted
            self._write(wanted)
        term = os.environ.get("TERM", "")
        sequence, self._told = announced(self._how, self._told, snapshot.alerts, now, term)
        if sequence:
            self._write(sequence)

    def forget(self) -> None:
        """Another node's alerts come next: those that stand there are not new."""
        self._told = Told()


def _desktop(fresh: Sequence[AlertRow], term: str) -> str:
    worst = min(fresh, key=lambda row: _rank(row.severity))
    more = f" and {len(fresh) - 1} more" if len(fresh) > 1 else ""
    severity = worst.severity if worst.severity in SEVERITIES else "alert"
    rule = _NOT_PLAIN.sub("-", worst.rule)[:_LONGEST]
    text = f"{severity} {rule}{more}"
    if term.startswith(_OSC_777):
        return f"\x1b]777;notify;Assent;{text}\x07"
    return f"\x1b]9;Assent: {text}\x07"


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
