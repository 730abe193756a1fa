"""What has been learned: figures, patterns as aligned rows, and what is suggested."""

from components.views import LearningView, PatternRow
from widgets import figures
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
_SUGGESTIONS = {
    "block_rule": "A rule to block it",
    "standing_grant": "A standing grant",
    "failure_advice": "It keeps failing",
    "speed_advice": "It is slow",
}
_KIND = 10
_NARROW = 50


def learning_faces(view: LearningView, width: int) -> list[Face]:
    """Figures first, then a row for each pattern."""
    rate = figures.share(view.success_rate)
    text = [
        ("", "text"),
        (f"{view.experiences:,} experiences, {rate} of known outcomes succeeded", "strong"),
        (f"love metric\t{_score(view.love)}", "text"),
        (f"alignment\t{_alignment(view)}", "text"),
        ("", "text"),
        ("PATTERNS", "accent"),
    ]
    if not view.patterns:
        text.append(("None yet: a pattern needs at least three like experiences.", "dim"))
    faces = [face for line, ink in text for face in paragraphs(line, width, ink)]
    size = max((cell_len(row.evidence) for row in view.patterns), default=0)
    for row in view.patterns:
        faces += _pattern_faces(row, size, width)
    return faces


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


def suggestions_text(view: LearningView) -> list[tuple[str, str]]:
    """Each suggestion with its evidence."""
    if not view.suggestions:
        return [("", "text"), ("Nothing to suggest yet.", "dim")]
    text: list[tuple[str, str]] = []
    for row in view.suggestions:
        kind = _SUGGESTIONS.get(row.kind, row.kind)
        text += [("", "text"), (kind, "strong"), (row.text, "text"), (row.evidence, "dim")]
    return text


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


def _score(value: float | None) -> str:
    return "too little to measure" if value is None else f"{figures.bar(value, 10)} {value:.2f}"


def _alignment(view: LearningView) -> str:
    n = f"{view.alignment_n:,} decisions"
    if view.alignment is None:
        return f"too little to measure ({n})"
    if view.alignment_low is None or view.alignment_high is None:
        return f"kappa {view.alignment:.2f} ({n})"
    between = f"{view.alignment_low:.2f} and {view.alignment_high:.2f}"
    return f"kappa {view.alignment:.2f}, 95% between {between} ({n})"
