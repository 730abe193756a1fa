"""The console: Textual on the main thread, over a desk that lives elsewhere.

It pulls the newest snapshot eight times a second, four under strain, and repaints what changed.
Every key passes `on_event` first, so that arming sees all of them, at the times they were pressed.
"""

import asyncio
import signal
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.segment import Segment, Segments
from textual import events, on
from textual.app import App
from textual.driver import Driver
from textual.filter import LineFilter, Monochrome, NoColor

from app.console import themes
from app.console.acts import acts
from app.console.alerting import Alerting
from app.console.arming import QUIET_NS, Arming
from app.console.commands import Situation, display, remapped
from app.console.deciding import Deciding
from app.console.dialogs import Dialog
from app.console.frames import PULL_S, Frames
from app.console.guard import GUARD, PLAIN
from app.console.hangup import GONE, SurvivingDriver, hung_up
from app.console.notify import Notify, Teller
from app.console.outbox import Outbox
from app.console.proposing import Proposing
from app.console.screens import (
    AgentsScreen,
    AlertsScreen,
    AuditScreen,
    Base,
    HelpScreen,
    LearningScreen,
    ReportScreen,
    TrendsScreen,
    WatchScreen,
)
from app.console.selection import Selection
from app.console.situation import situation_of
from app.desk import Desk
from components.clock import Clock
from components.views import Snapshot
from widgets import KeyHint, Moved, Tone, clean

NOT_BEGUN = 2
"""The status of a console whose `begin` did not go well."""

_SAID_NS = 10_000_000_000
_OFFER = "Enough was seen for a first baseline: press 6, then b."


class Console(App[int]):
    """The operator's console over a desk.

    `theme` is one of `themes.NAMES`; `plain` draws in bold, underline and reverse only (None: as
    `NO_COLOR` says). `keymap` gives other keys to commands, by id. `notify` says how the terminal
    tells of new alerts. `frame` hears how long each frame took: one pull and the repaints up to
    the next, in ns. `begin` runs on a thread of its own once the first screen stands; where it
    returns False, the console ends. Raises `BadKeymap`.
    """

    CSS_PATH = "console.tcss"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False

    def __init__(
        self,
        desk: Desk,
        clock: Clock,
        *,
        theme: str = themes.DEFAULT,
        plain: bool | None = None,
        keymap: Mapping[str, str] | None = None,
        seconds: float | None = None,
        notify: Notify = "title",
        frame: Callable[[int], None] = lambda _: None,
        begin: Callable[[], bool] | None = None,
    ) -> None:
        super().__init__()
        self.no_color = self.no_color if plain is None else plain
        themes.register(self, theme)
        self.desk = desk
        self.clock = clock
        self.commands = remapped(keymap or {})
        self._seconds = seconds
        self._frames = Frames(clock, frame)
        self._begin = begin
        self.watch_screen = WatchScreen()
        self.audit_screen = AuditScreen(desk, clock, self.say)
        self.learning_screen = LearningScreen()
        self.agents_screen = AgentsScreen()
        self.alerts_screen = AlertsScreen(desk, self.say)
        self.trends_screen = TrendsScreen(desk, clock, self.say)
        self.report_screen = ReportScreen(desk, self.say)
        self.outbox = Outbox(self.say)
        self.selection = Selection(desk, clock, self.watch_screen)
        self.deciding = Deciding(self.desk, self.selection, self.outbox, self)
        self.alerting = Alerting(desk, clock, self.alerts_screen, self.outbox, self)
        self.proposing = Proposing(desk, self.learning_screen, self.outbox, self)
        self._acts = acts(self)
        self._arming = Arming()
        self._held: Callable[[], object] | None = None
        self._held_marks: frozenset[str] = frozenset()  # what was marked as its key was pressed
        self._key_at = 0
        self._focus_changes = 0
        self._snapshot: Snapshot | None = None
        self._said: tuple[str, Tone, int] = ("", "dim", 0)
        self._teller = Teller(notify, self._write)
        self._own = self._seated = desk.operator
        self._node = desk.node

    # Life.

    def on_mount(self) -> None:
        """Install the screens, bind the keys, begin to pull."""
        for name, screen in (
            ("watch", self.watch_screen),
            ("audit", self.audit_screen),
            ("learning", self.learning_screen),
            ("agents", self.agents_screen),
            ("alerts", self.alerts_screen),
            ("trends", self.trends_screen),
            ("report", self.report_screen),
            ("help", HelpScreen(self.commands)),
        ):
            screen.drawing = self._frames.drawing
            self.install_screen(screen, name)
        for key in {key for command in self.commands for key in command.keys}:
            self.bind(key, f"press({key!r})", show=False)
        if self._seconds is not None:
            self.set_timer(self._seconds, lambda: self.exit(0))
        for signalled in () if self.is_headless else (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(signalled, self._signalled, signalled)
        self._write("\x1b[22;0t")  # the terminal keeps its own title for later
        self.push_screen("watch", wait_for_dismiss=False)
        self.set_interval(PULL_S, self._beat)
        self.call_after_refresh(self._first_pull)

    def _first_pull(self) -> None:
        self.pull()
        if self._begin is not None:
            self.call_after_refresh(self._run_begin, self._begin)

    def _run_begin(self, begin: Callable[[], bool]) -> None:
        self.run_worker(self._beginning(begin))

    async def _beginning(self, begin: Callable[[], bool]) -> None:
        if not await asyncio.to_thread(begin):
            self.exit(NOT_BEGUN, return_code=NOT_BEGUN)

    def _signalled(self, name: signal.Signals) -> None:
        """Asked to end: orderly, with the terminal given back if it is still there."""
        self.exit(0 if name is signal.SIGTERM else GONE, return_code=GONE * (name is signal.SIGHUP))

    def get_driver_class(self) -> type[Driver]:
        """The driver for a real terminal: one that survives its going away."""
        return SurvivingDriver

    def on_unmount(self) -> None:
        """Give the terminal its title back."""
        self._write("\x1b[23;0t")

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Every line of every widget passes the guard last."""
        if self.no_color:
            return [PLAIN, GUARD]
        filters = super().get_line_filters()
        return [*(one for one in filters if not isinstance(one, Monochrome | NoColor)), GUARD]

    def _fatal_error(self) -> None:
        """After a crash: the traceback without any values, made safe. The return code is 1."""
        text = "\n".join(clean(line) for line in traceback.format_exc().splitlines())
        self._exit_renderables.append(Segments([Segment(text + "\n")]))
        self._close_messages_no_wait()

    def _write(self, sequence: str) -> None:
        if self._driver is not None and not self.is_headless:
            self._driver.write(sequence)

    # Pulling.

    @property
    def base(self) -> Base | None:
        """The screen under all dialogs."""
        stack = self._screen_stack if self.is_running else []
        return next((one for one in reversed(stack) if isinstance(one, Base)), None)

    def _beat(self) -> None:
        if not self._frames.rest():
            self.pull()

    def pull(self) -> None:
        """Show the newest snapshot, follow the selection, say what came back."""
        base = self.base
        if base is None:
            return
        self._frames.end()
        with self._frames.drawing():
            self._pull(base)

    def _pull(self, base: Base) -> None:
        if not self.is_headless and hung_up():
            self.exit(return_code=GONE)
            return
        self.outbox.poll()
        self._look_who_sits(base)
        snapshot = self._snapshot = self.desk.snapshot()
        base.pull(snapshot, self.clock.now())
        if news := self.selection.follow():
            self.say(news, "warn")
        self._look(self.clock.monotonic())
        base.hint(self._hints())
        self._repeat_said(base)
        self._teller.tell(snapshot, self.clock.now())

    def _look_who_sits(self, base: Base) -> None:
        """Name the operator; whoever just sat down has read nothing yet and marked nothing."""
        operator = self.desk.operator
        if operator != self._seated:
            self._seated = operator
            self.selection.change_hands()
            self.learning_screen.pane.read_anew()
        base.health.seat(operator, visiting=operator != self._own)

    def look_at(self, node: str) -> None:
        """Look at another node, and forget all that was seen of the one before."""
        self.desk.switch_node(node)
        self._node = self.desk.node
        self.selection.move_on()
        self._teller.forget()
        for screen in (
            self.audit_screen, self.alerts_screen, self.trends_screen, self.report_screen,
            self.learning_screen,
        ):  # fmt: skip
            screen.forget()
        if self.base is not self.watch_screen:
            self.switch_screen("watch")
        self.say(f"Looking at {self._node} now.", "ok")
        self.call_after_refresh(self.pull)

    def say(self, text: str, tone: Tone) -> None:
        """Tell the operator; shown on the screen in front for ten seconds."""
        self._said = (text, tone, self.clock.monotonic())
        screen = self.screen
        if isinstance(screen, Base | Dialog):
            screen.say(text, tone)

    def _repeat_said(self, base: Base) -> None:
        text, tone, at = self._said
        if self.clock.monotonic() - at > _SAID_NS or not text:
            text, tone = self._standing_word(base)
        base.say(text, tone)

    def _standing_word(self, base: Base) -> tuple[str, Tone]:
        """What is said while nothing else is: the first alert, or a hint."""
        snapshot = self._snapshot
        if snapshot is not None and snapshot.health.alerts:
            return snapshot.health.alerts[0], "bad"
        if snapshot is not None and snapshot.baseline_offered and base is self.watch_screen:
            return _OFFER, "text"
        return "", "dim"

    def _hints(self) -> tuple[KeyHint, ...]:
        situation = self.situation()
        here = [one for one in self.commands if one.footer and one.here(situation.scope)]
        return tuple(
            KeyHint(display(one.keys[0]), one.label, not one.hindrance(situation), one.together)
            for one in sorted(here, key=lambda one: one.footer)
            if one.keys
        )

    def situation(self) -> Situation:
        """What the operator has before them."""
        return situation_of(self, self._snapshot)

    @on(Moved, "#waiting")
    def moved(self, event: Moved) -> None:
        """The operator chose another decision."""
        self._open(str(event.key))

    def _open(self, decision_id: str) -> None:
        """Show a decision at once, unless it is shown already."""
        if decision_id == self.selection.chosen:
            return
        self.selection.choose(decision_id)
        self.watch_screen.paint(self.watch_screen.waiting, self.watch_screen.pane)
        self._look(self.clock.monotonic())

    # Keys.

    async def on_event(self, event: events.Event) -> None:
        """Let arming see every key and paste before anything acts on it."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            age = max(time.monotonic() - event.time, 0.0)
            self._key_at = self.clock.monotonic() - int(age * 1e9)
            self._look(self._key_at)
            if isinstance(event, events.Key):
                self._arming.key(self._key_at)
            else:
                self._arming.pasted(self._key_at)
        elif isinstance(event, events.AppFocus):
            self._focus_changes += 1
        before = self.watch_screen.waiting.cursor
        await super().on_event(event)
        cursor = self.watch_screen.waiting.cursor
        if isinstance(event, events.Key) and cursor not in {before, None}:
            self._open(str(cursor))  # before `Moved` has come round

    def _look(self, now: int) -> None:
        view = self.selection.view
        words = None if view is None else (view.id, view.version, view.display_digest)
        under = self.base.under_cursor if self.base else ""
        self._arming.look(
            (
                self.screen,
                words,
                under,
                self.focused,
                self.size,
                self._focus_changes,
                self._seated,
                self._node,
            ),
            now,
        )

    def action_press(self, key: str) -> None:
        """A key of a command: run it, or say why not."""
        situation = self.situation()
        having = [command for command in self.commands if key in command.keys]
        here = [command for command in having if command.here(situation.scope)]
        if not here:
            where = having[0].scopes[0]
            self.say(f"{having[0].label} works on the {where} screen.", "warn")
            return
        command = here[0]
        if why := command.hindrance(situation):
            self.say(f"{command.label}: {why}", "warn")
        elif command.armed:
            self.armed(command.id, self._acts[command.id])
        else:
            self._acts[command.id]()

    def armed(self, name: str, act: Callable[[], object]) -> None:
        """Run `act` for the key just pressed if it is armed, once it was quiet behind it."""
        if why := self._arming.press(name, self._key_at):
            self.say(why, "warn")
            return
        self._held, self._held_marks = act, frozenset(self.selection.marks)
        self.set_timer(QUIET_NS / 1e9, self._settle)

    def _settle(self) -> None:
        if self._held is None or self.base is None:
            return
        self.selection.follow()
        now = self.clock.monotonic()
        self._look(now)
        name, held = self._arming.settle(now)
        if held:
            self.set_timer(QUIET_NS / 2e9, self._settle)
            return
        act, self._held = self._held, None
        if name and act is not None and self._held_marks == frozenset(self.selection.marks):
            act()
        elif act is not None:
            self.say("Dropped: something changed, or keys came in a burst. Press again.", "warn")

    def keys_of(self, command_id: str) -> tuple[str, ...]:
        """The keys of a command as they are now."""
        return next(command.keys for command in self.commands if command.id == command_id)

    # What the commands share.

    def ask(self, dialog: Dialog[Any], then: Callable[[Any], object]) -> None:
        """Put a dialog in front; `then` hears its result unless the operator left it."""

        def answered(result: Any) -> None:
            if result is not None:
                then(result)

        self.push_screen(dialog, answered)
        self._look(self.clock.monotonic())

    async def action_quit(self) -> None:
        """Ctrl+Q is the same as q."""
        self._acts["quit"]()

    def action_help_quit(self) -> None:
        """Ctrl+C ends nothing: say what does."""
        self.say("Press q to quit.", "text")
