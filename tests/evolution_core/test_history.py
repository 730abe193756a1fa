"""Past actions as the store keeps them: in pages, from a time on, and by whom they were decided."""

import msgspec
import pytest

from components.actions import Action, Receipt, Verdict
from components.evolution_core.history import pages, span
from storage import Store

HOUR = 3_600 * 1_000_000


def verdict(rule: str, kind: str = "allow", **changes: object) -> bytes:
    made = Verdict(
        verdict_id="v", node="n", request_id="r", agent="a", action_digest="d",
        verdict=kind, reasons=(), rule=rule, stages=(), policy_version="p", issued_at=1,
        not_after=2, audit=Receipt(1, ""), **changes,
    )  # type: ignore[arg-type]  # fmt: skip
    return msgspec.json.encode(made)


def ask(store: Store, time: int, tool: str = "query", answer: bytes = b"") -> None:
    def job(tx) -> None:  # type: ignore[no-untyped-def]
        name = f"{time}-{tool}"
        action = msgspec.json.encode(Action(tool=tool, id=name, agent="a", arguments={"n": 1}))
        tx.insert("requests", (None, "a", name, "d", time, 0, "decided", action, answer, ""))

    store.writer.run(job)


def read(store: Store, since: int = 0, most: int = 1000, tool: str = "", page: int = 3):
    reader = store.reader()
    try:
        within = span(reader, since, most)
        return within, list(pages(reader, within, tool, page))
    finally:
        reader.close()


def test_an_empty_store_has_no_past(store: Store) -> None:
    within, found = read(store)
    assert (len(within), found) == (0, [])


def test_pages_go_back_from_the_newest_and_stop_at_a_time_or_a_number(store: Store) -> None:
    for number in range(10):
        ask(store, number * HOUR, tool="shell" if number % 2 else "query")
    within, found = read(store)
    assert [rows for rows, _ in found] == [3, 3, 3, 1]
    assert [past.time // HOUR for _, page in found for past in page] == list(range(9, -1, -1))
    assert (len(within), within.since) == (10, 0)
    within, found = read(store, since=6 * HOUR)
    assert [past.time // HOUR for _, page in found for past in page] == [9, 8, 7, 6]
    assert within.since == 6 * HOUR
    within, found = read(store, most=2)
    assert [past.time // HOUR for _, page in found for past in page] == [9, 8]
    within, found = read(store, tool="shell")
    assert [past.time // HOUR for _, page in found for past in page] == [9, 7, 5, 3, 1]
    assert sum(rows for rows, _ in found) == 10
    assert len(read(store, since=11 * HOUR)[0]) == 0


@pytest.mark.parametrize(
    ("payload", "by", "allowed", "denied"),
    [
        (b"", "", False, False),
        (verdict("gate.nothing-objects"), "rule", False, False),
        (verdict("hitl.operator", decision={"operator": "ada"}), "person", True, False),
        (verdict("hitl.operator", "deny", decision={"operator": "ada"}), "person", False, True),
        (verdict("grant.1234"), "grant", True, False),
        (verdict("grant.1234", "deny"), "grant", False, True),
        (verdict("hitl.deadline", "expired"), "time", False, False),
        (verdict("hitl.cancelled", "deny"), "time", False, False),
    ],
)  # fmt: skip
def test_by_whom_it_was_decided(
    store: Store, payload: bytes, by: str, allowed: bool, denied: bool
) -> None:
    ask(store, HOUR, answer=payload)
    _, [(_, [past])] = read(store)
    assert (past.by, past.allowed_by_people, past.denied_by_people) == (by, allowed, denied)


def test_what_a_person_changed_is_what_was_allowed(store: Store) -> None:
    changed = verdict("hitl.operator", decision={"operator": "ada"}, arguments={"n": 2})
    ask(store, HOUR, answer=changed)
    _, [(_, [past])] = read(store)
    assert past.action.arguments == {"n": 2}
    assert past.operator == "ada"
