"""What the gate answers to an agent's message, whatever brought it.

It answers for what the gate says and adds nothing: whatever cannot be understood or recorded is an
error, and an error means deny.
"""

from collections.abc import Awaitable, Callable
from sys import intern

import msgspec
from msgspec import Raw

from app.intake import wire
from components.actions import NODE_AGENT, Action, Outcome
from components.canonical import Malformed, digest
from components.clock import Clock
from components.gate import Gate, Pending, Refusal, Released, Submission
from components.monitor.timer import Recorder

Seal = Callable[[bytes], bytes]
"""Signs a verdict's bytes into a DSSE envelope."""

Send = Callable[[wire.Reply], None]


class Answering:
    """Answers for one gate. `status` makes the answer to a status query, `metrics` the text of one
    for figures, `operate` carries out a signed command.

    `parsing` records what it takes to understand a request and compute its digest; one that is
    refused for its form was understood as well as can be.
    """

    def __init__(
        self,
        gate: Gate,
        node: str,
        clock: Clock,
        seal: Seal,
        status: Callable[[], wire.StatusReply],
        metrics: Callable[[], Awaitable[str]],
        operate: Callable[[bytes], Awaitable[str]],
        parsing: Recorder | None = None,
    ) -> None:
        self._gate = gate
        self._node = node
        self._clock = clock
        self._seal = seal
        self._status = status
        self._metrics = metrics
        self._operate = operate
        self._parsing = parsing

    async def reply(self, line: bytes, send: Send) -> wire.Reply:
        """The reply to one message as it came; `send` takes what comes before it."""
        came = self._clock.monotonic()
        try:
            message = wire.decode(line)
        except wire.BadMessage as bad:
            self._parsed(came)
            return bad.reply()
        return await self.reply_to(message, send, came)

    async def reply_to(
        self, message: wire.AnyMessage, send: Send, came: int, route: str = ""
    ) -> wire.Reply:
        """The reply to a message that was understood.

        `came` is when it came (ns, monotonic), for what is measured; `route` is the way by which a
        verdict goes out where nobody waits here for it.
        """
        request_id = getattr(message, "request_id", "")
        try:
            return await self._answer(message, send, came, route)
        except Refusal as refusal:
            return refused(refusal, request_id)
        except Exception as error:  # the agent must hear a deny, whatever it was
            return wire.refuse(500, f"failed: {type(error).__name__}", request_id=request_id)

    def sealed(self, request_id: str, payload: bytes) -> wire.VerdictReply:
        """The reply that carries a verdict."""
        return wire.VerdictReply(request_id=request_id, envelope=Raw(self._seal(payload)))

    async def _answer(
        self, message: wire.AnyMessage, send: Send, came: int, route: str
    ) -> wire.Reply:
        if getattr(message, "agent", "").lower() == NODE_AGENT:
            raise Refusal(403, "this is the name under which the node itself asks", field="agent")
        match message:
            case wire.StatusQuery():
                return self._status()
            case wire.MetricsQuery():
                return wire.MetricsReply(request_id=message.request_id, text=await self._metrics())
            case wire.Operate():
                text = await self._operate(msgspec.json.encode(message.envelope))
                return wire.Operated(request_id=message.request_id, text=text)
            case wire.Submit():
                return await self._submit(self._understood(message, came, route), send)
            case wire.Query():
                found = await self._gate.query(message.agent, message.request_id)
                return self._found(message.request_id, found)
            case wire.Cancel():
                await self._gate.cancel(message.agent, message.request_id)
            case wire.Consume():
                at = await self._gate.consume(
                    message.agent, message.request_id, message.action_digest
                )
                return wire.Consumed(request_id=message.request_id, at=at, nonce=message.nonce)
            case wire.OutcomeReport():
                await self._gate.outcome(
                    Outcome(
                        request_id=message.request_id,
                        agent=message.agent,
                        status=message.status,
                        duration_us=message.duration_us,
                        detail=message.detail,
                    )
                )
        return wire.Recorded(request_id=message.request_id)

    async def _submit(self, submission: Submission, send: Send) -> wire.Reply:
        request_id = submission.action.id
        released = await self._gate.submit(
            submission,
            lambda pending: send(self._found(request_id, pending)),
        )
        return self._found(request_id, released)

    def _understood(self, message: wire.Submit, came: int, route: str) -> Submission:
        try:
            return self._submission(message, route)
        finally:
            self._parsed(came)

    def _parsed(self, came: int) -> None:
        """A line that came then is understood, or refused."""
        if self._parsing is not None:
            self._parsing.record(self._clock.monotonic() - came)

    def _submission(self, message: wire.Submit, route: str) -> Submission:
        if message.node != self._node:
            raise Refusal(404, f"this node is {self._node}", field="node")
        proposed = message.action
        try:
            computed = digest(self._node, message.agent, proposed.tool, proposed.arguments)
        except Malformed as error:
            raise Refusal(422, str(error), field="action") from None
        if computed != message.action_digest:
            raise Refusal(422, "the digest is not this action's", field="action_digest")
        action = Action(
            tool=intern(proposed.tool),  # one string for all that wait
            arguments=proposed.arguments,
            id=message.request_id,
            agent=intern(message.agent),
            request=message.request,
            context=message.context,
            narrative=message.narrative,
        )
        return Submission(
            action=action,
            digest=computed,
            expires_at=message.expires_at,
            attempt=message.attempt,
            route=route,
        )

    def _found(self, request_id: str, found: Released | Pending) -> wire.Reply:
        if isinstance(found, Pending):
            return wire.Pending(
                request_id=request_id, decision_id=found.decision_id, deadline=found.deadline
            )
        return self.sealed(request_id, found.payload)


def refused(refusal: Refusal, request_id: str) -> wire.ErrorReply:
    """A refusal of the gate as an error on the wire."""
    return wire.refuse(
        refusal.code,
        refusal.reason,
        request_id=request_id,
        field=refusal.field,
        retry_after_ms=refusal.retry_after_ms or 0,
    )
