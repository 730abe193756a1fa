"""The recommendations of a report, as a list to choose from."""

from collections.abc import Hashable

from components.views import AdviceRow
from widgets.cells import fit
from widgets.lines import Face
from widgets.lists import RowList

_OPERATION = 32


def advice_face(row: AdviceRow, width: int) -> Face:
    """One recommendation as a line; an arrow where accepting it changes a setting."""
    name = min(_OPERATION, width // 3)
    return (
        (" → " if row.change else " · ", "accent" if row.change else "dim"),
        (fit(row.operation, name) + " ", "strong"),
        (fit(row.text, width - 4 - name), "text"),
    )


class AdviceList(RowList[AdviceRow]):
    """What a report recommends; the cursor stays on a recommendation."""

    EMPTY = "Nothing is recommended."

    def __init__(self) -> None:
        super().__init__(id="advice")

    def key_of(self, row: AdviceRow) -> Hashable:
        """The recommendation's id."""
        return row.id

    def heading(self, width: int) -> Face:
        """The title with how many there are, and what the arrow means."""
        said = "→ y changes a setting " if any(row.change for row in self.rows) else ""
        title = fit(f" RECOMMENDATIONS {len(self.rows)}", width - 1 - len(said))
        return ((title, "strong"), (said, "dim"))

    def face(self, index: int, width: int) -> Face:
        """One recommendation."""
        return advice_face(self.rows[index], width)
