"""Every operation of a node is counted once for each call, and people's time is its own figure."""

import contextlib
import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.console import Console
from app.desk import AuditFilter
from app.node.local_desk import LocalDesk
from app.node.node import Node
from app.settings import Settings
from components.actions import Action, Outcome
from components.canonical import digest
from components.clock import ManualClock, SystemClock
from components.gate import Refusal, Submission
from components.monitor import OPERATIONS
from components.views import DecisionView
from storage import StoreBusy, StoreError, StoreFull
from tests.console.desk import MemoryDesk
from tests.intake.test_server import Raw, submit
from tests.support import PATIENCE_S, running_node, shown, until

PROMPT = Settings(
    hitl={name: {"release_delay_s": 0} for name in ("critical", "high", "medium", "low")}
)
READ = {"tool": "read_file", "arguments": {"path": "a.txt"}}
DROP = {"tool": "query", "arguments": {"sql": "DROP TABLE t"}}
WIPE = {"tool": "shell", "arguments": {"command": "rm -rf /"}}


def encode(body: object) -> bytes:
    return json.dumps(body).encode()


class World:
    """A node whose clock stands still until it is told to move, so that only people take time."""

    def __init__(self, home: Path) -> None:
        self.clock = ManualClock(time.time_ns() // 1000)
        self.node = Node(home, PROMPT, self.clock)
        self.node.start()
        self.desk = LocalDesk(self.node)
        self.engine = self.node.engine
        self._number = 0

    def submission(self, expires_s: float = 900, **action: object) -> Submission:
        self._number += 1
        made = Action(id=f"r-{self._number}", agent="ada", **action)  # type: ignore[arg-type]
        name = self.node.identity.node
        return Submission(
            action=made,
            digest=digest(name, "ada", made.tool, made.arguments),
            expires_at=self.clock.now() + round(expires_s * 1e6),
        )

    def call(self, work):
        return self.node.call(work).result(PATIENCE_S)

    def refused(self, work) -> int:
        with pytest.raises(Refusal) as caught:
            self.call(work)
        return caught.value.code

    def ask(self, sub: Submission | None = None) -> tuple[object, DecisionView]:
        sub = sub or self.submission(**DROP)
        future = self.node.call(self.engine.gate.submit(sub))
        return future, until(lambda: self._view(sub), "a question")

    def _view(self, sub: Submission) -> DecisionView | None:
        for decision in tuple(self.engine.queue):
            if decision.action.id == sub.action.id:
                return self.desk.decision(decision.id)
        return None

    def answer(self, view: DecisionView, kind: str, **more: object) -> str:
        code = view.code if view.priority == "critical" else ""
        return self.desk.answer(shown(view), kind, code=code, **more).result(PATIENCE_S)

    def totals(self):
        self.clock.advance(1)
        self.engine.monitor.tick()
        return self.engine.monitor.totals()

    def calls(self) -> Counter[str]:
        return Counter({name: total.calls for name, total in self.totals().items()})

    def errors(self) -> dict[str, tuple[int, int]]:
        return {
            name: (total.failed, total.timeouts)
            for name, total in self.totals().items()
            if total.failed or total.timeouts
        }


GATE = {
    one.name
    for one in OPERATIONS
    if one.name.startswith(("gate.", "hitl.", "intent_firewall.", "person."))
} - {"hitl.get_pending", "gate.parse"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    try:
        yield world
    finally:
        world.node.stop()


@contextlib.contextmanager
def counting(world: World, **expected: int) -> Iterator[None]:
    """Just these operations of the gate are counted meanwhile; `__` stands for a dot."""
    wanted = {name.replace("__", "."): count for name, count in expected.items()}
    before = world.calls()
    yield
    found = {name: count for name, count in (world.calls() - before).items() if name in GATE}
    assert found == wanted


SCREENED = {
    "gate__screens": 1,
    "intent_firewall__pattern_matching": 1,
    "intent_firewall__sequences": 1,
}
ASKED = SCREENED | {
    "gate__verdict": 1,
    "gate__commit": 1,
    "intent_firewall__validate_unsafe": 1,
    "hitl__request_decision": 1,
}
SETTLED = {"gate__verdict": 1, "gate__commit": 1, "gate__release": 1}


def test_what_rules_allow_or_deny_passes_each_stage_once(world: World) -> None:
    for action, kind in ((READ, "safe"), (WIPE, "unsafe")):
        with counting(
            world,
            **SCREENED,
            **SETTLED,
            **{f"intent_firewall__validate_{kind}": 1},
        ):
            world.call(world.engine.gate.submit(world.submission(**action)))


def test_the_same_request_again_is_no_second_verdict(world: World) -> None:
    sub = world.submission(**READ)
    first = world.call(world.engine.gate.submit(sub))
    with counting(world, **SCREENED, intent_firewall__validate_safe=1):
        assert world.call(world.engine.gate.submit(sub)) == first
    assert not world.errors()


@pytest.mark.parametrize(
    ("kind", "operation"),
    [("approve", "approve_decision"), ("reject", "reject_decision")],
)
def test_a_question_and_its_answer_and_the_person_between(
    world: World, kind: str, operation: str
) -> None:
    with counting(world, **ASKED):
        future, view = world.ask()
    world.clock.advance(40)
    with counting(world, **SETTLED, gate__answer=1, person__wait=1, **{f"hitl__{operation}": 1}):
        waited_us = world.clock.now() - view.created_at
        world.answer(view, kind)
        future.result(PATIENCE_S)
    took = {name: total.sketch.total for name, total in world.totals().items() if name in GATE}
    assert waited_us > 40_000_000
    assert took.pop("person.wait") == waited_us * 1000
    assert not any(took.values())


def test_a_changed_action_is_screened_anew_and_approved(world: World) -> None:
    future, view = world.ask()
    with counting(
        world,
        **SETTLED,
        gate__answer=1,
        person__wait=1,
        hitl__approve_decision=1,
        intent_firewall__validate_safe=1,
        intent_firewall__pattern_matching=1,
    ):
        world.answer(view, "modify", arguments={"sql": "SELECT 1"}, reason="only look")
        future.result(PATIENCE_S)


def test_each_step_of_a_waiting_decision_is_its_own_operation(world: World) -> None:
    sub = world.submission(**DROP)
    _, view = world.ask(sub)
    operators, name = world.engine.operators, world.desk.operator
    for operation, step in (
        ("claim", lambda: operators.claim(view.id, name, 3)),
        ("claim", lambda: operators.claim(view.id, name, 3)),
        ("escalate", lambda: operators.escalate(view.id, name)),
        ("snooze", lambda: operators.snooze(view.id, 60, name, 3)),
    ):
        with counting(world, gate__commit=1, **{f"hitl__{operation}": 1}):
            world.call(step())
    with counting(world, **SETTLED, hitl__cancel=1):
        world.call(world.engine.gate.cancel("ada", sub.action.id))


def test_a_view_is_made_once_until_its_decision_or_the_policy_is_another(world: World) -> None:
    _, view = world.ask()
    assert world.desk.decision(view.id) is view
    world.desk.claim(view.id).result(PATIENCE_S)
    claimed = world.desk.decision(view.id)
    assert claimed is not None
    assert claimed.claimed_by == world.node.identity.operator
    world.engine.policy = "another"
    after = world.desk.decision(view.id)
    assert after is not None
    assert after.policy_version == "another"


def test_what_nobody_answers_expires_and_no_person_waited(world: World) -> None:
    future, _ = world.ask(world.submission(expires_s=30, **DROP))
    with counting(world, **SETTLED, hitl__expire=1):
        world.clock.advance(31)
        assert future.result(PATIENCE_S).verdict.verdict == "expired"
    assert "person.wait" not in world.totals()


def test_refusals_that_the_caller_brought_about_are_no_errors(world: World) -> None:
    gate, operators = world.engine.gate, world.engine.operators
    sub = world.submission(**DROP)
    _, view = world.ask(sub)
    other = world.submission(**READ)
    known = Submission(
        action=Action(id=sub.action.id, agent="ada", **READ),  # type: ignore[arg-type]
        digest=other.digest,
        expires_at=sub.expires_at,
    )
    before = world.calls()
    assert world.refused(gate.submit(known)) == 409
    assert world.refused(gate.submit(world.submission(expires_s=-1, **READ))) == 408
    assert world.refused(gate.cancel("ada", "nothing")) == 404
    assert world.refused(operators.claim(view.id, "bob", 0)) == 403
    assert world.refused(operators.answer(b"nonsense")) == 401
    world.engine.core.paused.add("ada")
    assert world.refused(gate.submit(other)) == 429
    found = {name: count for name, count in (world.calls() - before).items() if name in GATE}
    assert not found
    assert not world.errors()


def test_a_store_that_freezes_fails_whatever_needs_it(world: World) -> None:
    _, view = world.ask()
    writer = world.node.store.writer
    writer.freeze("a test")
    assert world.refused(world.engine.gate.submit(world.submission(**READ))) == 423
    assert world.refused(world.engine.operators.escalate(view.id, "anna")) == 423
    errors = world.errors()
    assert errors["gate.verdict"] == (1, 0)
    assert errors["hitl.escalate"] == (1, 0)
    assert errors["gate.commit"] == errors["audit_system.log_action"] == (2, 0)
    assert errors["storage.commit"][0] >= 2
    world.desk.audit_verify(lambda *_: True)


@pytest.mark.parametrize(("error", "counted"), [(StoreBusy, (0, 1)), (StoreFull, (1, 0))])
def test_a_store_that_is_held_by_another_is_waited_for_too_long(
    world: World, monkeypatch: pytest.MonkeyPatch, error: type[StoreError], counted: tuple[int, int]
) -> None:
    def begin() -> None:
        raise busy

    busy = sqlite3.OperationalError("database is locked")
    busy.sqlite_errorcode = sqlite3.SQLITE_BUSY if error is StoreBusy else sqlite3.SQLITE_FULL
    busy.sqlite_errorname = "SQLITE_X"
    session = world.node.store.writer._session
    monkeypatch.setattr(session, "begin", begin)
    assert world.refused(world.engine.gate.submit(world.submission(**READ))) == 503
    monkeypatch.undo()
    errors = world.errors()
    assert errors["gate.verdict"] == errors["gate.commit"] == counted
    assert errors["storage.commit"] >= counted


def test_an_approval_overtaken_by_its_deadline_is_given_up_by_the_machine(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    future, view = world.ask(world.submission(expires_s=60, **DROP))
    ledger = world.engine.core.ledger
    settle = ledger.settle

    def slow(*given):
        world.clock.advance(60)
        return settle(*given)

    monkeypatch.setattr(ledger, "settle", slow)
    with contextlib.suppress(Exception):
        world.answer(view, "approve")
    monkeypatch.undo()
    assert future.result(PATIENCE_S).verdict.verdict == "expired"
    errors = world.errors()
    for name in ("gate.verdict", "gate.answer", "hitl.approve_decision"):
        assert errors[name] == (0, 1)


def test_the_log_counts_each_entry_and_each_checkpoint_once(world: World) -> None:
    def appended() -> int:
        return world.calls()["audit_system.log_action"]

    size, before = world.node.audit.head.size, appended()
    signed = world.calls()["audit_system.merkle_root"]
    for _ in range(5):
        world.call(world.engine.gate.submit(world.submission(**READ)))
    calls = world.calls()
    assert calls["audit_system.log_action"] - before == world.node.audit.head.size - size
    assert 1 <= calls["audit_system.merkle_root"] - signed <= 5


def test_the_audit_desk_is_measured(world: World) -> None:
    world.call(world.engine.gate.submit(world.submission(**READ)))
    before = world.calls()
    world.desk.audit_page(AuditFilter(), None, 10)
    world.desk.audit_detail(0)
    world.desk.audit_verify(lambda *_: True)
    world.call(world.engine.look())
    found = world.calls() - before
    assert {name: found[name] for name in found if name.startswith("audit_system.")} == {
        "audit_system.query_history": 1,
        "audit_system.prove": 1,
        "audit_system.verify_chain": 1,
    }
    assert found["hitl.get_pending"] >= 1


def test_what_is_learned_is_measured(world: World) -> None:
    sub = world.submission(**READ)
    world.call(world.engine.gate.submit(sub))
    world.call(
        world.engine.gate.outcome(
            Outcome(
                request_id=sub.action.id, agent="ada", status="succeeded", duration_us=5, detail=""
            )
        )
    )
    calls = until(lambda: found if (found := world.calls())["evolution_core.flush"] else None)
    assert calls["evolution_core.log_experience"] == calls["evolution_core.flush"] == 1
    assert calls["evolution_core.recognize_patterns"] >= 1
    assert calls["evolution_core.suggest_improvements"] >= 1
    assert calls["love_engine.compute_love_metric"] >= 1
    assert calls["love_engine.evaluate_alignment"] >= 1


def test_a_request_is_parsed_once_also_one_that_cannot_be(tmp_path: Path) -> None:
    with running_node(tmp_path) as running, Raw(running) as raw:
        engine = running.node.engine

        def parsed() -> tuple[int, int]:
            running.node.call(engine.look()).result(PATIENCE_S)
            total = engine.monitor.totals().get("gate.parse")
            return (total.calls, total.failed + total.timeouts) if total else (0, 0)

        assert raw.say(encode(submit(running)))["kind"] == "verdict"
        for line in (b"{", encode(submit(running, action_digest="0" * 64))):
            assert raw.say(line)["kind"] == "error"
        assert raw.say(encode({"v": 1, "kind": "status"}))["kind"] == "status"
        until(lambda: parsed() == (3, 0), "three are parsed")


async def test_a_frame_of_the_console_is_its_pull_and_what_that_repaints() -> None:
    heard: list[int] = []
    painted: list[None] = []
    clock = SystemClock()
    console = Console(MemoryDesk(clock), clock, frame=heard.append)

    @contextlib.contextmanager
    def drawing() -> Iterator[None]:
        painted.append(None)
        with console._frames.drawing():
            yield

    async with console.run_test() as pilot:
        await pilot.pause()
        console.watch_screen.drawing = drawing
        console.watch_screen.refresh()
        await pilot.pause()
        console.pull()
        console.pull()
    assert painted
    assert heard
    assert min(heard) > 0
