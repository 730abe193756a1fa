"""A node with its real store under load: actions judged, outcomes told, some asked about."""

import asyncio
import contextlib
import secrets
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from app.node.node import Node
from app.node.serving import RECORDED
from app.session import tune_interpreter
from app.settings import Settings
from bench.gate_node import submission
from components.actions import Action, Answer, Decision, Outcome
from components.clock import SystemClock
from components.gate import Pending, Refusal, sign_answer

T = TypeVar("T")

AGENTS = 20
ASKED = 100
"""Each hundredth action needs a person."""

LOOK_S = 0.05
"""How often an approver looks for what waits, unless in a hurry."""

PATIENCE_S = 120.0


class Pipeline:
    """Drives a node. Coroutines are for its own loop (`Node.call`).

    `expected` counts the audit entries, by kind, that what was done has to have left; `failures`
    are of what went on behind a verdict.
    """

    def __init__(self, node: Node, agents: int = AGENTS, asked: int = ASKED) -> None:
        self.node = node
        self.expected: Counter[str] = Counter()
        self.failures: list[str] = []
        self.collisions = 0
        self._agents, self._asked = agents, asked
        self._run = secrets.token_hex(4)
        self._numbers = count()
        self._behind: set[asyncio.Task[None]] = set()
        self._undecided: set[asyncio.Task[None]] = set()

    def action(self, *, asks: bool = False) -> Action:
        """The next action, unlike any other."""
        number = next(self._numbers)
        tool, arguments = (
            ("shell", {"command": f"git push --force origin branch-{number}"})
            if asks
            else ("read_file", {"path": f"reports/{number}.txt"})
        )
        return Action(
            id=f"{self._run}-{number}", agent=f"agent-{number % self._agents}", tool=tool,
            arguments=arguments, request=f"see to report {number}",
        )  # fmt: skip

    async def judge(self, number: int) -> None:
        """One action until its verdict, or until a person is asked; what follows goes on behind."""
        if self._asked and number % self._asked == self._asked - 1:
            await self.ask(number)
            return
        action = self.action()
        await self.node.engine.gate.submit(submission(self.node, action))
        self.expected["verdict"] += 1
        self._go_on(asyncio.create_task(self._report(action)), self._behind)

    async def ask(self, _: int) -> None:
        """An action that needs a person, until one is asked."""
        waits: asyncio.Future[Pending] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self.decided(waits.set_result))
        await asyncio.wait((task, waits), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        self._go_on(task, self._undecided)

    async def decided(self, told: Callable[[Pending], object] = lambda _: None) -> None:
        """An action that needs a person, until it is decided and its outcome is told."""
        action = self.action(asks=True)

        def waits(pending: Pending) -> None:
            self.expected["asked"] += 1
            told(pending)

        released = await self.node.engine.gate.submit(submission(self.node, action), waits)
        self.expected["verdict"] += 1
        if released.verdict.verdict == "allow":
            await self._report(action)

    async def answer(self, decision: Decision) -> None:
        """Approve as a person does at the console: signed, and bound to what was shown."""
        identity = self.node.identity
        answer = Answer(
            decision_id=decision.id, digest=decision.digest, answer="approve",
            operator=identity.operator, policy_version=decision.policy_version,
            decided_at=self.node.clock.now(), nonce=secrets.token_hex(16),
        )  # fmt: skip
        await self.node.engine.operators.answer(sign_answer(answer, identity.operator_key))

    async def approve(self, place: int, of: int, look_s: float) -> None:
        """Answer what waits, for ever; of several approvers each begins elsewhere."""
        while True:
            for decision in self.node.engine.queue.pending(8 * of)[place::of]:
                if decision.state != "pending":
                    continue
                try:
                    await self.answer(decision)
                except Refusal:  # another was quicker
                    self.collisions += 1
            await asyncio.sleep(look_s)

    async def settle(self) -> None:
        """Wait until all outcomes are told."""
        async with asyncio.timeout(PATIENCE_S):
            while self._behind:
                await asyncio.wait(self._behind)

    async def answered(self) -> None:
        """Wait until people have answered all that waits."""
        async with asyncio.timeout(PATIENCE_S):
            while self._undecided:
                await asyncio.wait(self._undecided)

    def unrecorded(self) -> int:
        """How many audit entries are missing of what was done, and how many are too many."""
        with contextlib.closing(self.node.store.reader()) as reader:
            rows = reader.execute(
                "SELECT kind, count(*) FROM audit_entries WHERE request_id LIKE ? GROUP BY kind",
                (f"{self._run}-%",),
            )
            found = Counter(dict(rows.fetchall()))
        return sum(abs(found[kind] - self.expected[kind]) for kind in found | self.expected)

    async def _report(self, action: Action) -> None:
        outcome = Outcome(request_id=action.id, agent=action.agent, status="ok", duration_us=1_500)
        await self.node.engine.gate.outcome(outcome)
        self.expected["outcome"] += 1

    def _go_on(self, task: "asyncio.Task[None]", among: "set[asyncio.Task[None]]") -> None:
        def ended(task: "asyncio.Task[None]") -> None:
            among.discard(task)
            if not task.cancelled() and (error := task.exception()):
                self.failures.append(repr(error))

        among.add(task)
        task.add_done_callback(ended)


@contextmanager
def running(
    home: Path, settings: Settings = Settings(), *, agents: int = AGENTS, asked: int = ASKED  # noqa: B008 - frozen
) -> Iterator[Pipeline]:  # fmt: skip
    """A node of its own under load, as it runs for agents, but that no agent is throttled."""
    node = Node(home, settings, SystemClock(), RECORDED)
    node.start()
    tune_interpreter(settings.performance)
    try:
        yield Pipeline(node, agents, asked)
    finally:
        node.stop()


@contextmanager
def approvers(pipeline: Pipeline, many: int = 1, look_s: float = LOOK_S) -> Iterator[None]:
    """People at work."""
    node = pipeline.node
    working = [node.call(pipeline.approve(place, many, look_s)) for place in range(many)]
    try:
        yield
    finally:
        for one in working:
            one.cancel()


def results(node: Node, work: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Run coroutines at once on the loop of a node; interrupted, they are cancelled."""

    async def all_of_them() -> list[T]:
        return await asyncio.gather(*work)

    future = node.call(all_of_them())
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise
