"""What components say they hold, against what Python's own tracer has seen them allocate.

tracemalloc sees what passes through Python's allocators. What RE2, the t-digests and SQLite
allocate by themselves is invisible to it: where a component has such things, only what both sides
see is compared.
"""

import asyncio
import gc
import threading
import tracemalloc
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from components.actions import Action, Dimensions, EthicsAssessment, Experience, SafetyAssessment
from components.audit_system import AuditLog, Entry
from components.clock import ManualClock
from components.evolution_core import EvolutionCore, Metrics
from components.gate import Core, Pending
from components.gate.core import Live
from components.hitl import DecisionQueue, Grant, Grants, Policies
from components.intent_firewall import Firewall, Sequences, Throttle, builtin_packs, parse_pack
from components.love_engine import Alignment, LiveWindow, LoveEngine, grounding, words
from components.monitor.footprint import (
    MOST,
    Footprint,
    HasFootprint,
    Held,
    caches_of,
    deep_size,
    footprint,
)
from components.monitor.sketch import Sketch
from storage import open_store
from tests.evolution_core.making import experience, ran

LEAST, MOST_TIMES = 0.6, 1.6
"""Accounting is an estimate from samples: it must be this near to what was allocated."""


class Traced:
    """A part, what it accounted for when it was empty, and what filling it allocated."""

    def __init__(self, make: Callable[[], HasFootprint], fill: Callable[[Any], None]) -> None:
        gc.collect()
        tracemalloc.start()
        try:
            part = make()
            empty = part.footprint()
            gc.collect()
            before = tracemalloc.get_traced_memory()[0]
            fill(part)
            gc.collect()
            self.allocated = tracemalloc.get_traced_memory()[0] - before
        finally:
            tracemalloc.stop()
        full = part.footprint()
        self.part = part
        self.items = full.items - empty.items
        self.bytes = full.bytes - empty.bytes

    @property
    def factor(self) -> float:
        return self.bytes / self.allocated


def assert_near(traced: Traced, items: int) -> None:
    assert traced.items == items
    assert LEAST <= traced.factor <= MOST_TIMES, (traced.bytes, traced.allocated)


def action(n: int) -> Action:
    """As an agent sends it: every string its own."""
    arguments = {"command": f"ls /data/{n}", "why": "to see what is there " * (n % 7)}
    given = {"id": f"r-{n}", "agent": f"agent-{n % 50}", "tool": "shell", "arguments": arguments}
    return msgspec.json.decode(msgspec.json.encode(given), type=Action)


def ask(queue: DecisionQueue, n: int) -> None:
    queue.apply(
        queue.prepare_request(
            f"d-{n}", action(n), f"{n:064x}",
            safety=SafetyAssessment(0.5, "write", "ask"),
            ethics=EthicsAssessment(0.9, Dimensions()),
            priority=("high", "medium", "low")[n % 3], expires_at=2_000_000_000_000_000 + n,
            policy_version="p1", reasons=(f"because of {n}",),
        )
    )  # fmt: skip


class TestAgainstTracemalloc:
    def test_decisions_that_wait(self):
        def fill(queue):
            for n in range(5000):
                ask(queue, n)

        assert_near(Traced(lambda: DecisionQueue(ManualClock(), Policies()), fill), 5000)

    def test_endings_that_are_remembered(self):
        def fill(queue):
            for n in range(5000):
                ask(queue, n)
            for n in range(5000):
                queue.apply(queue.prepare_cancel(f"d-{n}"))

        traced = Traced(lambda: DecisionQueue(ManualClock(), Policies()), fill)
        # The agenda's entries of those that went are stale: they wait to be dropped in bulk.
        assert_near(traced, 1024)

    def test_grants(self):
        clock = ManualClock()

        def fill(grants):
            for n in range(3000):
                grant = Grant(
                    id=f"g-{n}", agent=f"a-{n}", tool="shell", shape=f"shell(command={n})",
                    verdict="allow", left=5, until=clock.now() + 1_000_000 + n,
                    operator=f"op-{n % 3}", created_at=clock.now() - n,
                )  # fmt: skip
                grants.apply(grants.prepare_grant(grant, "low"))

        assert_near(Traced(lambda: Grants(clock, Policies()), fill), 3000)

    def test_tallies_of_experiences(self):
        def fill(metrics):
            for n in range(30_000):  # too few of each for a sketch, which the tracer cannot see
                metrics.add(n + 1, ran(n, shape=f"shape-{n % 2000}", tool=f"tool-{n % 1000}"))

        assert_near(Traced(Metrics, fill), 2000 + 256 + 1)

    def test_experiences_that_wait_for_the_store(self, tmp_path: Path):
        store = open_store(tmp_path)
        held, go_on = threading.Event(), threading.Event()

        def hold(_: object) -> None:
            held.set()
            go_on.wait()

        def fill(core):
            store.writer.submit(hold, lambda *_: None)
            held.wait()
            for n in range(4000):
                core.log_experience(msgspec.convert(_fields(n), Experience))

        try:
            traced = Traced(lambda: EvolutionCore.open(store, ManualClock()), fill)
            assert_near(traced, 4000)
        finally:
            go_on.set()
            store.close()

    def test_agents_that_are_throttled(self):
        def fill(throttle):
            for n in range(5000):
                throttle.admit(f"agent-{n}")

        assert_near(Traced(lambda: Throttle(ManualClock()), fill), 5000)

    def test_agents_whose_sequences_are_watched(self):
        blocked = SafetyAssessment(0.1, "write", "block")

        def fill(sequences):
            for n in range(6000):
                sequences.observe(Action(agent=f"agent-{n % 2000}", tool="shell"), blocked)

        assert_near(Traced(lambda: Sequences(ManualClock()), fill), 2000)

    def test_rules_and_their_automaton(self):
        traced = Traced(Rules, Rules.compile)
        assert_near(traced, 3000)

    def test_forms_of_words(self):
        def fill(love):
            for n in range(500):
                text = " ".join(f"w{n}x{k}" for k in range(20))
                love.detect_hallucination(f"{text}.", [text])

        for bounded in (grounding._FORMS, words._STEMS):
            bounded.clear()  # other tests may have filled it
        love = LoveEngine()
        love.footprint()
        traced = Traced(lambda: love, fill)
        assert traced.items >= 9000
        assert LEAST <= traced.factor <= MOST_TIMES, (traced.bytes, traced.allocated)

    def test_lexicons(self):
        traced = Traced(Lexicons, Lexicons.compile)
        assert LEAST <= traced.factor <= MOST_TIMES, (traced.bytes, traced.allocated)

    def test_alignment_and_live_window(self):
        def fill(alignment):
            for n in range(3000):
                alignment.observe(n % 2 == 0, n % 3 == 0, tool=f"tool-{n}", agent="a")

        def watch(window):
            for n in range(4000):
                window.observe(experience(n, shape=f"shape-{n}"))

        assert_near(Traced(Alignment, fill), 4096)
        assert_near(Traced(lambda: LiveWindow(1000), watch), 2000)

    def test_sketches(self):
        def fill(sketches):
            sketches.held += [Sketch.of([n * k for k in range(1, 200)]) for n in range(1, 400)]

        assert_near(Traced(Sketches, fill), 399)

    def test_the_audit_log_holds_its_frontier_and_no_entry(self, tmp_path: Path, key):
        store = open_store(tmp_path)
        try:
            log = AuditLog.open(store, key, "test", ManualClock())
            before = log.footprint()
            for n in range(4095):
                store.writer.run(lambda tx, n=n: log.append(tx, Entry(kind="note", agent=f"{n}")))
            after = log.footprint()
        finally:
            store.close()
        assert after.items - before.items == 12 + 11
        roots = (12 + 11) * 65
        assert roots <= after.bytes - before.bytes <= 3 * roots


async def test_requests_under_way():
    anything: Any = None
    queue = DecisionQueue(ManualClock(), Policies())
    core = Core(queue, anything, anything, print, ManualClock(), lambda *_: anything)

    def fill(core):
        for n in range(3000):
            live = core.live[f"agent-{n}", f"request-{n}"] = Live(f"{n:064x}", n + 1000)
            live.waiter()
            live.wait(Pending(f"d-{n}", n + 10_000))

    assert_near(Traced(lambda: core, fill), 3000)


class Item(Struct):
    name: str
    numbers: list[int]


class Slotted:
    __slots__ = ("held", "missing")

    def __init__(self, held: object) -> None:
        self.held = held


class Plain:
    def __init__(self, held: object) -> None:
        self.held = held


class TestDeepSize:
    BIG = 10_000

    @pytest.mark.parametrize(
        "wrap",
        [
            lambda big: [big], lambda big: (big,), lambda big: {big}, lambda big: frozenset([big]),
            lambda big: {big: 1}, lambda big: {1: big}, lambda big: OrderedDict(a=big),
            lambda big: deque([big]), lambda big: Item(big, []), Slotted, Plain,
        ],
    )  # fmt: skip
    def test_looks_into(self, wrap):
        assert self.BIG < deep_size(wrap("x" * self.BIG)) < self.BIG + 1000

    def test_looks_into_caches(self):
        @lru_cache(maxsize=500)
        def cached(n: int) -> str:
            return f"{n:01000}"

        empty = deep_size(cached)
        for n in range(500):
            cached(n)
        assert 500 * 1000 < deep_size(cached) - empty < 500 * 1500

    def test_counts_each_object_once(self):
        big = "x" * self.BIG
        once = deep_size([big])
        assert deep_size([big, big, [big], {"a": big}]) < once + 1000
        assert deep_size([big], [big]) < once + 1000

    def test_what_many_share_is_not_multiplied(self):
        shared = "x" * self.BIG
        items = [Item(shared, [n]) for n in range(1000, 6000)]
        assert deep_size(items) - self.BIG < 5000 * 300

    def test_a_circle_ends(self):
        circle: list[object] = []
        circle.append(circle)
        assert deep_size(circle) < 200

    def test_a_sample_stands_for_the_rest(self):
        items = [[str(n) * 10] for n in range(1000, 11_000)]
        whole = deep_size(items, sample=100_000)
        assert deep_size(items) == pytest.approx(whole, rel=0.05)

    def test_classes_functions_and_loops_are_not_followed(self):
        assert deep_size(Plain) == deep_size(print) == deep_size(asyncio) == 0
        assert deep_size(None) == deep_size("") == deep_size(()) == deep_size(7) == 0

    def test_who_knows_better_is_asked(self):
        assert deep_size([Plain(1), Plain(2)], extra={Plain: lambda _: 1_000_000}) > 2_000_000

    def test_the_work_is_bounded(self):
        nest: list[object] = []
        for _ in range(3 * MOST):
            nest = [nest]
        assert deep_size(nest) == MOST * 64

    def test_a_container_that_never_holds_still_is_counted_without_its_contents(self):
        class Restless(list[object]):
            def __iter__(self) -> Iterator[object]:
                raise RuntimeError("changed size during iteration")

        assert 0 < deep_size(Restless(["x" * self.BIG])) < 1000

    def test_while_another_thread_changes_what_is_weighed(self):
        queue = DecisionQueue(ManualClock(), Policies())
        throttle = Throttle(ManualClock(), max_agents=500)
        stop, failures = threading.Event(), []

        def change() -> None:
            n = 0
            try:
                while not stop.is_set():
                    ask(queue, n)
                    throttle.admit(f"agent-{n % 700}")
                    if n >= 300:
                        queue.apply(queue.prepare_cancel(f"d-{n - 300}"))
                    n += 1
            except Exception as error:
                failures.append(error)

        thread = threading.Thread(target=change)
        thread.start()
        try:
            for _ in range(60):
                assert (queue.footprint() + throttle.footprint()).bytes > 0
        finally:
            stop.set()
            thread.join()
        assert not failures


def test_caches_of_modules():
    from components.intent_firewall import words

    words.tool_words("some_tool_of_ours")
    held = caches_of(words)
    assert held.items > 0
    assert held.bytes > 0


def test_one_footprint_for_each_component():
    class Part:
        def __init__(self, items: int, size: int) -> None:
            self.held = Held(items, size)

        def footprint(self) -> Held:
            return self.held

    assert footprint("hitl", "HITL", [Part(1, 10), Part(2, 20)]) == Footprint("hitl", "HITL", 3, 30)
    assert footprint("odd", "Odd", []) == Footprint("odd", "Odd", 0, 0)


def test_what_the_built_in_rules_take_is_told_with_what_re2_holds():
    held = Firewall(builtin_packs()).footprint()
    assert held.items >= sum(len(pack.rules) for pack in builtin_packs())
    assert 200_000 < held.bytes < 50_000_000


def test_sketches_of_durations_are_told_with_their_centroids():
    few, many = Metrics(), Metrics()
    for n in range(63):
        few.add(n + 1, ran(n, duration_us=n + 1))
    for n in range(20_000):
        many.add(n + 1, ran(n, duration_us=n * n % 99_991 + 1))
    assert many.footprint().bytes - few.footprint().bytes > 2 * 800 * 16 * 0.5


class Rules:
    """A firewall of many rules, without what RE2 holds and beside what all firewalls share."""

    def __init__(self) -> None:
        self.firewall: Firewall | None = None

    def compile(self) -> None:
        rules = "".join(
            f'[[rule]]\nid = "r{n}"\nreason = "for {n}"\nmatch.literal = ["word{n}", "w{n}ord"]\n'
            f'for = ["word{n}"]\nagainst = ["no {n}"]\n'
            for n in range(3000)
        )
        pack = parse_pack(f'[pack]\nname = "many"\n{rules}', "many.toml")
        self.firewall = Firewall([pack])

    def footprint(self) -> Held:
        if self.firewall is None:
            return Held()
        whole = self.firewall.footprint()
        shared = Firewall([]).footprint()
        return Held(whole.items - shared.items, whole.bytes - shared.bytes)


class Lexicons:
    """The lexicons, compiled afresh: `load` keeps them for good."""

    def __init__(self) -> None:
        self.engine: LoveEngine | None = None

    def compile(self) -> None:
        from components.love_engine import lexicon

        lexicon.load.cache_clear()
        self.engine = LoveEngine()

    def footprint(self) -> Held:
        return self.engine._compiled if self.engine else Held()


class Sketches:
    def __init__(self) -> None:
        self.held: list[Sketch] = []

    def footprint(self) -> Held:
        return Held(len(self.held), deep_size(self.held))


def _fields(n: int) -> dict[str, Any]:
    given = msgspec.to_builtins(experience(n, reason=f"reason {n}", shape=f"shape-{n}"))
    return msgspec.json.decode(msgspec.json.encode(given))


@pytest.fixture
def key():
    from nacl.signing import SigningKey

    return SigningKey(bytes(32))
