"""A verdict counts only if everything about it holds; all else denies."""

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from assent_client import AsyncAssent, Permission, Piece
from nacl.signing import SigningKey

from app.home import NODE_PUB_NAME
from app.intake.wire import Cancel, Submit, VerdictReply, refuse
from components.canonical import digest
from components.keys import verifier_key
from tests.client.scripted import ScriptedNode, allow, hang_up, reply, say_nothing, verdict

ARGUMENTS: dict[str, Any] = {"path": "a.txt", "sizes": [1.5, 2]}
CHANGED = {"path": "b.txt"}


def digest_of(arguments: dict[str, Any]) -> str:
    return digest("n1", "a", "write_file", arguments)


async def asked(home: Path, *script: Any, **more: Any) -> tuple[Permission, ScriptedNode]:
    async with ScriptedNode(home, *script) as node, AsyncAssent(home, "a") as assent:
        return await assent.ask("write_file", ARGUMENTS, **more), node


async def denied(home: Path, *script: Any) -> str:
    permission, _ = await asked(home, *script)
    assert not permission.allowed
    assert permission.rule == "client"
    return permission.reasons[0]


async def test_an_allowing_verdict_that_holds_allows(home: Path) -> None:
    pieces = [Piece("web", "a page"), Piece("user", "a wish", trusted=True)]
    permission, node = await asked(home, request="write it", context=pieces, narrative="now")
    assert permission.allowed
    assert (permission.arguments, permission.modified) == (ARGUMENTS, False)
    submit = node.of(Submit)[0]
    assert (submit.agent, submit.node, submit.request, submit.narrative) == (
        "a", "n1", "write it", "now",
    )  # fmt: skip
    assert [(piece.source, piece.text, piece.trusted) for piece in submit.context] == [
        ("web", "a page", False),
        ("user", "a wish", True),
    ]
    assert submit.action_digest == permission.digest == digest_of(ARGUMENTS)


@pytest.mark.fault(69)
async def test_fault_69_another_key_or_payload_type_denies(home: Path) -> None:
    assert "signature" in await denied(home, verdict(key=SigningKey.generate()))
    assert "another type" in await denied(home, verdict(kind="application/x.other+json"))


def tampered(change: Any) -> Any:
    async def answer(node: ScriptedNode, message: Any, hand: Any) -> None:
        envelope = json.loads(bytes(node.sealed(message).envelope))
        change(envelope)
        raw = msgspec.Raw(json.dumps(envelope).encode())
        hand.send(VerdictReply(request_id=message.request_id, envelope=raw))

    return answer


def another_payload(envelope: dict[str, Any]) -> None:
    payload = base64.b64decode(envelope["payload"]).replace(b'"allow"', b'"deny"')
    envelope["payload"] = base64.b64encode(payload).decode()


@pytest.mark.parametrize(
    "change",
    [
        another_payload,
        lambda envelope: envelope["signatures"][0].update(keyid="0" * 32),
        lambda envelope: envelope["signatures"][0].update(sig=base64.b64encode(bytes(64)).decode()),
        lambda envelope: envelope["signatures"][0].update(sig="AA=="),
        lambda envelope: envelope["signatures"][0].update(sig=7),
        lambda envelope: envelope["signatures"].append(envelope["signatures"][0]),
        lambda envelope: envelope.update(signatures=[]),
        lambda envelope: envelope.update(payload=envelope["payload"] + "\n"),
        lambda envelope: envelope.update(payload=None),
        lambda envelope: envelope.clear(),
    ],
)
async def test_a_tampered_envelope_denies(home: Path, change: Any) -> None:
    assert "does not hold" in await denied(home, tampered(change))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"action_digest": "0" * 64}, "another action"),
        ({"node": "n2"}, "another node"),
        ({"agent": "b"}, "another agent"),
        ({"request_id": "01890a5d-ac96-774b-bcce-b302099a8057"}, "another request_id"),
        ({"v": 2}, "another v"),
        ({"replaces": "0" * 64}, "another action"),
        ({"arguments": CHANGED}, "another action"),
        ({"arguments": CHANGED, "action_digest": digest_of(CHANGED)}, "another action"),
        ({"arguments": {"path": "c.txt"}, "action_digest": digest_of(CHANGED),
          "replaces": digest_of(ARGUMENTS)}, "another action"),
        ({"verdict": "maybe"}, "no verdict"),
        ({"not_after": "soon"}, "does not hold"),
    ],
)  # fmt: skip
async def test_a_genuine_verdict_on_something_else_denies(
    home: Path, fields: dict[str, Any], why: str
) -> None:
    assert why in await denied(home, verdict(**fields))


async def test_changed_arguments_are_taken_when_they_replace_mine(home: Path) -> None:
    fields = {"action_digest": digest_of(CHANGED), "replaces": digest_of(ARGUMENTS)}
    permission, _ = await asked(home, verdict(arguments=CHANGED, **fields))
    assert (permission.allowed, permission.modified) == (True, True)
    assert (permission.arguments, permission.digest) == (CHANGED, digest_of(CHANGED))


@pytest.mark.fault(41)
async def test_fault_41_a_late_verdict_is_refused(home: Path) -> None:
    permission, _ = await asked(home, verdict(not_after=1))
    assert (permission.verdict, permission.rule) == ("expired", "client")


async def test_a_denial_keeps_the_nodes_reasons(home: Path) -> None:
    script = verdict(verdict="deny", reasons=("it deletes a table",), rule="sql.drop", not_after=1)
    permission, _ = await asked(home, script)
    assert (permission.verdict, permission.rule) == ("deny", "sql.drop")
    assert permission.reasons == ("it deletes a table",)


@pytest.mark.parametrize(("code", "kind"), [(409, "deny"), (423, "deny"), (408, "expired")])
async def test_an_error_denies_with_its_reason(home: Path, code: int, kind: str) -> None:
    script = reply(lambda message: refuse(code, "because", request_id=message.request_id))
    permission, node = await asked(home, script)
    assert permission.verdict == kind
    assert "because" in permission.reasons[0]
    assert len(node.of(Submit)) == 1


@pytest.mark.fault(36, 39)
async def test_fault_39_busy_or_lost_is_asked_again_with_the_same_bytes_but_the_attempt(
    home: Path,
) -> None:
    async def babble(node: ScriptedNode, message: Any, hand: Any) -> None:
        hand.writer.write(b'{"kind":"verdict","kind":"verdict"}\n')

    busy = reply(lambda m: refuse(429, "busy", request_id=m.request_id, retry_after_ms=1))
    permission, node = await asked(home, busy, hang_up, babble, allow)
    assert permission.allowed
    bodies = [json.loads(line) for line in node.lines if b'"kind":"submit"' in line]
    assert [body.pop("attempt") for body in bodies] == [1, 2, 3, 4]
    assert all(body == bodies[0] for body in bodies)


async def test_a_node_that_takes_nothing_is_told_at_the_end_of_the_wait(home: Path) -> None:
    draining = reply(
        lambda m: refuse(429, "it drains", request_id=m.request_id, retry_after_ms=10_000)
    )
    permission, _ = await asked(home, draining, timeout_s=0.3)
    assert permission.reasons == ("no verdict came in time: it drains",)


async def test_no_answer_in_time_is_expired_and_a_cancelled_wait_withdraws(home: Path) -> None:
    permission, _ = await asked(home, say_nothing, timeout_s=0.2)
    assert permission.verdict == "expired"
    async with ScriptedNode(home, say_nothing) as node, AsyncAssent(home, "a") as assent:
        asking = asyncio.create_task(assent.ask("write_file", ARGUMENTS))
        await node.until(Submit)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    assert node.of(Cancel)[0].request_id == node.of(Submit)[0].request_id


async def test_another_nodes_key_is_no_node(home: Path) -> None:
    async with ScriptedNode(home), AsyncAssent(home, "a") as assent:
        (home / NODE_PUB_NAME).write_text(verifier_key("n1", SigningKey.generate()))
        assert "not the one whose key" in (await assent.ask("t", {})).reasons[0]
        (home / NODE_PUB_NAME).write_text("no key")
        assert "holds no Ed25519" in (await assent.ask("t", {})).reasons[0]


@pytest.mark.parametrize(
    "arguments", [{"text": "x" * 300_000}, {"n": float("nan")}, {"k": object()}, {"s": "\ud800"}]
)
async def test_an_action_that_no_message_can_carry_is_denied(
    home: Path, arguments: dict[str, Any]
) -> None:
    async with ScriptedNode(home) as node, AsyncAssent(home, "a") as assent:
        assert (await assent.ask("t", arguments)).verdict == "deny"
    assert not node.of(Submit)
