"""The decision in full: a pane that knows how much of it has been seen."""

from components.views import DecisionView
from widgets import figures
from widgets.cells import cell_len, fit
from widgets.guide import guide_faces
from widgets.layout import PaneLine, decision_lines
from widgets.lines import Face
from widgets.texts import Witness
from widgets.waiting import PRIORITY_SIGNS


class DecisionPane(Witness):
    """Shows one decision. What was on the screen counts as seen once it was painted.

    `view` is what is shown, None where nothing is; `gone` says why the shown one can no longer
    be answered. A change of content or of width begins the reading anew.
    """

    EMPTY = "Nothing is selected."

    def __init__(self) -> None:
        super().__init__(id="decision")
        self.view: DecisionView | None = None
        self.gone = ""
        self._guiding = False
        self._now = 0
        self._width = 0
        self._read = False
        self._lines: list[PaneLine] = []
        self._unseen = set()
        self._must = 0

    def show_decision(self, view: DecisionView | None, now: int, gone: str = "") -> None:
        """Show this decision; with `gone`, the one shown before stays, greyed."""
        self._now = now
        if gone:
            self.gone = gone
        elif view != self.view or self.gone:  # a desk may make the same view anew for each pull
            same = view is not None and self.view is not None and _same(view, self.view)
            self._read = same and not self._unseen and self._width > 0
            if not same:
                self.top = 0
            self.view, self.gone, self._width = view, "", 0
        self.poke()
        self._witness_later()

    def guide(self, *, guiding: bool) -> None:
        """Tell how agents connect, or no longer, while nothing is shown."""
        if guiding != self._guiding:
            self._guiding, self._width = guiding, 0
            self.poke()

    def read_anew(self) -> None:
        """Somebody else reads now: from the top, and nothing of it counts as seen."""
        self.top = self._width = 0
        self._read = False
        self.poke()
        self._witness_later()

    @property
    def seen(self) -> float:
        """The share seen of what must be seen before approving; 1.0 where nothing is shown."""
        self.count()
        return 1.0 - len(self._unseen) / self._must if self._must else 1.0

    def count(self) -> int:
        """How many lines the decision has at this width."""
        width = self.area.width - 1
        if width != self._width and width > 0:
            self._width = width
            self._lines = self._laid_out(width)
            must = {index for index, line in enumerate(self._lines) if line.must}
            self._must = len(must)
            self._unseen = set() if self._read else must
            self._read = False
        return len(self._lines)

    def face(self, index: int, width: int) -> Face:
        """One line; all of it dim once the decision is gone."""
        del width
        face = self._lines[index].face
        return tuple((text, "dim") for text, _ in face) if self.gone else face

    def heading(self, width: int) -> Face:
        """Who wants what, how much is seen, and the time left."""
        view = self.view
        if view is None:
            return ((fit(" DECISION", width), "strong"),)
        if self.gone:
            return ((" DECISION  ", "strong"), (fit(self.gone, width - 11), "warn"))
        seen = "" if not self._unseen else f"seen {int(self.seen * 100)}%  "
        left = figures.countdown(min(view.due, view.deadline), self._now) + " left "
        sign = f" {PRIORITY_SIGNS.get(view.priority, '?').strip()} {view.priority.upper()} "
        room = width - cell_len(sign) - cell_len(seen) - cell_len(left) - 1
        return (
            (sign, view.priority if view.priority in PRIORITY_SIGNS else "text"),
            (" " + fit(f"{view.agent} wants {view.tool}", max(room, 0)), "strong"),
            (seen, "warn"),
            (left, "dim"),
        )

    def _laid_out(self, width: int) -> list[PaneLine]:
        if self.view is not None:
            return decision_lines(self.view, width)
        faces = guide_faces(width) if self._guiding else []
        return [PaneLine(face, must=False) for face in faces]

    def _witness_later(self) -> None:
        if self._unseen or not self._width:
            super()._witness_later()


def _same(one: DecisionView, other: DecisionView) -> bool:
    """Whether two views show the same words: a claim or a note does not undo the reading."""
    return (one.id, one.display_digest) == (other.id, other.display_digest)
