"""The audit screen: pages of the log, one entry in full with its proof, verifying, exporting.

Queries run in worker threads; the newest query wins.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Container

from app.console.audit_query import BadQuery, parse_query
from app.console.commands import Scope
from app.console.dialogs import Ask, Progressing
from app.console.outbox import Say
from app.console.screens.working import Working
from app.desk import AuditFilter, Desk, Progress
from components.clock import Clock
from components.views import AuditDetail, AuditRow
from widgets import AuditList, Moved, SafeInput, TextView

_PAGE = 100
_HINT = "filter: words, kind: agent: tool: verdict: operator: since:2h until:2026-03-01"


class AuditScreen(Working):
    """The list, its filter, and the entry under the cursor."""

    SCOPE: ClassVar[Scope] = "audit"
    AUTO_FOCUS = "#entries"

    def __init__(self, desk: Desk, clock: Clock, tell: Say) -> None:
        super().__init__(tell)
        self._desk = desk
        self._clock = clock
        self._wanted = AuditFilter()
        self._entries = AuditList()
        self._detail = TextView("ENTRY", id="detail")
        self._field = SafeInput(id="filter")

    def body(self) -> ComposeResult:
        """List and detail, and the filter below."""
        with Container(classes="pair side"):
            yield self._entries
            yield self._detail
        yield self._field

    def on_screen_resume(self) -> None:
        """Load anew each time the screen is shown."""
        self._reload()

    def forget(self) -> None:
        """Nothing of the node before; all is loaded when the screen is shown."""
        super().forget()
        self._entries.restart()
        self._detail.show((), "ENTRY")

    def _reload(self) -> None:
        self._entries.restart()
        self._detail.show((), "ENTRY")
        self._load(None)

    # Pages.

    @on(AuditList.Wanted)
    def more(self, event: AuditList.Wanted) -> None:
        """Load the page below the last entry."""
        event.stop()
        rows = self._entries.rows
        if rows:
            self._load(rows[-1].seq)

    def _load(self, before: int | None) -> None:
        wanted = self._wanted
        self.work(
            "page",
            partial(self._desk.audit_page, wanted, before, _PAGE),
            lambda rows: self._paged(wanted, tuple(rows)),
        )

    def _paged(self, wanted: AuditFilter, rows: tuple[AuditRow, ...]) -> None:
        if wanted != self._wanted:
            return
        entries = self._entries
        entries.extend(rows, complete=len(rows) < _PAGE)
        if entries.cursor is None and entries.rows:
            entries.point(entries.rows[0].seq)
            self._show_detail(entries.rows[0].seq)

    # One entry.

    @on(Moved)
    def moved(self, event: Moved) -> None:
        """Show the entry under the cursor."""
        event.stop()
        if isinstance(event.key, int):
            self._show_detail(event.key)

    def _show_detail(self, seq: int) -> None:
        self.work("detail", partial(self._desk.audit_detail, seq), self._detailed)

    def _detailed(self, detail: AuditDetail) -> None:
        text = [
            (f"leaf {detail.leaf_hash}", "dim"),
            ("", "text"),
            (detail.text, "text"),
            ("", "text"),
            ("PROOF", "accent"),
            (detail.proof, "dim"),
        ]
        self._detail.scroll_rows(0)
        self._detail.show(text, f"ENTRY #{detail.seq:,}")

    # The filter.

    def begin_filter(self) -> None:
        """Open the field for the filter."""
        self.add_class("-filtering")
        self._field.focus()
        self._tell(_HINT, "text")

    def end_filter(self) -> bool:
        """Close the field and list everything; False when there was no filter."""
        was = self.has_class("-filtering") or self._wanted != AuditFilter()
        self._field.value = ""
        self.remove_class("-filtering")
        self._entries.focus()
        if self._wanted != AuditFilter():
            self._wanted = AuditFilter()
            self._reload()
        return was

    @on(SafeInput.Submitted, "#filter")
    def search(self, event: SafeInput.Submitted) -> None:
        """List what matches."""
        event.stop()
        try:
            self._wanted = parse_query(event.value, self._clock.now())
        except BadQuery as error:
            self._tell(str(error), "bad")
            return
        self._entries.focus()
        self._reload()

    # Long work.

    def verify(self) -> None:
        """Verify the whole log behind a progress bar."""
        self._long("VERIFYING the audit log", self._desk.audit_verify)

    def export(self) -> None:
        """Ask where to, then write what is listed."""
        text = [("The entries listed (by the filter) are written as JSONL.", "dim")]
        ask = Ask("EXPORT to", text, "export", str(Path.cwd() / "audit.jsonl"))
        self.app.push_screen(ask, self._export_to)

    def _export_to(self, target: str | None) -> None:
        if target:
            path = Path(target).expanduser()
            work = partial(self._desk.audit_export, self._wanted, path)
            self._long("EXPORTING", work)

    def _long(self, title: str, work: Callable[[Progress], str]) -> None:
        dialog = Progressing(title)
        self.app.push_screen(dialog)

        def close(well: bool) -> None:
            def leave() -> None:
                dialog.dismiss(well)

            # The question whether to quit may stand on it; what is popped is so a moment later.
            dialog.pop_until_active()
            self.app.call_later(leave)

        def done(text: str) -> None:
            close(True)
            self._tell(text, "ok")

        self.work("long", lambda: work(dialog.advance), done, lambda: close(False))
