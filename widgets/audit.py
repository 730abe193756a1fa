"""The list of audit entries, newest first; more come when the cursor nears the end."""

from collections.abc import Hashable, Sequence

from textual.message import Message

from components.views import AuditRow
from widgets import figures
from widgets.cells import fit
from widgets.lines import Face
from widgets.lists import RowList

_VERDICT_INKS = {"allow": "ok", "deny": "bad", "expired": "warn"}
_AHEAD = 20


def audit_face(row: AuditRow, width: int) -> Face:
    """One entry as a line."""
    wide = width >= 100
    when = figures.moment(row.time) if wide else figures.clock(row.time)
    agent = max(width // 8, 8)
    tool = max(width // 8, 8)
    text = width - 10 - len(when) - 11 - 9 - agent - tool - 5
    return (
        (fit(f"#{row.seq:,}", 9, "right") + "  ", "dim"),
        (when + "  ", "dim"),
        (fit(row.kind, 10) + " ", "accent"),
        (fit(row.agent, agent) + " ", "text"),
        (fit(row.tool, tool) + " ", "text"),
        (fit(row.verdict, 8) + " ", _VERDICT_INKS.get(row.verdict, "dim")),
        (fit(row.text or row.operator, max(text, 0)), "dim"),
    )


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
        return audit_face(self.rows[index], width)

    def extend(self, rows: Sequence[AuditRow], *, complete: bool) -> None:
        """Add a page; `complete` says that it is the last."""
        self.complete = complete
        self._asked = False
        self.update_rows((*self.rows, *rows))

    def restart(self) -> None:
        """Forget all pages."""
        self.complete = self._asked = False
        self.cursor = None
        self.top = 0
        self.update_rows(())
