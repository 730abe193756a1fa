"""What the audit log is given where it is measured, and a transaction that keeps none of it."""

from hashlib import sha256
from typing import Any

from nacl.signing import SigningKey

from components.audit_system import Entry

KEY = SigningKey(b"k" * 32)


def an_entry(number: int) -> Entry:
    """An entry as a verdict leaves it."""
    return Entry(
        kind="verdict",
        agent=f"agent-{number % 16}",
        request_id=f"0190a6c2-7e1f-7abc-8def-{number:012d}",
        tool="shell",
        digest=sha256(b"%d" % number).hexdigest(),
        verdict="allow",
        rule="default",
        policy_version="3f1c9a",
        rules=("read-only",),
        safety=950,
        ethics=880,
        detail={"decided_by": "rule", "gate_us": 180},
    )


class Sink:
    """A transaction that stores nothing: what is left is the log's own work."""

    def insert(self, table: str, row: Any) -> None:
        pass
