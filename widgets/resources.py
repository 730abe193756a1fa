"""What the machine and the program use, and what each component holds in memory."""

from components.views import GaugeRow, MemoryRow
from widgets import figures
from widgets.cells import fit
from widgets.lines import Face
from widgets.operations import SIGNS
from widgets.texts import Reader

_UNITS = ("B", "kB", "MB", "GB", "TB")


def amount(count: int) -> str:
    """A number of bytes in at most seven cells: `812 B`, `4.2 MB`, `120 MB`."""
    value, unit = float(max(count, 0)), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit and value < 9.95 else f"{value:.0f} {_UNITS[unit]}"


def gauge_face(row: GaugeRow, width: int) -> Face:
    """One gauge: how it is, its name, a bar where it is a share of something, its value."""
    title, bar = _columns(width)
    well = row.level in {"ok", "idle"}
    drawn = "" if row.share is None else figures.bar(row.share, bar)
    return (
        (f" {SIGNS[row.level]} ", row.level),
        (fit(row.title, title) + " ", "text"),
        (fit(drawn, bar) + " ", "accent" if well else row.level),
        (fit(row.value, 12, "right") + " ", "text" if well else row.level),
    )


def memory_face(row: MemoryRow, most: int, width: int) -> Face:
    """What a component holds: its share of the largest as a bar, bytes, and items."""
    title, bar = _columns(width)
    return (
        ("   ", "text"),
        (fit(row.title, title) + " ", "text"),
        (figures.bar(row.bytes / most if most else 0.0, bar) + " ", "dim"),
        (fit(amount(row.bytes), 12, "right") + " ", "text"),
        (fit(f"{row.items:,} items", 18, "right") if width >= 80 else "", "dim"),
    )


def _columns(width: int) -> tuple[int, int]:
    """Widths of the title and of the bar."""
    rest = max(width - 3 - 1 - 1 - 13 - (18 if width >= 80 else 0), 10)
    title = min(max(rest * 3 // 5, 8), 26)
    return title, min(max(rest - title, 4), 30)


class ResourceView(Reader):
    """Gauges above, memory by component below."""

    EMPTY = "Nothing is measured yet."

    def __init__(self) -> None:
        super().__init__(id="resources")
        self._gauges: tuple[GaugeRow, ...] = ()
        self._memory: tuple[MemoryRow, ...] = ()

    def heading(self, width: int) -> Face:
        """The title with the sum of the memory."""
        total = sum(row.bytes for row in self._memory)
        said = f"{amount(total)} held by components " if self._memory else ""
        left = width - 1 - len(said)
        return ((fit(" RESOURCES", left), "strong"), (said, "dim"))

    def count(self) -> int:
        """A line for each gauge and each component, with a title between them."""
        return len(self._gauges) + (1 + len(self._memory) if self._memory else 0)

    def face(self, index: int, width: int) -> Face:
        """One gauge or one component."""
        if index < len(self._gauges):
            return gauge_face(self._gauges[index], width)
        index -= len(self._gauges) + 1
        if index < 0:
            return ((" MEMORY by component", "accent"),)
        most = max(row.bytes for row in self._memory)
        return memory_face(self._memory[index], most, width)

    def show(self, gauges: tuple[GaugeRow, ...], memory: tuple[MemoryRow, ...]) -> None:
        """Show these gauges and this memory."""
        if gauges is not self._gauges or memory is not self._memory:
            self._gauges, self._memory = gauges, memory
            self.top = max(min(self.top, self.count() - self.page), 0)
            self.poke()
