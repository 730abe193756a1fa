"""A recommended setting on its way into the settings file: asked about, recorded, carried out.

The node proposes the change to its own gate as any agent proposes an action. It happens only once
that is allowed, and its outcome is reported as any other.
"""

import asyncio
import gc
import sys
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from app.settings_edit import CannotSet, figure_of, set_figure
from components.actions import NODE_AGENT, Action, Outcome, OutcomeStatus, Verdict
from components.advisor.book import Kept, RecommendationBook
from components.advisor.recommend import Recommendation
from components.canonical import digest
from components.clock import Clock
from components.gate import Gate, Pending, Refusal, Submission

TOOL = "settings.change"
SECTION = "performance"
WAIT_US = 86_400 * 1_000_000
"""How long a proposed change waits for an answer at most."""

_USED_UP = 410

Live = Mapping[str, Callable[[float], None]]


def _collect_at(threshold: float) -> None:
    gc.set_threshold(int(threshold), *gc.get_threshold()[1:])


def _switch_every(milliseconds: float) -> None:
    sys.setswitchinterval(milliseconds / 1000)


LIVE: Live = {"gc_threshold": _collect_at, "switch_interval_ms": _switch_every}
"""What takes effect at once; everything else does from the next start."""


class _Change(Struct, frozen=True):
    """What was allowed: a key of `[performance]`, what it was, and what it becomes."""

    key: str
    before: float
    after: float


class Tuning:
    """Puts recommended settings to the gate, and carries out what is allowed.

    Lives on the gate's thread. `start` it with the node, so that what was asked before goes on.
    """

    def __init__(
        self,
        home: Path,
        node: str,
        gate: Gate,
        book: RecommendationBook,
        clock: Clock,
        live: Live = LIVE,
    ) -> None:
        self._home = home
        self._node = node
        self._gate = gate
        self._book = book
        self._clock = clock
        self._live = live
        self._tasks: set[asyncio.Task[str]] = set()

    def start(self) -> None:
        """Take up again what waited for a decision when the node ended."""
        for kept in self._book.accepted():
            self._carry(kept.recommendation, kept.request_id, kept.by, attempt=2)

    async def stop(self) -> None:
        """Let go of what waits; it goes on when the node starts again."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def accept(self, recommendation_id: str, operator: str) -> str:
        """Ask for a recommended setting; a sentence says where that stands. Raises `Refusal`."""
        found = self._acceptable(recommendation_id)
        setting = found.setting
        assert setting is not None
        try:
            now = await asyncio.to_thread(figure_of, self._home, SECTION, setting.key)
        except CannotSet as error:
            raise Refusal(409, str(error)) from error
        if now != setting.before:
            raise Refusal(409, f"{setting.key} is {now:g} by now, not {setting.before:g}")
        request_id = uuid.uuid4().hex
        self._acceptable(recommendation_id)  # nobody else was faster meanwhile
        marked = self._book.mark(found.id, "accepted", by=operator, request_id=request_id)
        await asyncio.wrap_future(marked)
        asked: asyncio.Future[Pending] = asyncio.get_running_loop().create_future()
        task = self._carry(found, request_id, operator, attempt=1, on_pending=asked.set_result)
        await asyncio.wait((task, asked), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        return f"asked: decision {asked.result().decision_id} waits for an answer"

    async def dismiss(self, recommendation_id: str, operator: str, why: str = "") -> str:
        """Want no more of a recommendation until its evidence is another. Raises `Refusal`."""
        kept = self._known(recommendation_id)
        if kept.state == "accepted":
            raise Refusal(409, "it waits for a decision; answer that")
        marked = self._book.mark(recommendation_id, "dismissed", by=operator, why=why)
        await asyncio.wrap_future(marked)
        return "dismissed until the evidence for it is another"

    def _known(self, recommendation_id: str) -> Kept:
        kept = self._book.get(recommendation_id)
        if kept is None:
            raise Refusal(404, "no such recommendation; reports name them")
        return kept

    def _acceptable(self, recommendation_id: str) -> Recommendation:
        kept = self._known(recommendation_id)
        if kept.state == "accepted":
            raise Refusal(409, "it waits for a decision already")
        if kept.recommendation.setting is None:
            raise Refusal(422, "this is not a setting: it is for people to do")
        return kept.recommendation

    def _carry(
        self,
        found: Recommendation,
        request_id: str,
        operator: str,
        *,
        attempt: int,
        on_pending: Callable[[Pending], None] | None = None,
    ) -> "asyncio.Task[str]":
        submission = self._submission(found, request_id, operator, attempt)
        task = asyncio.create_task(self._decided(found, submission, on_pending))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[str]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever asked has heard it, or is gone

    def _submission(
        self, found: Recommendation, request_id: str, operator: str, attempt: int
    ) -> Submission:
        setting = found.setting
        assert setting is not None
        arguments = {
            "key": f"{SECTION}.{setting.key}",
            "before": _plain(setting.before),
            "after": _plain(setting.after),
            "recommendation": found.id,
        }
        action = Action(
            tool=TOOL,
            arguments=arguments,
            id=request_id,
            agent=NODE_AGENT,
            request=found.text,
            narrative=f"{operator} accepted this recommendation",
        )
        return Submission(
            action=action,
            digest=digest(self._node, NODE_AGENT, TOOL, arguments),
            expires_at=self._clock.now() + WAIT_US,
            attempt=attempt,
        )

    async def _decided(
        self,
        found: Recommendation,
        submission: Submission,
        on_pending: Callable[[Pending], None] | None,
    ) -> str:
        """Wait for the verdict and do as it says; the result says what came of it."""
        try:
            verdict = (await self._gate.submit(submission, on_pending)).verdict
            if verdict.verdict == "allow":
                return await self._allowed(found, submission, verdict)
        except Refusal as refusal:
            await self._mark(found, "open", refusal.reason)
            raise
        why = verdict.reasons[0] if verdict.reasons else verdict.rule
        refused = verdict.verdict == "deny" and verdict.decision is not None  # by a person
        await self._mark(found, "dismissed" if refused else "open", why)
        return f"not allowed ({verdict.verdict}): {why}"

    async def _allowed(
        self, found: Recommendation, submission: Submission, verdict: Verdict
    ) -> str:
        request_id, started = submission.action.id, self._clock.monotonic()
        resumed = False
        try:
            await self._gate.consume(NODE_AGENT, request_id, verdict.action_digest)
        except Refusal as refusal:
            resumed = refusal.code == _USED_UP and submission.attempt > 1
            if not resumed:
                await self._report(request_id, "skipped", started, refusal.reason)
                raise
        arguments = verdict.arguments or submission.action.arguments
        try:
            said = await self._carry_out(arguments, resumed)
        except CannotSet as error:
            await self._report(request_id, "failed", started, str(error))
            await self._mark(found, "open", str(error))
            return f"not done: {error}"
        await self._report(request_id, "ok", started, said)
        await self._mark(found, "done", said)
        return said

    async def _carry_out(self, arguments: Mapping[str, Any], resumed: bool) -> str:
        """Write the setting and apply it where that can be. Raises `CannotSet`."""
        change = _change(arguments)
        if not resumed or await self._now(change) != change.after:
            await asyncio.to_thread(
                set_figure, self._home, SECTION, change.key, change.before, change.after
            )
        apply = self._live.get(change.key)
        if apply:
            apply(change.after)
        when = "in force" if apply else "in force from the next start"
        return f"{SECTION}.{change.key} = {change.after:g}, {when}"

    async def _now(self, change: _Change) -> float:
        return await asyncio.to_thread(figure_of, self._home, SECTION, change.key)

    async def _report(
        self, request_id: str, status: OutcomeStatus, started: int, detail: str
    ) -> None:
        await self._gate.outcome(
            Outcome(
                request_id=request_id,
                agent=NODE_AGENT,
                status=status,
                duration_us=(self._clock.monotonic() - started) // 1000,
                detail=detail,
            )
        )

    async def _mark(self, found: Recommendation, state: Any, why: str) -> None:
        await asyncio.wrap_future(self._book.mark(found.id, state, why=why))


def _change(arguments: Mapping[str, Any]) -> _Change:
    """What the arguments say, which an operator may have changed. Raises `CannotSet`."""
    section, _, key = str(arguments.get("key", "")).partition(".")
    figures = [arguments.get(name) for name in ("before", "after")]
    if section != SECTION or not all(
        isinstance(one, int | float) and not isinstance(one, bool) for one in figures
    ):
        raise CannotSet("what was allowed is not a change of a setting")
    before, after = map(float, figures)  # type: ignore[arg-type]
    return _Change(key, before, after)


def _plain(value: float) -> float:
    """As people write it: whole numbers without a point."""
    return int(value) if float(value).is_integer() else value
