"""What each command does, by id: the one place where declarations meet deeds."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from app.console import themes
from app.console.commands import display
from app.console.dialogs import Ask, Choose, Confirm, Palette, Sitting, Switch
from app.console.dialogs.choose import Option
from app.console.screens.report import CADENCES
from app.desk import DeskError
from components.views import NodeRow

if TYPE_CHECKING:
    from app.console.app import Console

Act = Callable[[], object]


def acts(console: "Console") -> dict[str, Act]:
    """The deed of every command."""
    deciding, watch, audit = console.deciding, console.watch_screen, console.audit_screen
    alerting, trends, report = console.alerting, console.trends_screen, console.report_screen
    proposing = console.proposing
    return {
        "approve": deciding.approve,
        "reject": deciding.reject,
        "modify": deciding.modify,
        "escalate": deciding.escalate,
        "claim": deciding.claim,
        "snooze": deciding.snooze,
        "undo": deciding.undo,
        "approve_similar": deciding.approve_similar,
        "reject_similar": deciding.reject_similar,
        "mark": deciding.mark,
        "pause": lambda: console.outbox.add(console.desk.pause_agent(console.situation().agent)),
        "stop": lambda: _stop(console),
        "revoke": lambda: console.outbox.add(console.desk.revoke_grant(console.situation().grant)),
        "accept_suggestion": proposing.accept,
        "dismiss_suggestion": proposing.dismiss,
        "acknowledge": alerting.acknowledge,
        "silence": alerting.silence,
        "unsilence": alerting.unsilence,
        "earlier": lambda: trends.pan(-1),
        "later": lambda: trends.pan(1),
        "closer": lambda: trends.zoom(-1),
        "wider": lambda: trends.zoom(1),
        "newest": trends.newest,
        "log_scale": trends.toggle_log,
        "export_trend": trends.export,
        "baseline": trends.set_baseline,
        **{cadence: partial(report.choose, cadence) for cadence in CADENCES},
        "next_report": lambda: report.following(1),
        "previous_report": lambda: report.following(-1),
        "accept": lambda: _accept(console),
        "dismiss": lambda: _dismiss(console),
        "verify": audit.verify,
        "export": audit.export,
        "filter": lambda: _filter(console),
        "zoom": lambda: watch.toggle_class("zoom"),
        "read_on": lambda: _page(console, 1),
        "read_back": lambda: _page(console, -1),
        "leave": lambda: _leave(console),
        "theme": lambda: _theme(console),
        "operator": lambda: _operator(console),
        "node": lambda: _node(console),
        "watch": lambda: _go(console, "watch"),
        "audit": lambda: _go(console, "audit"),
        "learning": lambda: _go(console, "learning"),
        "agents": lambda: _go(console, "agents"),
        "alerts": lambda: _go(console, "alerts"),
        "trends": lambda: _go(console, "trends"),
        "report": lambda: _go(console, "report"),
        "help": lambda: _go(console, "help"),
        "palette": lambda: _palette(console),
        "quit": lambda: _quit(console),
    }


def _go(console: "Console", name: str) -> None:
    base = console.base
    if base is not None and name != base.SCOPE:
        console.switch_screen(name)
        console.call_after_refresh(console.pull)


def _page(console: "Console", by: int) -> None:
    learning = console.learning_screen
    pane = learning.pane if console.base is learning else console.watch_screen.pane
    pane.action_page(by)


def _stop(console: "Console") -> None:
    stopped = console.desk.is_stopped()
    title, verb, text = (
        ("RESUME all intake", "resume", "Agents may ask again.")
        if stopped
        else ("STOP everything", "stop", "All intake is paused: what agents ask is denied.")
    )
    console.ask(
        Confirm(title, [(text, "strong")], console.keys_of("stop"), verb),
        # What was read is what is done, whatever another did meanwhile.
        lambda _: console.outbox.add(console.desk.stop_everything(not stopped)),
    )


def _accept(console: "Console") -> None:
    row = console.report_screen.advice
    if row is None:
        return
    bound, report = row.id, console.report_screen
    text = [
        (row.text, "strong"),
        (row.change, "warn"),
        ("It waits for a decision then, as any other change of a setting does.", "dim"),
    ]
    console.ask(
        Confirm("ACCEPT", text, console.keys_of("accept"), "ask for the change"),
        lambda _: console.outbox.add(
            console.desk.accept_recommendation(bound), lambda well: report.load() if well else None
        ),
    )


def _dismiss(console: "Console") -> None:
    row = console.report_screen.advice
    if row is None:
        return
    bound, report = row.id, console.report_screen
    text = [
        (row.text, "strong"),
        ("It comes back when the evidence for it is another; a word why:", "dim"),
    ]
    console.ask(
        Ask("DISMISS", text, "dismiss", "not for us"),
        lambda why: console.outbox.add(
            console.desk.dismiss_recommendation(bound, why or "not for us"),
            lambda well: report.load() if well else None,
        ),
    )


def _filter(console: "Console") -> None:
    base = console.base
    if base is console.watch_screen:
        console.watch_screen.begin_filter()
    elif base is console.audit_screen:
        console.audit_screen.begin_filter()


def _leave(console: "Console") -> None:
    base = console.base
    if base is console.audit_screen:
        console.audit_screen.end_filter()
    elif base is console.watch_screen and not console.watch_screen.end_filter(keep=False):
        if console.watch_screen.has_class("zoom"):
            console.watch_screen.remove_class("zoom")
        elif console.selection.clear_marks():
            console.say("All marks are taken off.", "text")


def _theme(console: "Console") -> None:
    console.theme = themes.following(console.theme)
    console.say(f"Theme: {console.theme}", "text")


def _operator(console: "Console") -> None:
    desk = console.desk
    try:
        people = desk.operators()
    except DeskError as error:
        console.say(str(error), "bad")
        return
    if [person.name for person in people] == [desk.operator]:
        console.say("Nobody else is enrolled here: `assent operator add NAME` does it.", "text")
        return
    console.ask(Switch(people, desk.operator), lambda chosen: _seat(console, chosen))


def _seat(console: "Console", chosen: Sitting) -> None:
    console.say(f"Opening {chosen.name}'s key …", "dim")
    console.outbox.add(console.desk.switch_operator(chosen.name, chosen.passphrase))


def _node(console: "Console") -> None:
    desk = console.desk
    others = [name for name in desk.nodes() if name != desk.node]
    if not others:
        console.say(f"This console is attached to {desk.node} alone.", "text")
        return
    waiting = {row.name: row for row in desk.snapshot().health.beside}
    options = [
        Option(name, name, str(number), _beside(waiting.get(name)))
        for number, name in enumerate(others, 1)
    ]
    console.ask(Choose("LOOK AT", options), console.look_at)


def _beside(row: NodeRow | None) -> str:
    if row is None or row.silent:
        return "not heard"
    return f"{row.waiting:,} waiting"


def _palette(console: "Console") -> None:
    situation = console.situation()
    options = [
        Option(
            command.id,
            command.label,
            display(command.keys[0]) if command.keys else "",
            command.help,
        )
        for command in console.commands
        if command.here(situation.scope) and command.id != "palette"
    ]
    console.ask(Palette("COMMANDS", options), lambda chosen: _chosen(console, chosen))


def _chosen(console: "Console", chosen: str) -> None:
    """Run a command found in the palette; those that decide only act by their own key."""
    command = next(one for one in console.commands if one.id == chosen)
    if why := command.hindrance(console.situation()):
        console.say(f"{command.label}: {why}", "warn")
    elif command.armed:
        keys = " or ".join(display(key) for key in command.keys)
        console.say(f"{command.label} acts only by its key: press {keys}.", "text")
    else:
        acts(console)[chosen]()


def _quit(console: "Console") -> None:
    waiting = console.desk.snapshot().health.waiting
    if not waiting:
        console.exit(0)
        return
    text = f"{waiting:,} wait for a decision. They stay waiting until their deadlines."
    console.ask(
        Confirm("QUIT", [(text, "strong")], console.keys_of("quit"), "quit"),
        lambda _: console.exit(0),
    )
