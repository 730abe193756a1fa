"""Entries of the audit log as views."""

import json
from datetime import UTC, datetime

from components.audit_system import LogEntry
from components.text import safe_text
from components.views import AuditDetail, AuditRow

_TEXT = 200


def audit_row(found: LogEntry) -> AuditRow:
    """An entry as a line of the list."""
    entry = found.entry
    return AuditRow(
        seq=found.seq,
        time=found.time,
        kind=safe_text(entry.kind, limit=40),
        agent=safe_text(entry.agent, limit=64),
        tool=safe_text(entry.tool, limit=64),
        verdict=safe_text(entry.verdict, limit=20),
        operator=safe_text(entry.operator, limit=64),
        text=_text(found),
    )


def _text(found: LogEntry) -> str:
    entry = found.entry
    words = [entry.rule, *entry.rules, entry.detail.get("reason"), entry.detail.get("status")]
    if found.clock_back:
        words.insert(0, "the clock had gone back")
    return safe_text(
        "  ".join(str(word) for word in dict.fromkeys(filter(None, words))), limit=_TEXT
    )


def audit_detail(found: LogEntry, proof: str) -> AuditDetail:
    """An entry in full, its leaf indented, with its proof."""
    text = json.dumps(json.loads(found.leaf), indent=2, ensure_ascii=False)
    moment = datetime.fromtimestamp(found.time / 1e6, UTC)
    return AuditDetail(
        seq=found.seq,
        leaf_hash=found.leaf_hash,
        text=f"{moment:%Y-%m-%d %H:%M:%S.%f} UTC\n{safe_text(text, lines=True)}",
        proof=safe_text(proof, lines=True),
    )
