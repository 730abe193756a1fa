"""Hostile text, and a console that is fed nothing else: run as a program in a terminal of its own.

Nothing here passes `safe_text`: what keeps the terminal safe is the console's own last lock.
"""

import sys
import threading
from pathlib import Path
from typing import Any

from msgspec import structs

from app.console import run_console
from app.desk import DeskError
from components.clock import SystemClock
from components.views import (
    AdviceRow,
    LearningView,
    LoveRow,
    PatternRow,
    Section,
    SuggestionRow,
    TrendView,
)
from tests.console import scenes
from tests.console.desk import MemoryDesk

CORPUS = {
    71: "\x1b]52;c;RVZJTA==\x07",
    72: "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    73: "\x1bc\x1b[2J\x1b[3J\x1b[1;1H\x1b[?1049l\x1b[8;1;1t",
    74: "\x9b31m\x9d52;c;QUFB\x9c\x90q#0\x9c\x85",
    75: "\x1b]0;never ends \x1bPq never ends",
    77: "\u202egnp.exe\u2066abc\u2069\u200f\u061c",
    78: "a\u200bb\u2060c\ufeffd\U000e0041\U000e007fe\ufe0ff\U000e0100\u00ad",
    79: "https://g\u0456thub.example/",
    80: "ok\r\nFAKE: approved\rX\x0bY\x0cZ\x08\x08\x7f\u2028W\x00",
    82: "e"
    + "\u0301" * 40
    + "\U0001f468\u200d\U0001f469\u200d\U0001f467\U0001f44d\U0001f3fd"
    + "\U0001f1e9\U0001f1ea\u1100\u1161\u11a8漢字",
    83: "[@click=app.quit]x[/] [/x] [[[ [red]red[/red] [link=http://evil.example]l[/link] \\[",
}
RAW = " ".join(CORPUS.values()) + "\ud800"
BEYOND = tuple("\u202e\u2066\u2069\u200f\u061c\u200b\u2060\ufeff\U000e0041\ufe0f\u00ad\u200d\u2028")
FINAL = "TERMINAL-STAYS-WHOLE"


class SwiftClock(SystemClock):
    """Monotonic time runs eight times as fast, so that arming costs the test little."""

    def monotonic(self) -> int:
        return super().monotonic() * 8


class HostileDesk(MemoryDesk):
    """Every string that can be hostile is."""

    def undo(self, decision_id: str) -> Any:
        self._note("undo", id=decision_id)
        return self._try(self._fail)

    escalate = undo

    def claim(self, decision_id: str) -> Any:
        return self.undo(decision_id)

    def audit_verify(self, progress: Any) -> str:
        raise DeskError(RAW)

    def trend(self, operation: str, since: int, until: int, points: int) -> TrendView:
        view = super().trend(operation, since, until, points)
        bands = tuple(structs.replace(band, rule=RAW, text=RAW) for band in view.bands)
        bands = (*bands, structs.replace(bands[0], severity=RAW))
        base = structs.replace(view.baseline, name=RAW, other_machine=True)
        return structs.replace(view, operation=RAW, title=RAW, bands=bands, baseline=base)

    def report(self, cadence: Any) -> Any:
        advice = (AdviceRow("r-1", RAW, RAW, RAW), AdviceRow("r-2", RAW, RAW, ""))
        return structs.replace(
            super().report(cadence), title=RAW, lines=((RAW, "text"), (RAW, "warn")),
            advice=advice,
        )  # fmt: skip

    def set_baseline(self, name: str, minutes: int) -> str:
        raise DeskError(RAW)

    def _fail(self) -> str:
        raise DeskError(RAW)


def view(number: int, priority: str, now: int) -> Any:
    return scenes.decision(
        number,
        now=now,
        priority=priority,
        headline=RAW,
        agent=RAW,
        tool=RAW,
        sections=(
            Section(RAW, RAW, "action"),
            Section("why", RAW * 2, "reason"),
            Section(RAW, RAW, "concern"),
            Section("end", FINAL, "action"),
        ),
        policy_version=RAW,
        dimensions=((RAW, 0.2),),
        arguments_json='{"command": "' + RAW.replace("\\", "").replace('"', "") + '"}',
        alike=RAW,
    )


def desk(now: int) -> HostileDesk:
    """A desk that shows the corpus in every field of every view."""
    views = [view(number, "high", now) for number in range(1, 4)]
    for one in views:
        structs.force_setattr(one, "agent", RAW)
        structs.force_setattr(one, "tool", RAW)
    views.append(structs.replace(views[0], id="d-9", claimed_by=RAW, answered_by=(RAW,)))
    result = HostileDesk(SystemClock(), views)
    snapshot = result.snapshot()
    result.audit = [
        structs.replace(row, kind=RAW, agent=RAW, tool=RAW, verdict=RAW, operator=RAW, text=RAW)
        for row in result.audit
    ]
    result.history = [
        structs.replace(row, rule=RAW, series=RAW, text=RAW, operator=RAW, state=state)
        for row in result.history
        for state in (row.state, RAW)
    ]
    result.changed(
        alerts=tuple(
            structs.replace(
                row,
                rule=RAW,
                series=RAW,
                text=RAW,
                value=RAW,
                acknowledged_by=RAW,
                why=RAW,
                inhibited_by=inhibited,
                severity=severity,
            )
            for row, inhibited, severity in zip(
                snapshot.alerts, ("", RAW) * 3, ("critical", RAW, "low") * 2, strict=True
            )
        ),
        gauges=tuple(structs.replace(row, title=RAW, value=RAW) for row in snapshot.gauges),
        memory=tuple(structs.replace(row, title=RAW) for row in snapshot.memory),
        all_operations=tuple(structs.replace(row, title=RAW) for row in snapshot.all_operations),
        health=structs.replace(snapshot.health, node=RAW, detail="", alerts=(RAW,), audit_root=RAW),
        operations=tuple(structs.replace(row, title=RAW) for row in snapshot.operations),
        events=tuple(
            structs.replace(row, kind=RAW, agent=RAW, text=RAW) for row in snapshot.events
        ),
        agents=tuple(
            structs.replace(row, name=f"{RAW}{index}") for index, row in enumerate(snapshot.agents)
        ),
        grants=tuple(
            structs.replace(row, agent=RAW, tool=RAW, shape=RAW, verdict=RAW, operator=RAW)
            for row in snapshot.grants
        ),
        learning=LearningView(
            experiences=3,
            success_rate=0.5,
            patterns=(PatternRow(RAW, RAW, RAW),),
            suggestions=(SuggestionRow("s", RAW, RAW, RAW),),
            love=LoveRow(0.5, 0.5, 0.5, 0.5, 3),
            alignment=None,
            alignment_low=None,
            alignment_high=None,
            alignment_n=0,
        ),
    )
    return result


def alarm(one: HostileDesk) -> None:
    """A new alert whose every string is hostile."""
    rows = one.snapshot().alerts
    one.changed(
        alerts=(*rows, structs.replace(rows[0], id="new", acknowledged_by="", inhibited_by=""))
    )


def main() -> int:
    """Run, and leave what was asked of the desk in the file that is named."""
    one = desk(SystemClock().now())
    if "--crash" in sys.argv:
        one.decision = lambda _id: (_ for _ in ()).throw(RuntimeError(RAW))  # type: ignore[method-assign]
    if "--alert" in sys.argv:
        threading.Timer(1.5, alarm, [one]).start()
    status = run_console(one, SwiftClock(), notify="desktop")
    Path(sys.argv[1]).write_text("\n".join(name for name, _ in one.calls))
    return status


if __name__ == "__main__":
    sys.exit(main())
