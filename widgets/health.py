"""The health line: is everything well, and what waits?"""

from components.views import Health, NodeRow
from widgets import figures
from widgets.cells import cell_len
from widgets.lines import Face, LineView

_STATES = {
    "starting": ("◌", "warn"),
    "open": ("●", "ok"),
    "paused": ("‖", "warn"),
    "draining": ("▽", "warn"),
    "frozen": ("✖", "bad"),
    "retired": ("✖", "bad"),
    "stopping": ("◌", "warn"),
}


def health_face(
    health: Health, now: int, width: int, operator: str = "", *, visiting: bool = False
) -> Face:
    """The line, with what matters least left out where the width is small.

    `operator` is who answers; one who is `visiting` this console is never left out.
    """
    sign, ink = _STATES[health.state]
    state = health.state + (f": {health.detail}" if health.detail else "")
    waiting = ("warn" if health.waiting else "dim", f"◆ {health.waiting:,} waiting")
    alerts = len(health.alerts)
    alert = ("bad" if alerts else "dim", f"▲ {alerts} alert{'' if alerts == 1 else 's'}")
    clock = figures.clock(now) + " UTC"
    log = (5, "dim", f"audit #{health.audit_size:,} {health.audit_root[:8]}")
    parts: list[tuple[int, str, str]] = [
        (0 if visiting else 2, "warn" if visiting else "dim", f"@{operator}"),
        (0, ink, f"{sign} {state}"),
        (0, waiting[0], waiting[1]),
    ]
    measured = [
        (0, alert[0], alert[1]),
        *(_beside(row) for row in health.beside),
        (3, "text", f"{figures.rate(health.per_s)} actions/s"),
        (4, "dim", f"{health.agents} agent{'' if health.agents == 1 else 's'}"),
        *((5, "dim", f"{len(health.duty)} on duty") for _ in health.duty[:1]),
        log,
        (6, "dim", f"lag {figures.duration(health.loop_lag_us)}"),
        (7, "dim", f"up {figures.span(health.uptime_s)}"),
    ]
    parts += [log] if health.state == "starting" else measured  # nothing is measured before
    name = f" {health.node}  "
    room = width - cell_len(name) - cell_len(clock) - 2
    while max(parts)[0] and sum(cell_len(text) + 3 for _, _, text in parts) > room:
        parts.remove(max(parts))
    face = [(name, "strong")]
    for _, colour, text in parts:
        face.append((text + "   ", colour))
    gap = width - cell_len(clock) - 1 - sum(cell_len(text) for text, _ in face)
    if gap >= 0:
        face.append((" " * gap + clock + " ", "dim"))
    return tuple(face)


def _beside(row: NodeRow) -> tuple[int, str, str]:
    """What waits at another node of this console; one that is not heard is no good news."""
    if row.silent:
        return 1, "bad", f"{row.name} silent"
    return 1, "warn" if row.waiting else "dim", f"{row.name} {row.waiting:,}"


class HealthLine(LineView, can_focus=False):
    """One line at the top of every screen."""

    HEADED = False
    DEFAULT_CSS = "HealthLine { height: 1; width: 100%; dock: top; }"

    def __init__(self) -> None:
        super().__init__(id="health")
        self._health: Health | None = None
        self._now = 0
        self._operator = ""
        self._visiting = False

    def count(self) -> int:
        """One line, as soon as there is a snapshot."""
        return int(self._health is not None)

    def face(self, index: int, width: int) -> Face:
        """The line itself."""
        del index
        if self._health is None:
            return ()
        return health_face(
            self._health, self._now, width + 1, self._operator, visiting=self._visiting
        )

    def ground(self, index: int) -> str:
        """The line stands on the bar's ground."""
        del index
        return "bar"

    def seat(self, operator: str, *, visiting: bool) -> None:
        """Name who answers; `visiting` where it is not this console's own operator."""
        self._operator, self._visiting = operator, visiting

    def show(self, health: Health, now: int) -> None:
        """Show this health; `now` is the wall clock in µs."""
        self._health, self._now = health, now
        self.poke()
