"""How `assent audit` writes: entries for people, ASCII JSON for programs, times both ways."""

import argparse
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from components.audit_system import LogEntry

_WIDEST = 60


def print_json(data: Any) -> None:
    """One line of JSON. It is pure ASCII, so that a terminal finds nothing to obey in it."""
    print(json.dumps(data), flush=True)


def moment(text: str) -> int:
    """A time of the command line (ISO 8601, local unless it says otherwise) in µs since 1970."""
    try:
        return round(datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1e6)
    except (ValueError, OverflowError, OSError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time: write 2026-01-31, 2026-01-31T18:00 or 2026-01-31T18:00Z"
        ) from None


def say_entry(found: "LogEntry") -> str:
    """An entry on one line, safe to show."""
    from components.text import safe_text

    entry = found.entry
    time = datetime.fromtimestamp(found.time / 1e6, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
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
    return f"{found.seq:>8}  {time}  {kind:<12}  {' '.join(words)}"
