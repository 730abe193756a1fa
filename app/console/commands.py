"""Every command, declared once: the keys, the footer, the palette and the help come from here."""

from collections.abc import Callable, Mapping
from typing import Literal, get_args

from msgspec import Struct, structs

from components.views import AdviceRow, AlertRow, DecisionView, SuggestionRow

Scope = Literal["watch", "audit", "learning", "agents", "alerts", "trends", "report", "help"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
Group = Literal["decide", "agents", "learning", "alerts", "trends", "report", "audit", "look", "go"]

MINIMUM = (40, 10)
"""Columns and rows below which nothing can be approved: too little of it would be seen."""


class Situation(Struct, frozen=True, kw_only=True):
    """What the operator has before them; the commands say from this whether they can act."""

    scope: Scope
    operator: str
    view: DecisionView | None = None
    gone: str = ""
    seen: float = 1.0
    marked: int = 0
    width: int = 80
    height: int = 24
    agent: str = ""
    grant: str = ""
    undo: str = ""
    alert: AlertRow | None = None
    now: int = 0
    advice: AdviceRow | None = None
    suggestion: SuggestionRow | None = None
    starting: bool = False


Why = Callable[[Situation], str]
"""Returns why a command cannot act, or "" when it can."""


def _always(situation: Situation) -> str:
    del situation
    return ""


def _selected(situation: Situation) -> str:
    return situation.gone or ("" if situation.view else "Nothing is selected.")


def _open(situation: Situation) -> str:
    """Whether the selected decision can still be answered by this operator."""
    view = situation.view
    if (why := _selected(situation)) or view is None:
        return why
    if view.release_at:
        return "It is answered already; u takes it back until it is released."
    if view.claimed_by not in {"", situation.operator}:
        return f"{view.claimed_by} has claimed it."
    return ""


def _answerable(situation: Situation) -> str:
    return "" if situation.marked else _open(situation)


def _readable(situation: Situation) -> str:
    width, height = MINIMUM
    if situation.width < width or situation.height < height:
        return f"The terminal is too small to approve in: it takes {width}×{height}."
    if not situation.marked and situation.seen < 1.0:
        return f"Seen {int(situation.seen * 100)}% of it: scroll to the end first (PageDown)."
    return ""


def _approvable(situation: Situation) -> str:
    view = situation.view
    if why := _answerable(situation) or _readable(situation):
        return why
    if view and not situation.marked and situation.operator in view.answered_by:
        return "You have approved it already; a second person must."
    return ""


def _approvable_alone(situation: Situation) -> str:
    if situation.marked:
        return "Some are marked: a and r answer those. x takes marks off."
    return _approvable(situation)


def _similar(situation: Situation) -> str:
    view = situation.view
    if view and view.code and not situation.marked:
        return "Critical decisions are answered one by one."
    return _approvable_alone(situation)


def _markable(situation: Situation) -> str:
    view = situation.view
    if view and view.code:
        return "Critical decisions are answered one by one."
    return _open(situation) or _readable(structs.replace(situation, marked=0))


def _undoable(situation: Situation) -> str:
    return "" if situation.undo else "Nothing that you answered can still be taken back."


def _agent_known(situation: Situation) -> str:
    return "" if situation.agent else "No agent is selected."


def _grant_known(situation: Situation) -> str:
    return "" if situation.grant else "No grant is selected: Tab to the grants, choose one."


def _alert_known(situation: Situation) -> str:
    return "" if situation.alert else "No alert is selected."


def _acknowledgeable(situation: Situation) -> str:
    alert = situation.alert
    if alert is not None and alert.acknowledged_by == situation.operator:
        return "You have acknowledged it already."
    if alert is not None and alert.state == "resolved":
        return "It is over."
    return _alert_known(situation)


def _silenced(situation: Situation) -> str:
    alert = situation.alert
    if alert is not None and alert.silenced_until <= situation.now:
        return "It is not silenced."
    return _alert_known(situation)


def _recommended(situation: Situation) -> str:
    if situation.advice is None or situation.advice.change:
        return _dismissable(situation)
    return "It changes no setting: it is for you to act upon."


def _dismissable(situation: Situation) -> str:
    return "" if situation.advice else "No recommendation is selected."


def _acceptable(situation: Situation) -> str:
    suggestion = situation.suggestion
    if suggestion is None or suggestion.why_not:
        return suggestion.why_not if suggestion else _suggested(situation)
    return _readable(structs.replace(situation, marked=0))


def _suggested(situation: Situation) -> str:
    return "" if situation.suggestion else "No suggestion is selected."


_WHILE_STARTING = frozenset({"quit", "leave", "theme"})


class Command(Struct, frozen=True, kw_only=True):
    """One thing the operator can do. `armed` ones act only as `arming` allows.

    `approves` ones may never be put on Enter or Space. `footer` orders the hints in the footer,
    0 leaves the command out; those `together` become one hint of that name where room is short.
    Empty `scopes` means every screen.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    group: Group
    scopes: tuple[Scope, ...] = ()
    armed: bool = False
    approves: bool = False
    footer: int = 0
    together: str = ""
    why: Why = _always

    def here(self, scope: Scope) -> bool:
        """Whether the command belongs to this screen."""
        return not self.scopes or scope in self.scopes

    def hindrance(self, situation: Situation) -> str:
        """Why it cannot act now, or "". While the node starts there is nothing to act on."""
        if situation.starting and self.id not in _WHILE_STARTING:
            return "the node is still starting"
        return self.why(situation)


_DECIDE: tuple[Command, ...] = (
    Command(id="approve", keys=("a",), label="approve", group="decide", scopes=("watch",),
            help="Approve the decision shown, or all marked ones after showing the list",
            armed=True, approves=True, footer=1, why=_approvable),
    Command(id="reject", keys=("r",), label="reject", group="decide", scopes=("watch",),
            help="Reject it, with a reason that goes back to the agent",
            armed=True, footer=2, why=_answerable),
    Command(id="modify", keys=("m",), label="modify", group="decide", scopes=("watch",),
            help="Change the arguments, look at them again, and approve the changed action",
            armed=True, footer=3, why=_approvable_alone),
    Command(id="escalate", keys=("e",), label="escalate", group="decide", scopes=("watch",),
            help="Hand it to the next tier", armed=True, footer=4, why=_selected),
    Command(id="claim", keys=("c",), label="claim", group="decide", scopes=("watch",),
            help="Claim it, so that nobody else answers; again to give it back",
            armed=True, footer=5, why=_open),
    Command(id="snooze", keys=("z",), label="snooze", group="decide", scopes=("watch",),
            help="Put it aside for 1, 5 or 15 minutes, never beyond its deadline",
            armed=True, footer=6, why=_open),
    Command(id="undo", keys=("u",), label="undo", group="decide", scopes=("watch",),
            help="Take your last answer back while it is not yet released",
            armed=True, footer=18, why=_undoable),
    Command(id="approve_similar", keys=("A",), label="approve similar", group="decide",
            scopes=("watch",), armed=True, approves=True, why=_similar,
            help="Approve it and similar ones, for a bounded time and number"),
    Command(id="reject_similar", keys=("R",), label="reject similar", group="decide",
            scopes=("watch",), armed=True, why=_open,
            help="Reject it and similar ones, for a bounded time and number"),
    Command(id="mark", keys=("x", "b"), label="mark", group="decide", scopes=("watch",),
            help="Mark it, as it is now, to be answered with others by one a or r",
            footer=17, why=_markable),
)  # fmt: skip
_SCREENS = tuple(
    Command(id=name, keys=(str(number),), label=name, group="go", footer=8 + number,
            together="screens", help=text)
    for number, (name, text) in enumerate({
        "watch": "The watch screen",
        "audit": "The audit log",
        "learning": "What has been learned",
        "agents": "The agents and the standing grants",
        "alerts": "The alerts, their history, and what is used",
        "trends": "Every operation over hours, days and months",
        "report": "The reports and what they recommend",
    }.items(), 1)
)  # fmt: skip
_REST: tuple[Command, ...] = (
    Command(id="pause", keys=("p",), label="pause", group="agents",
            scopes=("watch", "agents"), armed=True, footer=16, why=_agent_known,
            help="Pause the agent, or resume it: while paused, all it asks for is denied"),
    Command(id="stop", keys=("exclamation_mark",), label="stop", group="agents",
            armed=True, footer=19, help="Stop everything: pause all intake; again to resume"),
    Command(id="revoke", keys=("d", "delete"), label="revoke", group="agents",
            scopes=("agents",), armed=True, footer=1, why=_grant_known,
            help="End the selected standing grant now"),
    Command(id="accept_suggestion", keys=("y",), label="accept", group="learning",
            scopes=("learning",), armed=True, approves=True, footer=1, why=_acceptable,
            help="Put the suggested rule or grant in force, once what it would have done is read"),
    Command(id="dismiss_suggestion", keys=("x", "n"), label="dismiss", group="learning",
            scopes=("learning",), armed=True, footer=2, why=_suggested,
            help="Dismiss the suggestion, with a word why: it is never made again"),
    Command(id="acknowledge", keys=("a",), label="acknowledge", group="alerts",
            scopes=("alerts",), armed=True, footer=1, why=_acknowledgeable,
            help="Say that you have seen the alert, and a word why; it stays until it is over"),
    Command(id="silence", keys=("s",), label="silence", group="alerts", scopes=("alerts",),
            armed=True, footer=2, why=_alert_known,
            help="Silence the alert for a time: it goes on, and nobody is told"),
    Command(id="unsilence", keys=("S",), label="end silence", group="alerts",
            scopes=("alerts",), armed=True, footer=3, why=_silenced,
            help="End the silence of the alert"),
    Command(id="earlier", keys=("left",), label="back", group="trends", scopes=("trends",),
            footer=1, help="Go half a plot back"),
    Command(id="later", keys=("right",), label="on", group="trends", scopes=("trends",),
            footer=2, help="Go half a plot on"),
    Command(id="closer", keys=("plus", "equals_sign"), label="in", group="trends",
            scopes=("trends",), footer=3, help="Show a shorter time: 24 h, 6 h, 1 h"),
    Command(id="wider", keys=("minus",), label="out", group="trends", scopes=("trends",),
            footer=4, help="Show a longer time: 6 h, 24 h, 7 d, 30 d, 92 d"),
    Command(id="newest", keys=("end", "home"), label="now", group="trends",
            scopes=("trends",), footer=5, help="Go to the newest end, and follow it"),
    Command(id="log_scale", keys=("l",), label="log", group="trends", scopes=("trends",),
            footer=6, help="Change between a linear and a logarithmic scale"),
    Command(id="export_trend", keys=("x",), label="export", group="trends",
            scopes=("trends",), footer=7, help="Write what is plotted to a file, as CSV"),
    Command(id="baseline", keys=("b",), label="baseline", group="trends", scopes=("trends",),
            footer=7, help="Make the figures of the last while what is compared with"),
    Command(id="daily", keys=("d",), label="daily", group="report", scopes=("report",),
            footer=1, help="The report of the last day"),
    Command(id="weekly", keys=("w",), label="weekly", group="report", scopes=("report",),
            footer=2, help="The report of the last week"),
    Command(id="monthly", keys=("m",), label="monthly", group="report", scopes=("report",),
            footer=3, help="The report of the last month"),
    Command(id="quarterly", keys=("Q",), label="quarterly", group="report",
            scopes=("report",), footer=4, help="The report of the last quarter"),
    Command(id="next_report", keys=("right",), label="longer", group="report",
            scopes=("report",), help="The report of the next longer time"),
    Command(id="previous_report", keys=("left",), label="shorter", group="report",
            scopes=("report",), help="The report of the next shorter time"),
    Command(id="accept", keys=("y",), label="accept", group="report", scopes=("report",),
            armed=True, footer=5, why=_recommended,
            help="Ask for the setting that is recommended; it waits for a decision then"),
    Command(id="dismiss", keys=("n",), label="dismiss", group="report", scopes=("report",),
            armed=True, footer=6, why=_dismissable,
            help="Dismiss the recommendation, with a word why, until its evidence is another"),
    Command(id="verify", keys=("v",), label="verify", group="audit", scopes=("audit",),
            footer=1, help="Verify the whole audit log"),
    Command(id="export", keys=("x",), label="export", group="audit", scopes=("audit",),
            footer=2, help="Write the listed entries to a file, as JSONL"),
    Command(id="filter", keys=("slash",), label="filter", group="look",
            scopes=("watch", "audit"), footer=20, help="List only what matches; Esc ends it"),
    Command(id="zoom", keys=("enter",), label="open", group="look", scopes=("watch",),
            footer=23, help="Give the decision the whole screen, and back; never approves"),
    Command(id="read_on", keys=("pagedown", "space"), label="read on", group="look",
            scopes=("watch", "learning"),
            help="Scroll the decision or the suggestion down by a page; never approves"),
    Command(id="read_back", keys=("pageup",), label="read back", group="look",
            scopes=("watch", "learning"),
            help="Scroll the decision or the suggestion up by a page"),
    Command(id="leave", keys=("escape",), label="back", group="look",
            help="Leave the filter, the marks or the opened decision"),
    Command(id="theme", keys=("t",), label="theme", group="look", help="Put on the next theme"),
    Command(id="operator", keys=("o",), label="operator", group="go", footer=21,
            help="Switch operator: another person answers from here, by their passphrase"),
    Command(id="node", keys=("N",), label="node", group="go",
            help="Look at another of the nodes that this console is attached to"),
    *_SCREENS,
    Command(id="help", keys=("question_mark", "f1", "8"), label="help", group="go", footer=7,
            help="Every key and what it does"),
    Command(id="palette", keys=("ctrl+p",), label="palette", group="go",
            footer=22, help="Find a command by its name"),
    Command(id="quit", keys=("q",), label="quit", group="go", footer=8,
            help="Leave; what waits stays waiting"),
)  # fmt: skip
COMMANDS = (*_DECIDE, *_REST)

_DISPLAY = {
    "exclamation_mark": "!", "question_mark": "?", "slash": "/", "escape": "Esc",
    "enter": "Enter", "space": "Space", "pagedown": "PgDn", "pageup": "PgUp", "delete": "Del",
    "plus": "+", "minus": "-", "equals_sign": "=", "left": "←", "right": "→", "home": "Home",
    "end": "End",
}  # fmt: skip
_NEVER_APPROVE = frozenset({"enter", "space", "escape", "tab"})


class BadKeymap(ValueError):  # noqa: N818 - what the settings hold
    """The keys in the settings cannot be used; the text says which and why."""


def display(key: str) -> str:
    """A key as people write it."""
    return _DISPLAY.get(key, key.upper() if key[:1] == "f" and key[1:].isdigit() else key)


def remapped(keymap: Mapping[str, str]) -> tuple[Command, ...]:
    """The commands with keys from the settings (command id → keys, comma-separated)."""
    known = {command.id: command for command in COMMANDS}
    for name, keys in keymap.items():
        if name not in known:
            raise BadKeymap(f"keys.{name}: there is no such command")
        chosen = tuple(key.strip() for key in keys.split(",") if key.strip())
        if known[name].approves and _NEVER_APPROVE & set(chosen):
            raise BadKeymap(f"keys.{name}: Enter, Space, Esc and Tab never approve")
        known[name] = structs.replace(known[name], keys=chosen)
    _check_unique(tuple(known.values()))
    return tuple(known.values())


def _check_unique(commands: tuple[Command, ...]) -> None:
    taken: dict[tuple[str, str], str] = {}
    for command in commands:
        for key in command.keys:
            for scope in command.scopes or SCOPES:
                other = taken.setdefault((scope, key), command.id)
                if other != command.id:
                    raise BadKeymap(f"keys.{command.id}: {display(key)} is taken by {other}")
