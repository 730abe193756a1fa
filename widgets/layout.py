"""How a decision is laid out as lines of a given width. Pure."""

from typing import NamedTuple

from components.views import DecisionView, Section
from widgets import figures
from widgets.cells import cell_len, fit, wrap
from widgets.lines import Face
from widgets.texts import noted

_MUST_SEE = frozenset({"action", "reason", "concern"})
_INKS = {"action": "text", "reason": "warn", "concern": "warn", "fact": "dim"}
_GUTTER = 16
_ARGUMENT = "argument "
_IN_HEADING = 40
"""Cells of the pane's heading that are not for who wants what."""


class PaneLine(NamedTuple):
    """One line; `must` says that it has to be seen before the decision can be approved."""

    face: Face
    must: bool


def decision_lines(view: DecisionView, width: int) -> list[PaneLine]:
    """The whole decision: headline, what binds the operator, scores, then every section."""
    gutter = _GUTTER if width >= 50 else 2
    lines = [
        PaneLine(((" ", "text"), *noted(part, "strong")), must=True)
        for part in ([] if _says_it_again(view, gutter, width) else wrap(view.headline, width - 2))
    ]
    for label, text, ink in _notes(view):
        lines += _block(label, text, ink, gutter, width, must=True)
    lines += _scores(view, gutter, width)
    for section in view.sections:
        lines += _section(section, gutter, width)
    facts = f"{view.digest[:16]}  policy {view.policy_version}  id {view.id}"
    return lines + _block("digest", facts, "dim", gutter, width, must=False)


def _says_it_again(view: DecisionView, gutter: int, width: int) -> bool:
    """Whether the headline only repeats the heading and the one short argument below."""
    acts = [section for section in view.sections if section.kind == "action"]
    return (
        len(acts) == 1
        and view.headline == f"{view.tool}  {acts[0].body}"
        and cell_len(acts[0].body) < width - gutter
        and cell_len(f"{view.agent} wants {view.tool}") <= width - _IN_HEADING
    )


def _notes(view: DecisionView) -> list[tuple[str, str, str]]:
    notes = []
    if view.release_at:
        notes.append(("answered", "It is released in a moment; u takes it back.", "accent"))
    if view.second_needed:
        by = ", ".join(view.answered_by)
        text = (
            f"Approved by {by}; a second person must approve." if by else "Two people must approve."
        )
        notes.append(("two people", text, "warn"))
    if view.claimed_by:
        notes.append(("claimed", f"by {view.claimed_by}", "accent"))
    if view.code:
        notes.append(("code", f"{view.code}  approving asks for these four characters", "critical"))
    return notes


def _scores(view: DecisionView, gutter: int, width: int) -> list[PaneLine]:
    size = 10 if width >= 100 else 5
    parts: list[tuple[str, str]] = []
    for name, value in (("safety", view.safety), ("ethics", view.ethics)):
        ink = "ok" if value >= 0.6 else "warn" if value >= 0.3 else "bad"
        parts += [(f"{name} ", "text"), (figures.bar(value, size), ink), (f" {value:.2f}  ", ink)]
    low = [(name.replace("_", " "), value) for name, value in view.dimensions if value < 0.995]
    text = "  ".join(f"{name} {value:.2f}" for name, value in low)
    line = (_label("scores", gutter), *parts)
    if gutter + 2 * (size + 14) + cell_len(text) <= width:
        return [PaneLine((*line, (text, "dim")), must=False)]
    return [PaneLine(line, must=False), *_block("", text, "dim", gutter, width, must=False)]


def _section(section: Section, gutter: int, width: int) -> list[PaneLine]:
    ink = _INKS.get(section.kind, "text")
    must = section.kind in _MUST_SEE
    title = section.title
    if title.startswith(_ARGUMENT):
        # The sign keeps an argument called "code" apart from what the console itself says.
        title = f"{title.removeprefix(_ARGUMENT)} ="
    return _block(title, section.body, ink, gutter, width, must=must)


def _block(
    label: str, text: str, ink: str, gutter: int, width: int, *, must: bool
) -> list[PaneLine]:
    """A labelled block; the label stands in the gutter, or above where it does not fit there."""
    lines: list[PaneLine] = []
    if cell_len(label) > gutter - 2:
        lines += [PaneLine(((f" {part}", "accent"),), must) for part in wrap(label, width - 2)]
        label = ""
    for part in (part for line in text.split("\n") for part in wrap(line, width - gutter - 1)):
        lines.append(PaneLine((_label(label, gutter), *noted(part, ink)), must))
        label = ""
    return lines


def _label(label: str, gutter: int) -> tuple[str, str]:
    return (" " + fit(label, gutter - 1), "accent")
