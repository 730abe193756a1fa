"""What has been learned, as paragraphs for a `TextView`. Pure."""

from components.views import LearningView
from widgets import figures


def learning_text(view: LearningView) -> list[tuple[str, str]]:
    """Figures first, then patterns."""
    rate = figures.share(view.success_rate)
    text = [
        ("", "text"),
        (f"{view.experiences:,} experiences, {rate} of known outcomes succeeded", "strong"),
        (f"love metric   {_score(view.love)}", "text"),
        (f"alignment     {_alignment(view)}", "text"),
        ("", "text"),
        ("PATTERNS", "accent"),
    ]
    if not view.patterns:
        text.append(("None yet: a pattern needs at least three like experiences.", "dim"))
    return text + [(f"· {pattern}", "text") for pattern in view.patterns]


def suggestions_text(view: LearningView) -> list[tuple[str, str]]:
    """Each suggestion with its evidence."""
    if not view.suggestions:
        return [("", "text"), ("Nothing to suggest yet.", "dim")]
    text: list[tuple[str, str]] = []
    for row in view.suggestions:
        text += [("", "text"), (f"{row.kind}: {row.text}", "strong"), (row.evidence, "dim")]
    return text


def _score(value: float | None) -> str:
    return "too little to measure" if value is None else f"{figures.bar(value, 10)} {value:.2f}"


def _alignment(view: LearningView) -> str:
    n = f"{view.alignment_n:,} decisions"
    if view.alignment is None:
        return f"too little to measure ({n})"
    if view.alignment_low is None or view.alignment_high is None:
        return f"kappa {view.alignment:.2f} ({n})"
    between = f"{view.alignment_low:.2f} to {view.alignment_high:.2f}"
    return f"kappa {view.alignment:.2f}, 95% between {between} ({n})"
