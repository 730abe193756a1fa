"""Lines of text that scroll: help, proofs, summaries; and the marks in text worth noticing."""

import re
from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size

from components.text import ESCAPE, MARK
from widgets.cells import fit, wrap
from widgets.lines import Face, LineView

_LABEL = 13
_NOTABLE = re.compile(f"({ESCAPE.pattern}|{MARK.pattern})")


def noted(text: str, ink: str) -> Face:
    """`text` in an ink, with the escapes and marks that `safe_text` wrote made to stand out."""
    if "\\u{" not in text and "⟨" not in text:
        return ((text, ink),)
    return tuple(
        (part, ("mark" if part[0] == "⟨" else "escape") if index % 2 else ink)
        for index, part in enumerate(_NOTABLE.split(text))
        if part
    )


def paragraphs(text: str, width: int, ink: str = "text", indent: str = "  ") -> list[Face]:
    """Text of several lines, wrapped and indented, as faces.

    What stands before a tab is a label in a column of its own, beside the text behind it. A line
    that is indented itself goes on deeper still, as a long line of JSON should.
    """
    faces: list[Face] = []
    for line in text.split("\n"):
        label, tab, rest = line.partition("\t")
        column = fit(label, _LABEL) if tab else _leading(line, width // 2)
        hang = " " * (len(column) + (2 if column and not tab else 0))
        for part in wrap(rest if tab else line[len(column) :], width - len(indent) - len(hang)):
            faces.append(((indent + column, "accent"), *noted(part, ink)))
            column = hang
    return faces


def _leading(line: str, most: int) -> str:
    return " " * min(len(line) - len(line.lstrip(" ")), max(most, 0))


class Reader(LineView):
    """A view that is read: arrow keys scroll lines, page keys pages."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_by(-1)", show=False),
        Binding("down,j", "scroll_by(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown,space", "page(1)", show=False),
        Binding("home,g", "scroll_by(-1000000000)", show=False),
        Binding("end,G", "scroll_by(1000000000)", show=False),
    ]

    def action_scroll_by(self, lines: int) -> None:
        """Scroll by some lines."""
        self.scroll_rows(self.top + lines)

    def action_page(self, pages: int) -> None:
        """Scroll by pages, one line kept for context."""
        self.scroll_rows(self.top + pages * max(self.page - 1, 1))


class Witness(Reader):
    """A view that knows which of its lines have been on the screen, once they were painted.

    `_unseen` are the lines that have yet to be seen; whoever lays out anew fills it again.
    """

    _unseen: set[int]

    def scroll_rows(self, top: int) -> None:
        """Scroll, and count what comes into view as seen once it is painted."""
        super().scroll_rows(top)
        self._witness_later()

    def action_page(self, pages: int) -> None:
        """Scroll by pages; from the end, on to what was passed too fast to be painted."""
        if pages > 0 and self._unseen and self.top + self.page >= self.count():
            self.scroll_rows(min(self._unseen))
        else:
            super().action_page(pages)

    def on_resize(self) -> None:
        """Lay out anew; the reading begins anew where the width changed."""
        super().on_resize()
        self._witness_later()

    def _witness_later(self) -> None:
        self.call_after_refresh(self._witness)

    def _witness(self) -> None:
        if self.size.width <= 1 or self.app.screen is not self.screen:
            return
        self.count()
        before = len(self._unseen)
        self._unseen.difference_update(range(self.top, self.top + self.page))
        if len(self._unseen) != before:
            self.poke()


class TextView(Reader):
    """A titled text of (text, ink) paragraphs, laid out again for each width."""

    def __init__(self, title: str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.title = title
        self._text: Sequence[tuple[str, str]] = ()
        self._faces: list[Face] = []
        self._width = 0

    def heading(self, width: int) -> Face:
        """The title."""
        return ((fit(" " + self.title, width), "strong"),)

    def show(self, text: Iterable[tuple[str, str]], title: str | None = None) -> None:
        """Show these paragraphs; the place stays where there are still lines."""
        self._text = tuple(text)
        if title is not None:
            self.title = title
        self._width = 0
        self.top = max(min(self.top, self.count() - self.page), 0)
        self.poke()

    def count(self) -> int:
        """How many lines the text has at this width."""
        width = self.area.width - 1
        if width != self._width:
            self._width = width
            self._faces = self.lay_out(width)
        return len(self._faces)

    def lay_out(self, width: int) -> list[Face]:
        """All lines at this width."""
        return [face for text, ink in self._text for face in paragraphs(text, width, ink)]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the text has, for `height: auto`."""
        del container, viewport
        return self.HEADED + len(self.lay_out(width - 1))

    def face(self, index: int, width: int) -> Face:
        """One line of the text."""
        del width
        return self._faces[index]
