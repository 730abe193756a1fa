"""What the operator has before them, gathered from the screens."""

from typing import TYPE_CHECKING

from app.console.commands import Situation
from components.views import Snapshot

if TYPE_CHECKING:
    from app.console.app import Console


def situation_of(console: "Console", snapshot: Snapshot | None) -> Situation:
    """What the commands judge by; `snapshot` is what is shown."""
    base, selection = console.base, console.selection
    scope = base.SCOPE if base is not None else "watch"
    view = selection.view
    on_agents, on_learning = scope == "agents", scope == "learning"
    agents, learning = console.agents_screen, console.learning_screen
    return Situation(
        scope=scope,
        operator=console.desk.operator,
        view=view,
        gone=selection.gone,
        seen=learning.pane.seen if on_learning else console.watch_screen.pane.seen,
        marked=len(selection.marks),
        width=console.size.width,
        height=console.size.height,
        agent=agents.agent if on_agents else view.agent if view else "",
        grant=agents.grant if on_agents else "",
        undo=selection.undoable,
        alert=console.alerts_screen.alert if scope == "alerts" else None,
        now=console.clock.now(),
        advice=console.report_screen.advice if scope == "report" else None,
        suggestion=learning.suggestion if on_learning else None,
        starting=snapshot is not None and snapshot.health.state == "starting",
    )
