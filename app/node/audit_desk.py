"""The audit log for a console: every call opens a read-only connection of its own.

Called from worker threads; each may block for as long as its query takes.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

import msgspec

from app.desk import AuditFilter, DeskError, Progress
from app.node.node import Node
from app.presenter.audit import audit_detail, audit_row
from components.audit_system import (
    AuditProblem,
    Query,
    entry,
    export,
    newest_checkpoint,
    prove,
    query,
    verify,
)
from components.monitor.timer import Timer
from components.views import AuditDetail, AuditLeaves, AuditRow
from storage import StoreError


class AuditDesk:
    """Reads, proves, verifies and exports the log of a running node."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def _timed(self, operation: str) -> Timer:
        recorder = self._node.engine.monitor.meter(f"audit_system.{operation}")
        return Timer(recorder, self._node.clock)

    def page(self, wanted: AuditFilter, before: int | None, limit: int) -> Sequence[AuditRow]:
        """Entries below `before`, newest first."""
        with self._reader() as reader:
            entries = self._timed("query_history")(query, reader, _query(wanted), before, limit)
        return [audit_row(found) for found in entries]

    def detail(self, seq: int) -> AuditDetail:
        """One entry in full, with its inclusion proof."""
        with self._reader() as reader:
            found = entry(reader, seq)  # first: of what is not there nothing is proved
            return audit_detail(found, self._timed("prove")(prove, reader, seq))

    def leaves(self, wanted: AuditFilter, before: int | None, limit: int) -> AuditLeaves:
        """Entries below `before` as they were hashed, newest first."""
        with self._reader() as reader:
            reader.execute("BEGIN")  # both as of one moment; it ends with the connection
            newest = newest_checkpoint(reader)
            found = query(reader, _query(wanted), before, limit)
        return AuditLeaves(
            leaves=tuple(one.leaf for one in found),
            last=found[-1].seq if found else 0,
            checkpoint=newest.note if newest else "",
        )

    def verify(self, progress: Progress, *, thaw: bool = True) -> str:
        """Verify the whole log; with `thaw` a frozen store opens again when it holds."""
        writer = self._node.store.writer
        if not (writer.frozen and thaw):
            return self._check(progress)
        try:
            writer.thaw(self._node.audit.reload)
        except (AuditProblem, StoreError) as error:
            raise DeskError(str(error)) from error
        return f"{self._check(progress)}; the store takes records again"

    def _check(self, progress: Progress) -> str:
        with self._reader() as reader:
            result = self._timed("verify_chain")(
                verify, reader, self._node.identity.vkey, None, progress
            )
        if not result.ok:
            raise DeskError(result.why)
        return f"{result.entries:,} entries hold, root {result.root[:16]}"

    def export(self, wanted: AuditFilter, target: Path, progress: Progress) -> str:
        """Write the matching entries as JSON lines; never over a file that is there."""
        try:
            with self._reader() as reader, _new(target) as out:
                count = export(reader, _query(wanted), out.write, progress)
        except FileExistsError:
            raise DeskError(f"{target} is there already; choose another name") from None
        except OSError as error:
            raise DeskError(f"{target} cannot be written: {error.strerror}") from error
        return f"{count:,} entries written to {target}"

    @contextlib.contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        try:
            with contextlib.closing(self._node.store.reader()) as reader:
                yield reader
        except (AuditProblem, StoreError, sqlite3.Error) as error:
            raise DeskError(str(error)) from error


@contextlib.contextmanager
def _new(target: Path) -> Iterator[TextIO]:
    """A new file, which goes again where it is not written to its end: half an export misleads."""
    with target.open("x", encoding="utf-8") as out:
        try:
            yield out
            out.flush()
        except BaseException:
            target.unlink(missing_ok=True)
            raise


def _query(wanted: AuditFilter) -> Query:
    return msgspec.convert(msgspec.structs.asdict(wanted), Query)
