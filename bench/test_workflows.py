"""Workflows of the screens and the log from end to end: P95 of one, and how many a second.

Those that pass the gate are in `test_workflows_gate.py`.
"""

from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter_ns

import pytest

from bench.entries import KEY, an_entry
from bench.inputs import actions, origin
from bench.measuring import Beside, Reference
from bench.naive import keyword_scan, re_loop
from bench.places import bare_database, scratch
from bench.test_audit import BARE, LEAF
from components.actions import Action
from components.audit_system import AuditLog
from components.clock import SystemClock
from components.gate import Ruling, join
from components.intent_firewall import Firewall, builtin_packs
from components.love_engine import LoveEngine
from storage import open_store

_RATES = 3
_REFERENCE_EVERY = 10  # it takes ten times as long
FIREWALL, LOVE = Firewall(builtin_packs()), LoveEngine()


def screen(action: Action) -> Ruling:
    """Safety, then ethics, then what comes of both."""
    return join(FIREWALL.validate(action), LOVE.check_ethics(action), ())


def naive_screens() -> Callable[[Action], object]:
    """A loop of `re`, then a scan for keywords."""
    loop, scan = re_loop(), keyword_scan()
    return lambda action: (loop.call(action), scan.call(action))


def rate(
    beside: Beside, ours: Callable[[Action], object], reference: Reference, over: Sequence[Action]
) -> None:
    """How many a second, one right behind the other: stretches of ours and of the reference."""
    turns = [
        (_per_second(ours, over), _per_second(reference.call, over[::_REFERENCE_EVERY]))
        for _ in range(beside.rounds(_RATES))
    ]
    here, there = map(median, zip(*turns, strict=True))
    beside.number(
        here, name=f"{beside.found[-1].name}.per_s", reference=reference.name,
        reference_value=there, note="One right behind the other",
    )  # fmt: skip


def _per_second(judge: Callable[[Action], object], over: Sequence[Action]) -> float:
    started = perf_counter_ns()
    for action in over:
        judge(action)
    return len(over) * 1e9 / (perf_counter_ns() - started)


@pytest.mark.figure("workflow.safety_then_ethics", "workflow.safety_then_ethics.per_s")
def test_safety_then_ethics(beside: Beside) -> None:
    reference = Reference("a loop of re and a scan for keywords", naive_screens())
    beside.walk(screen, actions(), reference, rounds=4_000, note=origin())
    rate(beside, screen, reference, actions())


@pytest.mark.figure("workflow.safety_ethics_audit", "workflow.safety_ethics_audit.per_s")
def test_safety_ethics_audit(beside: Beside) -> None:
    """Each in a transaction of its own, synced before the next."""
    entry, naive = an_entry(1), naive_screens()
    with scratch("flow") as folder, bare_database(folder / "bare.db", BARE) as bare:
        store = open_store(folder / "home")
        log = AuditLog.open(store, KEY, "node-1", SystemClock())

        def ours(action: Action) -> None:
            screen(action)
            store.writer.run(lambda tx: log.append(tx, entry))

        def theirs(action: Action) -> None:
            naive(action)
            bare.execute("INSERT INTO log (leaf, hash) VALUES (?, ?)", (LEAF, b"h" * 32))

        reference = Reference("naive screens and a bare sqlite3 commit", theirs)
        beside.walk(ours, actions(), reference, rounds=1_000, note=origin())
        rate(beside, ours, reference, actions())
        store.close()
