"""Lists with a cursor that is bound to a row's key, not to its place."""

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from widgets.lines import LineView

Row = TypeVar("Row")


MOVES: tuple[BindingType, ...] = (
    Binding("up,k", "move(-1)", show=False, priority=True),
    Binding("down,j", "move(1)", show=False, priority=True),
    Binding("home,g", "move(-1000000000)", show=False, priority=True),
    Binding("end,G", "move(1000000000)", show=False, priority=True),
)


class Moved(Message):
    """The cursor of a list went to another row, by the operator's hand."""

    def __init__(self, listing: "RowList[Any]", key: Hashable) -> None:
        super().__init__()
        self.listing = listing
        self.key = key

    @property
    def control(self) -> "RowList[Any]":
        """The list, for `@on` selectors."""
        return self.listing


class RowList(LineView, Generic[Row]):
    """A list of frozen rows. When rows come and go, the cursor stays on its key.

    When its row goes, the cursor is nowhere; the next move puts it where the row was.

    Rows that appear above do not move the cursor's line on the screen where the list can scroll.

    Its keys have priority, so that the app acts on them at once: on the way to the list and back
    up to the app each widget would have its turn, and other things would be painted in between.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *MOVES,
        Binding("pageup", "page(-1)", show=False, priority=True),
        Binding("pagedown,space", "page(1)", show=False, priority=True),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.rows: Sequence[Row] = ()
        self.cursor: Hashable | None = None
        self._places: dict[Hashable, int] = {}
        self._last_place = 0

    def key_of(self, row: Row) -> Hashable:
        """What identifies a row from one snapshot to the next."""
        raise NotImplementedError

    def count(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    def ground(self, index: int) -> str:
        """The cursor's line, brighter while the list has the focus."""
        if self.cursor is None or self.key_of(self.rows[index]) != self.cursor:
            return ""
        return "cursor" if self.has_focus else "cursor-idle"

    @property
    def place(self) -> int | None:
        """Where the cursor's row is now, None where it is gone."""
        return None if self.cursor is None else self._places.get(self.cursor)

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        place = self.place
        return None if place is None else self.rows[place]

    def update_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows; the cursor keeps its key, and its line where the list can scroll."""
        before = self.place
        self.rows = rows
        self._places = {self.key_of(row): index for index, row in enumerate(rows)}
        after = self.place
        self._last_place = self._last_place if before is None else before
        if before is not None and after is not None:
            self.top += after - before
        self.top = max(min(self.top, len(rows) - self.page), 0)
        self._keep_visible()
        self.poke()

    def point(self, key: Hashable | None) -> None:
        """Put the cursor on a row without telling anybody."""
        self.cursor = key
        self._keep_visible()
        self.poke()

    def action_move(self, by: int) -> None:
        """Move the cursor by some rows."""
        if not self.rows:
            return
        place = self.place
        if place is None:
            target = min(self._last_place, len(self.rows) - 1)
        else:
            target = max(min(place + by, len(self.rows) - 1), 0)
        self._go(target)

    def action_page(self, by: int) -> None:
        """Move the cursor by a page."""
        self.action_move(by * max(self.page - 1, 1))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Put the cursor where the mouse points."""
        index = self.top + event.y - self.HEADED
        if event.y >= self.HEADED and 0 <= index < len(self.rows):
            self._go(index)

    def _go(self, index: int) -> None:
        key = self.key_of(self.rows[index])
        if key != self.cursor:
            self.point(key)
            self.post_message(Moved(self, key))

    def _keep_visible(self) -> None:
        place = self.place
        if place is None or self.page <= 0:
            return
        self.top = max(min(self.top, place), place - self.page + 1, 0)
