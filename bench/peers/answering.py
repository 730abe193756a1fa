"""A whole node whose questions are answered: the way of a decision from the action to its verdict.

Agents' actions come to the gate on its thread; the operator sits at the desk on this one, sees each
decision in full, and signs an answer to it.
"""

import time
from collections.abc import Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from queue import SimpleQueue

from nacl.signing import SigningKey

from app.desk import Shown
from app.node.local_desk import LocalDesk
from app.node.node import Node
from app.node.serving import RECORDED
from app.settings import Settings
from bench.load import Judge, drive
from components.actions import Action, Answer
from components.canonical import digest
from components.clock import SystemClock
from components.gate import Submission, sign_answer
from components.gate.stages import Assessed
from components.views import DecisionView

FAR = 4_000_000_000_000_000
AT_ONCE = 256
LIMIT_S = 120.0


class Answering:
    """A node that runs, and who answers there. Rates are decisions a second, `AT_ONCE` under way,
    from the first action to the last durable verdict."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._desk = LocalDesk(node)
        self._numbers = count()
        self._asked: SimpleQueue[str] = SimpleQueue()

    def rate(self, decisions: int) -> float:
        """Of whole decisions: screened, asked, shown, answered by a signed answer."""
        started = time.perf_counter()
        judged = self._driven(decisions, self._judge)
        answers = [self._answer(self._asked.get(timeout=LIMIT_S)) for _ in range(decisions)]
        judged.result(LIMIT_S)
        taken = time.perf_counter() - started
        assert not wait(answers, LIMIT_S).not_done
        return decisions / taken

    def recorded_rate(self, decisions: int) -> float:
        """Of what is left without screens, desk and signatures: queue, records, store."""
        assessed = self._node.engine.screens.assess_alone(self._submission().action)
        return decisions / self._driven(decisions, lambda _: self._record(assessed)).result(LIMIT_S)

    def _driven(self, decisions: int, judge: Judge) -> "Future[float]":
        return self._node.call(drive(decisions, AT_ONCE, judge))

    def _submission(self) -> Submission:
        number = next(self._numbers)
        action = Action(
            id=f"request-{number}", agent=f"agent-{number % 20}", tool="query",
            arguments={"sql": f"DROP TABLE invoices_{number}"}, request="tidy the database",
        )  # fmt: skip
        name = self._node.identity.node
        key = digest(name, action.agent, action.tool, action.arguments)
        return Submission(action=action, digest=key, expires_at=FAR)

    async def _judge(self, _: int) -> None:
        released = await self._node.engine.gate.submit(
            self._submission(), lambda pending: self._asked.put(pending.decision_id)
        )
        assert released.verdict.verdict == "allow"

    def _answer(self, decision_id: str) -> "Future[str]":
        view = self._desk.decision(decision_id)
        assert view is not None
        return self._desk.answer(_shown(view), "approve", code=view.code)

    async def _record(self, assessed: Assessed) -> None:
        engine, sub = self._node.engine, self._submission()
        core, policy, ruling = engine.core, engine.policy, assessed.ruling
        asked = core.queue.prepare_request(
            sub.action.id, sub.action, sub.digest, safety=assessed.safety, ethics=assessed.ethics,
            priority=ruling.priority, expires_at=sub.expires_at, policy_version=policy,
            rule=ruling.rule, reasons=ruling.reasons, stages=assessed.stages,
        )  # fmt: skip
        await core.commit(core.ledger.ask(sub, asked.after, assessed))
        answer = approval(core.queue.apply(asked).id, sub.digest, policy)
        change = core.queue.prepare_answer(answer, policy_version=policy)
        decision = await core.carry_out(change, operator=answer.operator, rule="hitl.operator")
        assert decision.state == "allowed"


@contextmanager
def answering(home: Path) -> Iterator[Answering]:
    """A node in that home, for as long as it is wanted."""
    node = Node(home, Settings(), SystemClock(), RECORDED)
    node.start()
    try:
        yield Answering(node)
    finally:
        node.stop()


def signing_us(times: int = 200) -> float:
    """µs for what no decision can go without: an answer signed, and its signature checked once."""
    key, answer = SigningKey.generate(), approval("decision", "d" * 64, "policy")
    message = sign_answer(answer, key)
    started = time.perf_counter()
    for _ in range(times):
        key.verify_key.verify(key.sign(message))
    return 1e6 * (time.perf_counter() - started) / times


def approval(decision_id: str, shown_digest: str, policy: str) -> Answer:
    """What an operator answers, not signed."""
    return Answer(
        decision_id=decision_id, digest=shown_digest, answer="approve", operator="anna", tier=3,
        key_id="key-anna", policy_version=policy,
    )  # fmt: skip


def _shown(view: DecisionView) -> Shown:
    return Shown(
        decision_id=view.id, version=view.version, digest=view.digest,
        display_digest=view.display_digest, policy_version=view.policy_version,
        shown_at=time.time_ns() // 1000,
    )  # fmt: skip
