"""What is suggested: a list to choose from, and one suggestion in full."""

from collections.abc import Hashable, Iterable
from typing import ClassVar

from textual.binding import BindingType

from components.views import SuggestionRow
from widgets.cells import fit
from widgets.lines import Face
from widgets.lists import MOVES, RowList

KINDS = {
    "block_rule": "a rule to block it",
    "standing_grant": "a standing grant",
    "failure_advice": "it keeps failing",
    "speed_advice": "it is slow",
}
_KIND = 19


def suggestion_face(row: SuggestionRow, width: int) -> Face:
    """One suggestion as a line; an arrow where it can be accepted."""
    sign = "→" if row.mark else "…" if row.kind in {"block_rule", "standing_grant"} else "·"
    kind = _KIND if width >= 60 else 0
    return (
        (f" {sign} ", "accent" if row.mark else "dim"),
        (fit(KINDS.get(row.kind, row.kind), kind) + " " if kind else "", "strong"),
        (fit(row.text, width - 3 - kind - bool(kind)), "text"),
    )


def suggestion_text(row: SuggestionRow | None) -> list[tuple[str, str]]:
    """One suggestion in full: why, what accepting it makes, what that would have done."""
    if row is None:
        return [("", "text"), ("Choose a suggestion to read it in full.", "dim")]
    text = [(row.text, "strong"), (f"evidence\t{row.evidence}", "text")]
    text += _labelled("what if", row.what_if, "strong")
    text += _labelled("makes", row.makes.split("\n") if row.makes else (), "accent")
    if row.why_not:
        text.append((row.why_not, "dim"))
    return text


def _labelled(label: str, lines: Iterable[str], ink: str) -> list[tuple[str, str]]:
    return [(f"{'' if index else label}\t{line}", ink) for index, line in enumerate(lines)]


class SuggestionList(RowList[SuggestionRow], inherit_bindings=False):
    """What is suggested now; the cursor stays on a suggestion. Page keys scroll what it says."""

    BINDINGS: ClassVar[list[BindingType]] = [*MOVES]
    EMPTY = "Nothing to suggest yet."

    def __init__(self) -> None:
        super().__init__(id="suggestions")

    def key_of(self, row: SuggestionRow) -> Hashable:
        """The suggestion's id."""
        return row.id

    def heading(self, width: int) -> Face:
        """The title with how many there are, and what the arrow means."""
        said = "→ y puts it in force " if any(row.mark for row in self.rows) else ""
        title = fit(f" SUGGESTIONS {len(self.rows)}", width - 1 - len(said))
        return ((title, "strong"), (said, "dim"))

    def face(self, index: int, width: int) -> Face:
        """One suggestion."""
        return suggestion_face(self.rows[index], width)
