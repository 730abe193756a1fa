"""The list of audit entries, newest first; more come when the cursor nears the end."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from textual.message import Message

from components.views import AuditRow
from widgets import figures
from widgets.cells import cell_len, fit
from widgets.lines import Face
from widgets.lists import RowList

_VERDICT_INKS = {"allow": "ok", "deny": "bad", "expired": "warn"}
_AHEAD = 20
_NAME = 14
_KIND = 8


class Columns(NamedTuple):
    """Widths that depend on what is listed: the sequence number, agent, tool, operator."""

    seq: int = 4
    agent: int = 6
    tool: int = 6
    operator: int = 0


def columns_of(rows: Sequence[AuditRow]) -> Columns:
    """As wide as the longest of each, within reason."""
    return Columns(
        max((len(f"#{row.seq:,}") for row in rows[:1]), default=4),
        max(6, min(max((cell_len(row.agent) for row in rows), default=0), _NAME)),
        max(6, min(max((cell_len(row.tool) for row in rows), default=0), _NAME)),
        min(max((cell_len(row.operator) for row in rows), default=0), _NAME),
    )


def audit_face(row: AuditRow, columns: Columns, width: int) -> Face:
    """One entry as a line; the family of a long kind (`decision.`, `grant.`) is left out."""
    when = figures.moment(row.time) if width >= 110 else figures.clock(row.time)
    kind = row.kind if len(row.kind) <= _KIND else row.kind.rpartition(".")[2]
    operator = f"{fit(row.operator, columns.operator)} " if columns.operator else ""
    face = (
        (" " + fit(f"#{row.seq:,}", columns.seq, "right") + " ", "dim"),
        (when + " ", "dim"),
        (fit(kind, _KIND) + " ", "accent"),
        (fit(row.agent, columns.agent) + " ", "text"),
        (fit(row.tool, columns.tool) + " ", "text"),
        (fit(row.verdict, 7) + " ", _VERDICT_INKS.get(row.verdict, "dim")),
        (operator, "accent"),
    )
    left = width - sum(cell_len(text) for text, _ in face)
    return (*face, (fit(row.text, left), "dim"))


class AuditList(RowList[AuditRow]):
    """Pages of the audit log, joined as the reader goes down."""

    EMPTY = "No entry matches."

    class Wanted(Message):
        """The reader nears the end: the next page is wanted."""

    def __init__(self) -> None:
        super().__init__(id="entries")
        self.title = "AUDIT"
        self.complete = False
        self._asked = False
        self._columns = Columns()

    def key_of(self, row: AuditRow) -> Hashable:
        """The sequence number."""
        return row.seq

    def heading(self, width: int) -> Face:
        """The title with how many entries are loaded."""
        more = "" if self.complete else "+"
        return ((fit(f" {self.title}  {len(self.rows):,}{more} entries", width), "strong"),)

    def face(self, index: int, width: int) -> Face:
        """One entry; asks for more when the last ones come into view."""
        if index >= len(self.rows) - _AHEAD and not self.complete and not self._asked:
            self._asked = True
            self.post_message(self.Wanted())
        return audit_face(self.rows[index], self._columns, width)

    def extend(self, rows: Sequence[AuditRow], *, complete: bool) -> None:
        """Add a page; `complete` says that it is the last."""
        self.complete = complete
        self._asked = False
        joined = (*self.rows, *rows)
        self._columns = columns_of(joined)
        self.update_rows(joined)

    def restart(self) -> None:
        """Forget all pages."""
        self.complete = self._asked = False
        self.cursor = None
        self.top = 0
        self.update_rows(())
