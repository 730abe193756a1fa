"""The bodies of `assent/1` on the local socket: one strict JSON object a line.

Times are microseconds since 1970-01-01 UTC. What an agent sends is checked to the last field;
what does not fit raises `BadMessage`, which carries the protocol's error code.
"""

import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Raw, Struct

from components.actions import ContextPiece, OutcomeStatus
from components.canonical import MAX_BYTES, Malformed, parse

VERSION = 1
VERDICT_TYPE = "application/vnd.assent.verdict.v1+json"
"""The DSSE payload type of a verdict."""

STATUS_TYPE = "application/vnd.assent.status.v1+json"
"""The DSSE payload type of a node's status, where it is signed."""

MAX_LINE = MAX_BYTES + 1
"""The longest line of an agent, with its newline, in bytes."""

MAX_REPLY = 2 * MAX_BYTES
"""The longest reply in bytes: base64 makes a verdict with changed arguments a third longer."""

_UUID7 = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z"

Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}\Z")]
RequestId = Annotated[str, Meta(pattern=_UUID7)]
Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
Nonce = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{16,64}\Z")]
Tool = Annotated[str, Meta(min_length=1, max_length=256)]
Time = Annotated[int, Meta(ge=0)]
Count = Annotated[int, Meta(ge=1)]
Detail = Annotated[str, Meta(max_length=4096)]
RunState = Literal["open", "paused", "draining"]

_IDENTIFIERS = frozenset({"node", "agent", "request_id"})
_PATH = re.compile(r" - at `\$\.?([^`]*)`\Z")


class Message(Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True):
    """What an agent sends."""

    v: int = VERSION


class StatusQuery(Message, frozen=True, tag="status"):
    """Ask who the node is and whether it takes actions."""


class MetricsQuery(Message, frozen=True, tag="metrics"):
    """Ask for the node's figures. Whoever may talk to it may know them: they name no agent."""

    request_id: RequestId


class ProposedAction(Struct, frozen=True, forbid_unknown_fields=True):
    """The tool call itself: with node and agent, all that the digest covers."""

    tool: Tool
    arguments: dict[str, Any]


class Submit(Message, frozen=True, tag="submit"):
    """Propose an action; sent again with the same `request_id` until a verdict is held."""

    node: Name
    agent: Name
    request_id: RequestId
    attempt: Count
    nonce: Nonce
    issued_at: Time
    expires_at: Time
    action: ProposedAction
    action_digest: Digest
    request: str = ""
    context: tuple[ContextPiece, ...] = ()
    narrative: str = ""


class Query(Message, frozen=True, tag="query"):
    """Ask again for the answer to a request."""

    agent: Name
    request_id: RequestId


class Cancel(Message, frozen=True, tag="cancel"):
    """Withdraw a request that still waits."""

    agent: Name
    request_id: RequestId


class Consume(Message, frozen=True, tag="consume"):
    """Claim the one use of an allowed action, before an irreversible act.

    The answer repeats `nonce`: several who share an agent's name hear it, and one of them asked.
    """

    agent: Name
    request_id: RequestId
    action_digest: Digest
    nonce: Nonce | None = None


class OutcomeReport(Message, frozen=True, tag="outcome"):
    """Say what came of an allowed action; `duration_us` is the agent's own measurement."""

    agent: Name
    request_id: RequestId
    status: OutcomeStatus
    duration_us: Time = 0
    detail: Detail = ""


class Operate(Message, frozen=True, tag="operate"):
    """Command the node: a DSSE envelope around `components.gate.commands.Command`."""

    request_id: RequestId
    envelope: dict[str, Any]


class Reply(Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What the node sends."""


class StatusReply(Reply, frozen=True, tag="status"):
    """Who the node is: `key` is its vkey text, `valid_until` bounds how long this holds.

    `waiting` counts what is not decided yet; `entries` and `root` (hex) are the log's head.
    """

    node: str
    state: RunState
    key: str
    epoch: int
    valid_until: int
    waiting: int = 0
    entries: int = 0
    root: str = ""
    v: int = VERSION


class MetricsReply(Reply, frozen=True, tag="metrics"):
    """The node's figures: `text` is in the format of OpenMetrics."""

    request_id: str
    text: str


class Pending(Reply, frozen=True, tag="pending"):
    """A person is asked; without an answer the request expires at `deadline`."""

    request_id: str
    decision_id: str
    deadline: int


class VerdictReply(Reply, frozen=True, tag="verdict"):
    """The signed verdict: a DSSE envelope around `components.actions.Verdict`."""

    request_id: str
    envelope: Raw


class Consumed(Reply, frozen=True, tag="consumed"):
    """The one use of the action is the agent's, since `at`; `nonce` is that of who claimed it."""

    request_id: str
    at: int
    nonce: str | None = None


class Recorded(Reply, frozen=True, tag="recorded"):
    """An outcome or a cancel is durable."""

    request_id: str


class Operated(Reply, frozen=True, tag="operated"):
    """A command was carried out and is durable; `text` says in a sentence what."""

    request_id: str
    text: str


class ErrorReply(Reply, frozen=True, tag="error", omit_defaults=True):
    """The request was not served, which means deny. `code` is the protocol's."""

    code: int
    reason: str
    retryable: bool = False
    request_id: str = ""
    field: str = ""
    retry_after_ms: int = 0


AnyMessage = (
    StatusQuery | MetricsQuery | Submit | Query | Cancel | Consume | OutcomeReport | Operate
)
AnyReply = (
    StatusReply
    | MetricsReply
    | Pending
    | VerdictReply
    | Consumed
    | Recorded
    | Operated
    | ErrorReply
)

_KINDS: dict[str, type[AnyMessage]] = {
    "status": StatusQuery,
    "metrics": MetricsQuery,
    "submit": Submit,
    "query": Query,
    "cancel": Cancel,
    "consume": Consume,
    "outcome": OutcomeReport,
    "operate": Operate,
}
_replies: msgspec.json.Decoder[AnyReply] = msgspec.json.Decoder(AnyReply)
_encoder = msgspec.json.Encoder()


class BadMessage(ValueError):  # noqa: N818 - it says what it is about
    """A line that is no message of this protocol; `reply()` is the answer to it."""

    def __init__(self, code: int, reason: str, field: str = "", request_id: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.field = field
        self.request_id = request_id

    def reply(self) -> ErrorReply:
        """The error to send back."""
        return refuse(self.code, self.reason, request_id=self.request_id, field=self.field)


def refuse(
    code: int,
    reason: str,
    *,
    request_id: str = "",
    field: str = "",
    retryable: bool = False,
    retry_after_ms: int = 0,
) -> ErrorReply:
    """An error reply; a time to retry after makes it retryable."""
    return ErrorReply(
        code=code,
        reason=reason,
        retryable=retryable or retry_after_ms > 0,
        request_id=request_id,
        field=field,
        retry_after_ms=retry_after_ms,
    )


def encode(body: Message | Reply) -> bytes:
    """One line, newline included. Raises `BadMessage` (413) when it is too long to be taken."""
    line = _encoder.encode(body)
    longest = MAX_BYTES if isinstance(body, Message) else MAX_REPLY
    if len(line) > longest:
        raise BadMessage(413, f"a message of {len(line)} bytes; at most {longest} are accepted")
    return line + b"\n"


def decode(line: bytes) -> AnyMessage:
    """Read what an agent sent (without its newline), or raise `BadMessage`."""
    try:
        body = parse(line)
    except Malformed as error:
        raise BadMessage(error.code if _is_utf8(line) else 400, str(error)) from None
    if not isinstance(body, dict):
        raise BadMessage(400, "not a JSON object")
    request_id = _request_id(body)
    kind = body.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise BadMessage(400, "unknown kind of message", "kind", request_id)
    if type(body.get("v")) is not int or body["v"] != VERSION:
        raise BadMessage(426, f"this node speaks version {VERSION}", "v", request_id)
    try:
        return msgspec.convert(body, _KINDS[kind])
    except msgspec.ValidationError as error:
        raise _misfit(str(error), request_id) from None


def decode_reply(line: bytes) -> AnyReply:
    """Read what the node sent (without its newline), or raise `BadMessage`."""
    try:
        parse(line, MAX_REPLY)
        return _replies.decode(line)
    except Malformed as error:
        raise BadMessage(error.code, str(error)) from None
    except msgspec.ValidationError as error:
        raise _misfit(str(error), "") from None


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _request_id(body: dict[str, Any]) -> str:
    value = body.get("request_id")
    return value if isinstance(value, str) and re.match(_UUID7, value) else ""


def _misfit(text: str, request_id: str) -> BadMessage:
    found = _PATH.search(text)
    field = found.group(1) if found else ""
    if field in _IDENTIFIERS:
        return BadMessage(400, f"{field} is not an identifier of the protocol", field, request_id)
    return BadMessage(422, _PATH.sub("", text), field, request_id)
