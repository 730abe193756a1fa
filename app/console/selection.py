"""Which decision is shown, whatever comes and goes around it."""

from itertools import islice

from app.console.screens import WatchScreen
from app.desk import Desk, Shown
from components.clock import Clock
from components.views import DecisionView

GONE = "It no longer waits: it was decided, withdrawn or expired elsewhere."


class Selection:
    """Follows the id of the shown decision; never jumps to another while it is being read.

    When the shown decision goes away by another hand, it stays on the screen, greyed, until the
    operator moves on. When the operator answered it, the next one follows.
    """

    def __init__(self, desk: Desk, clock: Clock, watch: WatchScreen) -> None:
        self._desk = desk
        self._clock = clock
        self._watch = watch
        self._id: str | None = None
        self._shown_at = 0
        self._by: dict[str, dict[str, None]] = {}
        self.marks: dict[str, Shown] = {}

    @property
    def _answered(self) -> dict[str, None]:
        """What the present operator answered, oldest first."""
        return self._by.setdefault(self._desk.operator, {})

    @property
    def view(self) -> DecisionView | None:
        """What is on the screen and can still be answered."""
        return None if self.gone else self._watch.pane.view

    @property
    def gone(self) -> str:
        """Why what is on the screen can no longer be answered, or ""."""
        return self._watch.pane.gone

    @property
    def undoable(self) -> str:
        """The last decision that this operator answered and that is not yet released."""
        now = self._clock.now()
        for decision_id in islice(reversed(self._answered), 20):
            view = self._desk.decision(decision_id)
            if view is not None and view.release_at > now:
                return decision_id
        return ""

    @property
    def chosen(self) -> str | None:
        """The decision that is followed; None where there is none, or it is gone."""
        return self._id

    def choose(self, decision_id: str) -> None:
        """The operator moved to this decision."""
        self._id = decision_id
        self.follow()

    def follow(self) -> str:
        """Bring the pane up to date; returns what is to be said, if anything."""
        now = self._clock.now()
        self._prune_marks()
        if self._id is None and not self.gone:
            self._id = self._next()
        if self._id is None:
            if not self.gone:
                self._show(None, now)
            return ""
        view = self._desk.decision(self._id)
        if view is not None and not self._passed(view):
            self._show(view, now)
            return ""
        if self._id in self._answered:
            self._id = self._next()
            self._show(self._desk.decision(self._id) if self._id else None, now)
            return ""
        gone_id, self._id = self._id, None
        self._watch.waiting.point(None)
        gone = self._desk.fate(gone_id)
        gone = f"It no longer waits: {gone}." if gone else GONE
        self._watch.pane.show_decision(None, now, gone)
        return gone

    def answered(self, decision_id: str, went_well: bool) -> None:
        """The operator's own answer came back."""
        if went_well:
            self._answered.pop(decision_id, None)
            self._answered[decision_id] = None
            self.marks.pop(decision_id, None)
            if len(self._answered) > 1000:
                del self._answered[next(iter(self._answered))]

    def taken_back(self, decision_id: str) -> None:
        """An answer was undone: the decision is to be seen again."""
        self._answered.pop(decision_id, None)
        self.choose(decision_id)

    def shown(self) -> Shown | None:
        """What an answer is bound to: exactly what is on the screen."""
        view = self.view
        if view is None:
            return None
        return Shown(
            decision_id=view.id,
            version=view.version,
            digest=view.digest,
            display_digest=view.display_digest,
            policy_version=view.policy_version,
            shown_at=self._shown_at,
        )

    def toggle_mark(self) -> bool:
        """Mark the shown decision as it is now, or take its mark off; True when marked."""
        shown = self.shown()
        if shown is None:
            return False
        marked = self.marks.pop(shown.decision_id, None) is None
        if marked:
            self.marks[shown.decision_id] = shown
        self._watch.waiting.mark(frozenset(self.marks))
        return marked

    def clear_marks(self) -> bool:
        """Take all marks off; False when there were none."""
        had = bool(self.marks)
        self.marks.clear()
        self._watch.waiting.mark(frozenset())
        return had

    def change_hands(self) -> None:
        """Another person sits down: marks are off, and all of what is shown is to be read."""
        self.clear_marks()
        self._watch.pane.read_anew()
        self._shown_at = self._clock.now()

    def move_on(self) -> None:
        """Another node is looked at: nothing of the one before is shown, marked or undone."""
        self.clear_marks()
        self._id = None
        self._by.clear()
        self._watch.waiting.point(None)
        self._watch.pane.show_decision(None, self._clock.now())

    def _passed(self, view: DecisionView) -> bool:
        """Whether this operator has answered it and nothing more is asked of them."""
        return view.id in self._answered and (view.release_at > 0 or bool(view.answered_by))

    def _next(self) -> str | None:
        waiting = self._watch.waiting
        ids = [row.id for row in waiting.rows if row.id not in self._answered]
        place = waiting.place
        if place is not None:
            after = [row.id for row in waiting.rows[place:] if row.id not in self._answered]
            ids = after or ids
        return ids[0] if ids else None

    def _show(self, view: DecisionView | None, now: int) -> None:
        pane = self._watch.pane
        before = pane.view
        if view is None or before is None or _words(view) != _words(before) or pane.gone:
            self._shown_at = now
        pane.show_decision(view, now)
        if self._watch.waiting.cursor != self._id:
            self._watch.waiting.point(self._id)

    def _prune_marks(self) -> None:
        stale = [mark for mark in self.marks if self._desk.decision(mark) is None]
        for mark in stale:
            del self.marks[mark]
        if stale:
            self._watch.waiting.mark(frozenset(self.marks))


def _words(view: DecisionView) -> tuple[str, int, str]:
    return view.id, view.version, view.display_digest
