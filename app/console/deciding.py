"""What the deciding commands do once they may act: dialogs, then one call to the desk.

Every answer carries what was on the screen when the key acted, not what the desk holds by then.
"""

from collections.abc import Callable
from typing import Any, Protocol

from app.console.dialogs import Ask, Bounds, Choose, Code, Confirm, Dialog, Similar
from app.console.dialogs.choose import Option
from app.console.outbox import Outbox
from app.console.selection import Selection
from app.desk import Desk, Shown
from components.actions import AnswerKind
from components.views import DecisionView
from widgets import Tone

_SNOOZES = (("60", "1 minute", "1"), ("300", "5 minutes", "2"), ("900", "15 minutes", "3"))


class Front(Protocol):
    """What deciding needs of the console in front of the operator."""

    def ask(self, dialog: Dialog[Any], then: Callable[[Any], object]) -> None:
        """Put a dialog in front; `then` hears its result unless the operator left it."""
        ...

    def say(self, text: str, tone: Tone) -> None:
        """Tell the operator."""
        ...

    def keys_of(self, command_id: str) -> tuple[str, ...]:
        """The keys of a command."""
        ...


class Deciding:
    """The deciding commands over a selection and a desk."""

    def __init__(self, desk: Desk, selection: Selection, outbox: Outbox, front: Front) -> None:
        self._desk = desk
        self._selection = selection
        self._outbox = outbox
        self._front = front

    def approve(self) -> None:
        """Approve what is shown (a critical one by its code), or all that is marked."""
        if self._selection.marks:
            self._confirm_batch("approve", "")
            return
        view, shown = self._selection.view, self._selection.shown()
        if view is None or shown is None:
            return
        self._with_code(view, lambda code: self._answer(shown, "approve", code=code))

    def reject(self) -> None:
        """Ask for the reason, then reject what is shown, or all that is marked."""
        marks, shown, view = self._selection.marks, self._selection.shown(), self._selection.view
        if marks:
            self._front.ask(
                Ask(f"REJECT {len(marks)} decisions", _REASON, "go on"),
                lambda reason: self._confirm_batch("reject", reason),
            )
        elif shown is not None and view is not None:
            bound = shown
            self._front.ask(
                Ask("REJECT", [(_wants(view), "strong"), *_REASON], "reject"),
                lambda reason: self._answer(bound, "reject", reason=reason),
            )

    def modify(self) -> None:
        """Edit the arguments, look at them again, approve the changed action."""
        view, shown = self._selection.view, self._selection.shown()
        if view is None or shown is None:
            return
        from app.console.dialogs.modify import Modify, pretty  # with an editor: seldom wanted

        seen, bound = view, shown

        def edited(arguments: dict[str, Any]) -> None:
            text = [(_wants(seen), "strong"), ("", "text"), (pretty(arguments), "text")]
            keys = self._front.keys_of("approve")
            self._front.ask(
                Confirm("APPROVE with these arguments", text, keys, "approve as changed"),
                lambda _: self._with_code(seen, lambda code: send(arguments, code)),
            )

        def send(arguments: dict[str, Any], code: str) -> None:
            self._answer(bound, "modify", arguments=arguments, code=code)

        self._front.ask(Modify(view), edited)

    def approve_similar(self) -> None:
        """Approve what is shown and similar ones, within bounds."""
        self._similar("approve")

    def reject_similar(self) -> None:
        """Reject what is shown and similar ones, within bounds."""
        self._similar("reject")

    def escalate(self) -> None:
        """Hand it to the next tier."""
        if view := self._selection.view:
            self._outbox.add(self._desk.escalate(view.id))

    def claim(self) -> None:
        """Claim it or give it back."""
        if view := self._selection.view:
            self._outbox.add(self._desk.claim(view.id))

    def snooze(self) -> None:
        """Choose for how long, then put it aside."""
        if (view := self._selection.view) is None:
            return
        bound = view.id
        options = [Option(value, name, key) for value, name, key in _SNOOZES]
        self._front.ask(
            Choose("SNOOZE for", options),
            lambda seconds: self._outbox.add(self._desk.snooze(bound, int(seconds))),
        )

    def undo(self) -> None:
        """Take the last answer back."""
        if decision_id := self._selection.undoable:
            self._outbox.add(
                self._desk.undo(decision_id),
                lambda well: self._selection.taken_back(decision_id) if well else None,
            )

    def mark(self) -> None:
        """Mark or unmark what is shown."""
        marked = self._selection.toggle_mark()
        count = len(self._selection.marks)
        self._front.say(f"{'Marked' if marked else 'Mark taken off'}; {count} marked.", "text")

    def _answer(
        self,
        shown: Shown,
        kind: AnswerKind,
        *,
        reason: str = "",
        arguments: dict[str, Any] | None = None,
        code: str = "",
    ) -> None:
        future = self._desk.answer(shown, kind, reason=reason, arguments=arguments, code=code)
        self._front.say("Sent; waiting until it is recorded …", "dim")
        self._outbox.add(future, lambda well: self._selection.answered(shown.decision_id, well))

    def _with_code(self, view: DecisionView, go_on: Callable[[str], None]) -> None:
        if not view.code:
            go_on("")
            return
        text = [(_wants(view), "strong"), (view.headline, "text")]
        self._front.ask(Code(view.code, text), go_on)

    def _similar(self, kind: AnswerKind) -> None:
        view, shown = self._selection.view, self._selection.shown()
        if view is None or shown is None:
            return
        seen, bound = view, shown

        def bounded(bounds: Bounds) -> None:
            text = [
                (_wants(seen), "strong"),
                (f"and similar ones for {bounds.minutes} min, at most {bounds.count}", "warn"),
                (seen.alike, "accent"),
            ]
            if kind == "approve":
                text.append(
                    ("Those that another rule asks about come to you all the same.", "text")
                )
            self._front.ask(
                Confirm(
                    f"{kind.upper()} and for similar ones", text, self._front.keys_of(kind), kind
                ),
                lambda _: send(bounds),
            )

        def send(bounds: Bounds) -> None:
            future = self._desk.answer_similar(
                bound, kind, minutes=bounds.minutes, count=bounds.count, reason=bounds.reason
            )
            self._outbox.add(future, lambda well: self._selection.answered(bound.decision_id, well))

        self._front.ask(
            Similar(
                f"{kind.upper()} and for similar ones",
                [(_wants(view), "strong"), (view.alike, "accent")],
            ),
            bounded,
        )

    def _confirm_batch(self, kind: AnswerKind, reason: str) -> None:
        frozen = tuple(self._selection.marks.values())
        text = [(self._line(shown), "text") for shown in frozen]
        title = f"{kind.upper()} these {len(frozen)} decisions"
        self._front.ask(
            Confirm(title, text, self._front.keys_of(kind), f"{kind} all"),
            lambda _: self._send_batch(frozen, kind, reason),
        )

    def _send_batch(self, frozen: tuple[Shown, ...], kind: AnswerKind, reason: str) -> None:
        def done(well: bool) -> None:
            for shown in frozen:
                self._selection.answered(shown.decision_id, well)
            self._selection.clear_marks()

        self._outbox.add(self._desk.answer_many(frozen, kind, reason), done)

    def _line(self, shown: Shown) -> str:
        view = self._desk.decision(shown.decision_id)
        if view is None:
            return f"{shown.decision_id}: no longer waits"
        return f"{view.priority}: {_wants(view)}: {view.headline}"


_REASON = [("The reason goes back to the agent.", "dim")]


def _wants(view: DecisionView) -> str:
    return f"{view.agent} wants {view.tool}"
