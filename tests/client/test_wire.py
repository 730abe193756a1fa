import json
from typing import Any

import msgspec
import pytest
from msgspec import Raw

from app.intake.client import new_request_id
from app.intake.wire import (
    AnyMessage,
    AnyReply,
    BadMessage,
    Cancel,
    Consume,
    Consumed,
    OutcomeReport,
    Pending,
    ProposedAction,
    Query,
    Recorded,
    StatusQuery,
    StatusReply,
    Submit,
    VerdictReply,
    decode,
    decode_reply,
    encode,
    refuse,
)
from components.actions import ContextPiece
from components.canonical import MAX_BYTES

ID = "01890a5d-ac96-774b-bcce-b302099a8057"
SUBMIT = Submit(
    node="n1",
    agent="a",
    request_id=ID,
    attempt=1,
    nonce="n" * 16,
    issued_at=1,
    expires_at=2,
    action=ProposedAction("shell", {"argv": ["ls", "é"]}),
    action_digest="0" * 64,
    context=(ContextPiece("page", False, "text"),),
)
MESSAGES: list[AnyMessage] = [
    StatusQuery(),
    SUBMIT,
    Query(agent="a", request_id=ID),
    Cancel(agent="a", request_id=ID),
    Consume(agent="a", request_id=ID, action_digest="f" * 64),
    OutcomeReport(agent="a", request_id=ID, status="failed", duration_us=3, detail="x"),
]
REPLIES: list[AnyReply] = [
    StatusReply(node="n1", state="paused", key="k", epoch=2, valid_until=3),
    Pending(request_id=ID, decision_id="d", deadline=9),
    VerdictReply(request_id=ID, envelope=Raw(b'{"payload":"AA=="}')),
    Consumed(request_id=ID, at=4),
    Recorded(request_id=ID),
    refuse(429, "busy", request_id=ID, retry_after_ms=20),
    refuse(400, "no"),
]


def body(**changes: Any) -> bytes:
    return msgspec.json.encode({**msgspec.to_builtins(SUBMIT), **changes})


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_messages_survive_the_wire(message: AnyMessage) -> None:
    line = encode(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode(line[:-1]) == message


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: type(reply).__name__)
def test_replies_survive_the_wire(reply: AnyReply) -> None:
    back = decode_reply(encode(reply)[:-1])
    if isinstance(reply, VerdictReply):
        assert isinstance(back, VerdictReply)
        assert bytes(back.envelope) == bytes(reply.envelope)
    else:
        assert back == reply


@pytest.mark.parametrize(
    ("raw", "code", "field"),
    [
        (body(v=2), 426, "v"),
        (body(v=True), 426, "v"),
        (body(kind="nonsense"), 400, "kind"),
        (body(kind=["submit"]), 400, "kind"),
        (body(extra=1), 422, ""),
        (body(action={"tool": "t"}), 422, "action"),
        (body(action={"tool": "", "arguments": {}}), 422, "action.tool"),
        (body(action_digest="F" * 64), 422, "action_digest"),
        (body(action_digest="0" * 64 + "\n"), 422, "action_digest"),
        (body(expires_at=-1), 422, "expires_at"),
        (body(attempt=1.5), 422, "attempt"),
        (body(request_id=ID.replace("-7", "-4", 1)), 400, "request_id"),
        (b"[]", 400, ""),
        (b"", 422, ""),
    ],
)
def test_what_does_not_fit_is_named(raw: bytes, code: int, field: str) -> None:
    with pytest.raises(BadMessage) as caught:
        decode(raw)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert caught.value.reply().code == code


@pytest.mark.fault(48)
def test_fault_48_one_byte_over_the_size() -> None:
    room = MAX_BYTES - len(body(narrative=""))
    assert isinstance(decode(body(narrative="x" * room)), Submit)
    with pytest.raises(BadMessage) as caught:
        decode(body(narrative="x" * (room + 1)))
    assert caught.value.code == 413


@pytest.mark.fault(49)
def test_fault_49_invalid_utf8() -> None:
    with pytest.raises(BadMessage) as caught:
        decode(body(narrative="NARRATIVE").replace(b"NARRATIVE", b"\xff\xfe"))
    assert caught.value.code == 400


@pytest.mark.fault(50)
@pytest.mark.parametrize("name", ["a/b", "a+", "#", "$SYS", "a\0", "", "a" * 65, "a\n", "é"])
@pytest.mark.parametrize("field", ["node", "agent", "request_id"])
def test_fault_50_reserved_characters_in_an_identifier(field: str, name: str) -> None:
    with pytest.raises(BadMessage) as caught:
        decode(body(**{field: name}))
    assert (caught.value.code, caught.value.field) == (400, field)


@pytest.mark.fault(61, 62, 63, 64, 65)
@pytest.mark.parametrize(
    "narrative",
    [
        '"a","narrative":"b"',
        '"a","narrativ\\u0065":"b"',
        "NaN",
        "-Infinity",
        "[" * 100_000,
        "9007199254740993",
        "1e400",
        '"\\ud800"',
    ],
    ids=["twice", "twice-escaped", "nan", "infinity", "deep", "2^53", "1e400", "surrogate"],
)
def test_fault_61_to_65_json_that_is_not_strict(narrative: str) -> None:
    raw = body(narrative="HERE").replace(b'"HERE"', narrative.encode())
    with pytest.raises(BadMessage) as caught:
        decode(raw)
    assert caught.value.code == 422


def test_the_refusal_names_the_request_when_it_can() -> None:
    with pytest.raises(BadMessage) as caught:
        decode(body(nonce="short"))
    assert caught.value.reply().request_id == ID
    with pytest.raises(BadMessage) as caught:
        decode(b'{"kind":"query","v":1,"agent":"a","request_id":"not one"}')
    assert caught.value.reply().request_id == ""


def test_an_error_without_more_to_say_is_short() -> None:
    assert json.loads(encode(refuse(404, "unknown"))) == {
        "kind": "error",
        "code": 404,
        "reason": "unknown",
    }


def test_request_ids_are_uuid7_in_the_order_of_time() -> None:
    ids = [new_request_id(now * 1000) for now in range(1_700_000_000_000, 1_700_000_000_050)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 50
    for request_id in ids:
        decode(encode(Query(agent="a", request_id=request_id))[:-1])
