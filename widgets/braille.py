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
                start = y if before is None else before
                step = 1 if start <= y else -1
                for between in range(start + (step if start != y else 0), y + step, step):
                    self.dot(x, between, ink)
            before = y

    def blank(self, row: int) -> bool:
        """Whether nothing was drawn in a row, from the top."""
        return not any(self._bits[row])

    def cell(self, row: int, column: int) -> tuple[str, str]:
        """(character, ink) of a cell from the top left; ("", "") where nothing was drawn."""
        bits = self._bits[row][column]
        return (chr(_BLANK + bits), self._inks[row][column]) if bits else ("", "")
