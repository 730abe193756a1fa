"""What has been learned: figures, alignment, and patterns as aligned rows."""

from components.views import LearningView, LoveRow, PatternRow
from widgets import figures
from widgets.alignment import alignment_faces
from widgets.cells import cell_len, fit, wrap
from widgets.lines import Face
from widgets.texts import TextView, noted, paragraphs

_PATTERNS = {
    "successful_action": ("succeeds", "ok"),
    "failure_mode": ("fails", "bad"),
    "ethical_violation": ("unethical", "warn"),
    "safety_issue": ("unsafe", "warn"),
    "performance_candidate": ("slow", "accent"),
}
_KIND = 10
_NARROW = 50
_CHANGE = 0.15
"""Below this the love metric may be chance: two draws of 100 like actions, of 25 shapes of which
15% fail, differ by less nineteen times in twenty."""


def learning_faces(view: LearningView, width: int) -> list[Face]:
    """Figures first, then a row for each tool and agent, then one for each pattern."""
    rate = figures.share(view.success_rate)
    text = [
        (f"{view.experiences:,} experiences, {rate} of known outcomes succeeded", "strong"),
        *_love_lines(view.love),
        ("", "text"),
    ]
    faces = [*_laid_out(text, width), *alignment_faces(view.alignments, width)]
    text = [("", "text"), ("PATTERNS", "accent")]
    if not view.patterns:
        text.append(("None yet: a pattern needs at least three like experiences.", "dim"))
    faces += _laid_out(text, width)
    size = max((cell_len(row.evidence) for row in view.patterns), default=0)
    for row in view.patterns:
        faces += _pattern_faces(row, size, width)
    return faces


def _laid_out(text: list[tuple[str, str]], width: int) -> list[Face]:
    return [face for line, ink in text for face in paragraphs(line, width, ink)]


def _pattern_faces(row: PatternRow, size: int, width: int) -> list[Face]:
    """Kind, shape and evidence side by side; the evidence below where that is too narrow."""
    word, ink = _PATTERNS.get(row.kind, (row.kind, "text"))
    beside = width >= _NARROW
    room = width - 2 - _KIND - (size + 2 if beside else 0)
    faces: list[Face] = []
    for index, part in enumerate(wrap(row.shape, room)):
        shape = noted(part, "text")
        face: Face = (("  " + fit(word if not index else "", _KIND), ink), *shape)
        if beside and not index:
            gap = " " * (room + 2 - cell_len(part))
            face = (*face, (gap + fit(row.evidence, size, "right"), "dim"))
        faces.append(face)
    if not beside:
        faces.append(((" " * (2 + _KIND) + row.evidence, "dim"),))
    return faces


class LearningText(TextView):
    """What has been learned."""

    def __init__(self) -> None:
        super().__init__("LEARNING", id="learned")
        self._view: LearningView | None = None

    def lay_out(self, width: int) -> list[Face]:
        """All lines at this width."""
        return [] if self._view is None else learning_faces(self._view, width)

    def show_learning(self, view: LearningView) -> None:
        """Show this view."""
        self._view = view
        self.show(())


def _love_lines(love: LoveRow | None) -> list[tuple[str, str]]:
    """A change and not a level, so with its sign, and what it is made of."""
    if love is None:
        return [("love metric\ttoo little to measure", "dim")]
    word, ink = "as before", "text"
    if abs(love.value) >= _CHANGE:
        word, ink = ("better", "ok") if love.value > 0 else ("worse", "warn")
    parts = f"calm {love.calm:+.2f}  order {love.order:+.2f}  wellbeing {love.wellbeing:+.2f}"
    return [
        (f"love metric\t{love.value:+.2f}  {word}, by the last {love.of:,} actions", ink),
        (f"\t{parts}", "dim"),
    ]
