"""The base of every live view: lines drawn one at a time, repainted only where they changed.

A line is a `Face`: pieces of text, each with the name of an ink. Faces are made by pure functions
of frozen views; inks get their colours from the theme. A face is compared with the one painted
before, so that a snapshot in which one row changed costs one line.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar, Self

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from widgets.cells import cell_len, clean

Face = tuple[tuple[str, str], ...]
"""One line: (text, ink) pieces from left to right."""

INKS = (
    "text", "dim", "strong", "ok", "idle", "warn", "bad", "accent",
    "critical", "high", "medium", "low", "escape", "mark",
)  # fmt: skip
GROUNDS = ("bar", "bar-focus", "cursor", "cursor-idle", "picked")


class LineView(Widget, can_focus=True):
    """Lines that scroll under an optional fixed heading; subclasses give the faces.

    The last column is kept for the thumb that shows how far the view is scrolled. `HEADED` says
    whether the first line is a heading, `EMPTY` what stands there when there are no lines.
    """

    ALLOW_SELECT = False
    HEADED = True
    EMPTY = ""
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"ink--{name}" for name in (*INKS, *GROUNDS)}
    DEFAULT_CSS = """
    LineView {
        background: $background; color: $foreground; height: 1fr; width: 1fr;
        & > .ink--dim, & > .ink--idle, & > .ink--low { color: $foreground 55%; }
        & > .ink--strong { text-style: bold; }
        & > .ink--ok { color: $success; }
        & > .ink--warn { color: $warning; }
        & > .ink--bad { color: $error; text-style: bold; }
        & > .ink--accent { color: $accent; }
        & > .ink--critical { color: $error; text-style: bold; }
        & > .ink--high { color: $warning; text-style: bold; }
        & > .ink--medium { color: $primary; }
        & > .ink--escape { color: $error; text-style: reverse; }
        & > .ink--mark { color: $warning; text-style: underline; }
        & > .ink--bar { background: $panel; }
        & > .ink--bar-focus { background: $primary 40%; text-style: bold; }
        & > .ink--cursor { background: $primary 28%; }
        & > .ink--cursor-idle { background: $primary 14%; }
        & > .ink--picked { background: $warning 16%; }
        &:nocolor > .ink--bar { text-style: underline; }
        &:nocolor > .ink--bar-focus { text-style: bold underline; }
        &:nocolor > .ink--cursor { text-style: reverse; }
        &:nocolor > .ink--cursor-idle { text-style: bold; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.top = 0
        self._painted: dict[int, tuple[Face, str, int, Strip]] = {}
        self._stale: set[int] = set()
        self._inks: dict[tuple[str, str], Style] = {}
        self._filters: Sequence[LineFilter] = ()
        self._shown: dict[int, tuple[int, Strip]] = {}
        self._known: Size | None = None
        self._thumbs = range(0)

    # What subclasses give.

    def count(self) -> int:
        """How many lines there are, without the heading."""
        return 0

    def face(self, index: int, width: int) -> Face:
        """The line at `index`, in at most `width` cells."""
        raise NotImplementedError

    def ground(self, index: int) -> str:
        """The ink under a line, or "" for the plain background."""
        del index
        return ""

    def heading(self, width: int) -> Face:
        """The fixed first line, where `HEADED` says that there is one."""
        del width
        return ()

    # Scrolling.

    @property
    def area(self) -> Size:
        """The room for lines. Textual works it out at every call of `size`: here once a pass."""
        return self._known or self.size

    @property
    def page(self) -> int:
        """How many lines are visible below the heading."""
        return max(self.area.height - self.HEADED, 0)

    def scroll_rows(self, top: int) -> None:
        """Put line `top` first, as far as there are lines."""
        top = max(min(top, self.count() - self.page), 0)
        if top != self.top:
            self.top = top
            self.poke()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll three lines."""
        event.stop()
        self.scroll_rows(self.top + 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll three lines back."""
        event.stop()
        self.scroll_rows(self.top - 3)

    def on_resize(self) -> None:
        """Keep the view filled after a change of size."""
        self.top = max(min(self.top, self.count() - self.page), 0)
        self.refresh()

    def on_focus(self) -> None:
        """Show the focus in the heading and the cursor."""
        self.poke()

    def on_blur(self) -> None:
        """Show the focus in the heading and the cursor."""
        self.poke()

    # Painting.

    def poke(self) -> None:
        """Repaint those lines whose face changed since they were painted."""
        with self._pass() as (width, count):
            dirty = [
                Region(0, y, width, 1)
                for y, (face, ground, _, _) in self._painted.items()
                if (face, ground) != self._line(y, width, count)
            ]
        if dirty:
            self.refresh(*dirty)

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Have these regions painted anew, or all; what is not is taken as it was painted."""
        lines = (y for region in regions for y in region.line_range)
        self._stale.update(lines if regions else self._painted)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    @contextmanager
    def _pass(self) -> Iterator[tuple[int, int]]:
        """Width and number of lines, while neither changes."""
        self._known = area = self.size
        try:
            count = self.count()
            self._thumbs = self._thumb(count)
            yield area.width, count
        finally:
            self._known = None

    def notify_style_update(self) -> None:
        """Forget colours and painted lines: the theme changed."""
        super().notify_style_update()
        self._inks.clear()
        self._painted.clear()
        self._shown.clear()
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the lines of a region.

        Textual's own way there looks at each line for border, padding, titles and links. These
        views have none of them, and it takes as long as to draw the line.
        """
        filters = self.get_line_filters()
        if filters != self._filters:
            self._filters, self._shown = filters, {}
        with self._pass() as (width, _):
            strips = [self._filtered(y, width) for y in crop.line_range]
        if crop.column_span == (0, width):
            return strips
        return [strip.crop(*crop.column_span) for strip in strips]

    def _filtered(self, y: int, width: int) -> Strip:
        """A line as it goes to the terminal."""
        known = self._shown.get(y)
        if known is not None and known[0] == width and y not in self._stale:
            return known[1]
        shown, background = self.render_line(y), self.background_colors[1]
        for each in self._filters:
            shown = shown.apply_filter(each, background)
        self._shown[y] = (width, shown)
        return shown

    def render_line(self, y: int) -> Strip:
        """Draw the line at height `y`."""
        width = self.area.width
        self._stale.discard(y)
        face, ground = self._line(y, width, self.count())
        kept = self._painted.get(y)
        if kept is not None and kept[:3] == (face, ground, width):
            return kept[3]
        strip = self._strip(face, ground, width)
        self._painted[y] = (face, ground, width, strip)
        return strip

    def _line(self, y: int, width: int, count: int) -> tuple[Face, str]:
        if self.HEADED:
            if y == 0:
                return self.heading(width), "bar-focus" if self.has_focus else "bar"
            y -= 1
        index = self.top + y
        if index >= count:
            return ((("  " + self.EMPTY, "dim"),) if index == 0 else ()), ""
        face = self.face(index, width - 1)
        if y in self._thumbs:
            gap = width - 1 - sum(cell_len(text) for text, _ in face)
            face = (*face, (" " * max(gap, 0), "text"), ("▐", "dim"))
        return face, self.ground(index)

    def _thumb(self, count: int) -> range:
        """The lines beside which the thumb stands; none where all are visible."""
        page = self.page
        if count <= page or page <= 0:
            return range(0)
        length = max(page * page // count, 1)
        start = round((page - length) * self.top / (count - page))
        return range(start, start + length)

    def _strip(self, face: Face, ground: str, width: int) -> Strip:
        segments = [Segment(clean(text), self._ink(ink, ground)) for text, ink in face]
        return Strip(segments).adjust_cell_length(width, self._ink("text", ground))

    def _ink(self, ink: str, ground: str) -> Style:
        style = self._inks.get((ink, ground))
        if style is None:
            style = self._inks[ink, ground] = self._mixed(ink, ground)
        return style

    def _mixed(self, ink: str, ground: str) -> Style:
        """The style of an ink on a ground, with translucent colours blended over the widget's."""
        _, _, background, foreground = self.colors
        attributes = self.styles.text_style
        if ground:
            styles = self.get_component_styles(f"ink--{ground}")
            attributes += styles.text_style
            if styles.has_rule("background"):
                background += styles.background
        if ink != "text":
            styles = self.get_component_styles(f"ink--{ink}")
            attributes += styles.text_style
            if styles.has_rule("color"):
                foreground = styles.color
        return attributes + Style.from_color(
            (background + foreground).rich_color, background.rich_color
        )
