"""Recorded actions through the whole gate of this home, with a bounded number in flight."""

import asyncio
import contextlib
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any, BinaryIO, Literal

from msgspec import Struct
from msgspec.structs import replace

from app.home import home, prepare
from app.intake.link import NoNode
from app.node.node import Node
from app.node.serving import RECORDED
from app.recorded import read_row
from app.session import cannot_start, tune_interpreter
from app.settings import load
from app.summary import replay_summary
from components.actions import Action, Answer
from components.canonical import digest
from components.clock import SystemClock
from components.gate import Asked, Event, Judged, Refusal, Submission, sign_answer
from storage import StoreLocked

IN_FLIGHT = 8
"""Rows that are under way at once: enough to share commits, few enough that none queues long."""

WAIT_US = 3_600 * 1_000_000
"""How long a replayed action is willing to wait for a person."""

CANNOT_REPLAY: tuple[type[Exception], ...] = (*cannot_start(), NoNode)


class Plan(Struct, frozen=True):
    """What to replay and how to answer where a person is asked. `rate` is rows a second."""

    file: str
    decide: Literal["deny", "approve", "wait"]
    rate: float | None


def replay(plan: Plan) -> dict[str, Any]:
    """Run the plan on this home. The result has the counts, the rate and the gate's percentiles."""
    folder = prepare(home())
    with _lines(plan.file) as source:
        run = _Run(plan)
        settings = load(folder)
        node = Node(folder, settings, SystemClock(), RECORDED, run.hear)
        try:
            node.start()
        except StoreLocked:
            if plan.decide != "wait":
                raise
            from app.replay_remote import replay_to_node

            return replay_to_node(folder, source, plan.rate)
        try:
            tune_interpreter(settings.performance)
            started = time.perf_counter()
            node.call(run.all(node, source)).result()
            return run.result(time.perf_counter() - started, node.engine.audit.head.size)
        finally:
            node.stop()


@contextlib.contextmanager
def _lines(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
    else:
        with open(name, "rb") as stream:  # noqa: PTH123 - bytes, line by line
            yield stream


class _Run:
    """One replay under way, on the gate's thread."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._counts: Counter[str] = Counter()
        self._gate_us: list[float] = []
        self._node: Node | None = None

    def hear(self, event: Event) -> None:
        """Take the gate's own time for each action; a person's time is not in it."""
        if isinstance(event, Asked) or (isinstance(event, Judged) and event.decision is None):
            self._gate_us.append(event.gate_us)

    async def all(self, node: Node, source: BinaryIO) -> None:
        """Submit every row, at most `IN_FLIGHT` at once."""
        self._node = node
        room = asyncio.Semaphore(IN_FLIGHT)
        interval = 1.0 / self._plan.rate if self._plan.rate else 0.0
        begun = time.perf_counter()
        progress = Progress()
        async with asyncio.TaskGroup() as rows:  # what no row foresees ends the replay
            for number, line in enumerate(source, 1):
                if not line.strip():
                    continue
                if (action := self._read(line.strip(), number)) is None:
                    continue
                await room.acquire()
                rows.create_task(self._one(node, action, number, room))
                self._counts["actions"] += 1
                if interval:
                    ahead = begun + interval * self._counts["actions"] - time.perf_counter()
                    await asyncio.sleep(max(0.0, ahead))
                progress.show(self._counts["actions"])
        progress.end()

    def _read(self, line: bytes, number: int) -> Action | None:
        try:
            action = read_row(line, number)
        except ValueError as error:
            self._fail(number, str(error))
            return None
        # A recorded id may have been replayed before: each replay is a new request.
        return replace(action, id=f"{action.id}#{secrets.token_hex(6)}")

    def _fail(self, number: int, why: str) -> None:
        self._counts["errors"] += 1
        print(f"{self._plan.file}:{number}: {why}", file=sys.stderr)

    async def _one(self, node: Node, action: Action, number: int, room: asyncio.Semaphore) -> None:
        try:
            submission = self._submission(node, action)
            pending: asyncio.Future[str] = asyncio.get_running_loop().create_future()
            work = asyncio.ensure_future(
                node.engine.gate.submit(
                    submission, lambda asked: pending.set_result(asked.decision_id)
                )
            )
            work.add_done_callback(partial(_nobody_asked, pending))
            try:
                if decision_id := await pending:
                    self._counts["asked"] += 1
                    if not await self._decide(node, submission, decision_id):
                        return
                self._counts[(await work).verdict.verdict] += 1
            finally:
                work.cancel()  # where it is left waiting
        except (Refusal, ValueError) as error:
            self._counts["refused"] += 1
            self._fail(number, str(error))
        finally:
            room.release()

    def _submission(self, node: Node, action: Action) -> Submission:
        return Submission(
            action=action,
            digest=digest(node.identity.node, action.agent, action.tool, action.arguments),
            expires_at=node.clock.now() + WAIT_US,
        )

    async def _decide(self, node: Node, submission: Submission, decision_id: str) -> bool:
        """Answer in the operator's place; False where the decision is left waiting."""
        if self._plan.decide == "wait":
            return False
        identity = node.identity
        answer = Answer(
            decision_id=decision_id,
            digest=submission.digest,
            answer="approve" if self._plan.decide == "approve" else "reject",
            operator=identity.operator,
            policy_version=node.engine.policy,
            decided_at=node.clock.now(),
            reason="replay",
            nonce=secrets.token_hex(16),
        )
        await node.engine.operators.answer(sign_answer(answer, identity.operator_key))
        return True

    def result(self, seconds: float, audit_entries: int) -> dict[str, Any]:
        """The summary."""
        counts = self._counts
        answered = counts["allow"] + counts["deny"] + counts["expired"]
        waiting = counts["actions"] - answered - counts["refused"]
        return replay_summary(counts, waiting, self._gate_us, seconds, audit_entries)


def _nobody_asked(pending: "asyncio.Future[str]", _: object) -> None:
    if not pending.done():
        pending.set_result("")


class Progress:
    """A count on a terminal's standard error, a few times a second; nothing elsewhere."""

    def __init__(self) -> None:
        self._on = sys.stderr.isatty()
        self._next = 0.0

    def show(self, done: int) -> None:
        """Show the count, if it is time to."""
        if self._on and time.monotonic() >= self._next:
            self._next = time.monotonic() + 0.2
            print(f"\r{done} actions …", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Clear the line."""
        if self._on:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
