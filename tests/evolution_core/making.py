"""Experiences for the tests, and the failures they meet."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import strategies as st

from components.actions import Experience
from components.evolution_core import EvolutionCore
from storage import Store, Tx


def experience(number: int = 0, **fields: Any) -> Experience:
    given: dict[str, Any] = {
        "time": 1_700_000_000_000_000 + number,
        "request_id": f"r{number}",
        "agent": "coder",
        "tool": "shell",
        "shape": "shell(command=ls)",
        "intent": "execute",
        "verdict": "allow",
        "decided_by": "rule",
        "safety": 0.9,
        "ethics": 0.9,
        "disposition": "allow",
    }
    return Experience(**given | fields)


def ran(number: int = 0, status: str = "ok", duration_us: int = 1000, **fields: Any) -> Experience:
    return experience(number, status=status, duration_us=duration_us, **fields)


def rejected(number: int = 0, reason: str = "too risky", **fields: Any) -> Experience:
    return experience(number, verdict="deny", decided_by="operator", reason=reason, **fields)


def approved(number: int = 0, **fields: Any) -> Experience:
    return ran(number, decided_by="operator", disposition="ask", **fields)


@st.composite
def experiences(draw: st.DrawFn) -> Experience:
    verdict = draw(st.sampled_from(["allow", "allow", "deny", "expired"]))
    status = draw(st.sampled_from(["ok", "failed", "skipped", ""])) if verdict == "allow" else ""
    return experience(
        draw(st.integers(0, 10**6)),
        agent=draw(st.sampled_from("abc")),
        tool=draw(st.sampled_from("xy")),
        shape=draw(st.sampled_from("pqrst")),
        verdict=verdict,
        decided_by=draw(st.sampled_from(["rule", "operator", "timeout"])),
        status=status,
        duration_us=draw(st.integers(0, 10**9)) if status else 0,
        safety=draw(st.sampled_from([0.1, 0.49, 0.5, 1.0])),
        ethics=draw(st.sampled_from([0.2, 0.59, 0.6, 1.0])),
        reason=draw(st.sampled_from(["", "no", "never"])),
    )


def log_all(core: EvolutionCore, *logged: Experience) -> None:
    """Log them and wait until they are durable and counted, without saving the metrics."""
    for one in logged:
        core.log_experience(one)
    core._journal.flush()


def stored_requests(store: Store) -> list[str]:
    reader = store.reader()
    try:
        found = reader.execute("SELECT request_id FROM experiences ORDER BY id").fetchall()
    finally:
        reader.close()
    return [row[0] for row in found]


@contextmanager
def full_disk(store: Store) -> Iterator[None]:
    """The database may not grow: SQLite says what it says of a full disk."""

    def limit(tx: Tx) -> int:
        pages = tx.execute("PRAGMA page_count").fetchone()[0]
        return int(tx.execute(f"PRAGMA max_page_count = {pages}").fetchone()[0])

    store.writer.run(limit)
    try:
        yield
    finally:
        store.writer.run(lambda tx: tx.execute("PRAGMA max_page_count = 4294967294").fetchone())


class FailingSeal:
    """A participant that spoils every transaction while `error` is set."""

    error: Exception | None = None

    def begin(self) -> None: ...

    def seal(self, tx: Tx) -> None:
        if self.error is not None:
            raise self.error

    def committed(self) -> None: ...

    def rolled_back(self) -> None: ...
