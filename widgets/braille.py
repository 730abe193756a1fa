"""A canvas of braille dots, two across and four down in a cell. Pure.

Lines are told apart by how they are drawn, not by their ink alone: solid, dashed and dotted.
"""

from collections.abc import Sequence
from typing import Literal

Stroke = Literal["solid", "dashed", "dotted"]

ACROSS, DOWN = 2, 4
_BLANK = 0x2800
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_PERIODS: dict[Stroke, tuple[int, int]] = {"solid": (1, 1), "dashed": (6, 3), "dotted": (4, 1)}
"""After how many columns the pattern begins anew, and how many of them are drawn."""


class Canvas:
    """Dots from the bottom left; each cell has the ink of the line that was drawn into it last."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = max(width, 0), max(height, 0)
        self._bits = [[0] * self.width for _ in range(self.height)]
        self._inks = [[""] * self.width for _ in range(self.height)]

    @property
    def dots(self) -> tuple[int, int]:
        """How many dots there are across and up."""
        return self.width * ACROSS, self.height * DOWN

    def dot(self, x: int, y: int, ink: str) -> None:
        """Set one dot; those beyond the edges are left out."""
        across, up = self.dots
        if not (0 <= x < across and 0 <= y < up):
            return
        row, column = self.height - 1 - y // DOWN, x // ACROSS
        self._bits[row][column] |= _DOTS[x % ACROSS][DOWN - 1 - y % DOWN]
        self._inks[row][column] = ink

    def line(self, heights: Sequence[int | None], stroke: Stroke, ink: str) -> None:
        """A line through one height (in dots) for each column; it breaks where there is None."""
        period, drawn = _PERIODS[stroke]
        before: int | None = None
        for x, y in enumerate(heights):
            if y is not None and (before is None or x % period < drawn):
                start = y if before is None or before == y else before + (1 if before < y else -1)
                self._stretch(x, min(start, y), max(start, y), ink)
            before = y

    def _stretch(self, x: int, low: int, high: int, ink: str) -> None:
        """Dots one above the other, from `low` to `high`: a cell at a time."""
        across, up = self.dots
        low, high = max(low, 0), min(high, up - 1)
        if not 0 <= x < across or low > high:
            return
        column, dots = x // ACROSS, _DOTS[x % ACROSS]
        for level in range(low // DOWN, high // DOWN + 1):
            first, last = max(low - level * DOWN, 0), min(high - level * DOWN, DOWN - 1)
            row = self.height - 1 - level
            self._bits[row][column] |= sum(dots[DOWN - 1 - last : DOWN - first])
            self._inks[row][column] = ink

    def blank(self, row: int) -> bool:
        """Whether nothing was drawn in a row, from the top."""
        return not any(self._bits[row])

    def cell(self, row: int, column: int) -> tuple[str, str]:
        """(character, ink) of a cell from the top left; ("", "") where nothing was drawn."""
        bits = self._bits[row][column]
        return (chr(_BLANK + bits), self._inks[row][column]) if bits else ("", "")
