"""What goes between a console elsewhere and a node.

Both ways a message is JSON in a DSSE envelope. A console sends a `Command`. What a node sends is
cut into `Frame`s, so that a long report passes as a short answer does; each is signed and numbered.
"""

from typing import Annotated, Any, ClassVar, Literal, get_args

import msgspec
from msgspec import Meta, Raw, Struct, field

from app.deeds import Deed
from components.canonical import MAX_BYTES, Malformed, parse
from components.views import DecisionView, Snapshot

COMMAND_TYPE = "application/vnd.assent.command.v1+json"
"""The DSSE payload type of what a console sends."""

CONSOLE_TYPE = "application/vnd.assent.console.v1+json"
"""The DSSE payload type of what a node sends to a console."""

WINDOW_US = 60 * 1_000_000
"""How far two clocks may differ, the way between them included."""

SYNC_S = 5.0
LEASE_S = 15.0
SILENT_AFTER_S = 10.0

MOST_OFFERED = 200
"""So many decisions are at a console; the rest comes as they are decided."""

_MOST_HELD = 4 * MOST_OFFERED

Stream = Literal["item", "result", "snapshot"]
STREAMS: tuple[Stream, ...] = get_args(Stream)

_UUID7 = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z"
_Moment = Annotated[int, Meta(ge=0, lt=2**53)]
_Number = Annotated[int, Meta(ge=0, lt=2**53)]


class Command(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A deed by its name, from an operator to one run (`epoch`) of one node.

    `epoch` is 0 where the console knows of none yet; only a `Sync` may be so.
    """

    node: str
    operator: str
    key_id: str
    epoch: _Number
    id: Annotated[str, Meta(pattern=_UUID7)]
    nonce: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
    issued_at: _Moment
    expires_at: _Moment
    method: str
    arguments: dict[str, Any]
    v: Literal[1]


Mark = tuple[int, str]
"""A decision's version and the policy version that its view is bound to."""


class Synced(Struct, frozen=True):
    """The answer to a `Sync`. `numbers` is the last number of each stream."""

    tier: int
    observer: bool
    numbers: dict[str, int]


class Sync(Deed, frozen=True):
    """Attach, renew it, or with `leaving` detach.

    `have` tells which decisions the console holds, so that it gets what is missing.
    """

    gives: ClassVar[Any] = Synced
    changes: ClassVar[bool] = False
    observer: bool = False
    leaving: bool = False
    have: Annotated[dict[str, Mark], Meta(max_length=4 * MOST_OFFERED)] = field(
        default_factory=dict
    )


class Frame(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A piece of a message to one operator's consoles. Numbers grow by one within a stream."""

    node: str
    operator: str
    epoch: int
    stream: Stream
    number: int
    part: int
    parts: int
    time: int
    piece: str
    v: Literal[1] = 1


class Offered(Struct, frozen=True, tag_field="kind", tag="offered"):
    """A decision to be answered, or a newer version of one."""

    view: DecisionView


class Withdrawn(Struct, frozen=True, tag_field="kind", tag="withdrawn"):
    """A decision that no longer waits, and how it ended."""

    id: str
    why: str


class Result(Struct, frozen=True, tag_field="kind", tag="result"):
    """What came of a command; the type of `value` is the deed's."""

    id: str
    value: Raw


class Failed(Struct, frozen=True, tag_field="kind", tag="error"):
    """A command that was not carried out, and why. Without `id` nobody knows whose it was."""

    id: str
    code: int
    reason: str


class Working(Struct, frozen=True, tag_field="kind", tag="working"):
    """A command is under way."""

    id: str
    done: int
    total: int


class Shot(Struct, frozen=True, tag_field="kind", tag="snapshot"):
    """The newest snapshot."""

    snapshot: Snapshot


Message = Offered | Withdrawn | Result | Failed | Working | Shot
encode = msgspec.json.Encoder().encode
decode_message = msgspec.json.Decoder(Message).decode
decode_frame = msgspec.json.Decoder(Frame).decode


class BadCommand(ValueError):  # noqa: N818 - named as the wire's own
    """A command that cannot be understood. `code` as on the wire."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def decode_command(payload: bytes) -> Command:
    """Read a command strictly, or raise `BadCommand`."""
    try:
        return msgspec.convert(parse(payload, MAX_BYTES), Command)
    except Malformed as error:
        raise BadCommand(error.code, str(error)) from None
    except msgspec.ValidationError as error:
        raise BadCommand(422, str(error)) from None
