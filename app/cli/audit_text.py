"""How `assent audit` writes: entries for people, ASCII JSON for programs, bytes that are signed."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from components.audit_system import LogEntry, Progress
from components.text import safe_text

_WIDEST = 60


def print_json(data: Any) -> None:
    """One line of JSON. It is pure ASCII, so that a terminal finds nothing to obey in it."""
    print(json.dumps(data), flush=True)


def emit(text: str) -> None:
    """Write to standard output in UTF-8 whatever the locale: signatures are over these bytes."""
    sys.stdout.buffer.write(text.encode())


def say_entry(found: LogEntry) -> str:
    """An entry on one line, safe to show."""
    entry = found.entry
    named = (
        ("agent", entry.agent),
        ("tool", entry.tool),
        ("verdict", entry.verdict),
        ("rule", entry.rule),
        ("operator", entry.operator),
        ("request", entry.request_id),
    )
    words = [f"{name}={safe_text(value, limit=_WIDEST)}" for name, value in named if value]
    if found.clock_back:
        words.append("(the clock had gone back)")
    kind = safe_text(entry.kind, limit=_WIDEST)
    return f"{found.seq:>8}  {_say_time(found.time)}  {kind:<12}  {' '.join(words)}".rstrip()


def _say_time(time: int) -> str:
    try:
        return datetime.fromtimestamp(time / 1e6, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return f"{time} µs"


@contextmanager
def progress_bar(what: str) -> Iterator[Progress | None]:
    """A bar on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def show(done: int, total: int) -> bool:
            bar.update(task, completed=done, total=total)
            return True

        yield show
