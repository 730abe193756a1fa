"""What a node listens to: signed, trusted, for it, for this run, in time, and once."""

import json
import secrets
from typing import Any

import msgspec
import pytest
from nacl.signing import SigningKey

from app.intake.client import new_request_id
from app.remote.admission import Admission, Seen, Turned
from app.remote.wire import COMMAND_TYPE, Command, Sync, encode
from components.clock import ManualClock
from components.gate import ANSWER_TYPE
from components.keys import KeyProblem, Keyring, TrustedKey, key_id, sign_dsse

EPOCH = 77
KEY = SigningKey(b"a" * 32)
OTHER = SigningKey(b"b" * 32)
S = 1_000_000


def public(key: SigningKey) -> bytes:
    return bytes(key.verify_key)


class Desk:
    """A node's door, and an operator who knocks."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.ring = Keyring(
            (
                TrustedKey(principal="ada", public=public(KEY), tier=2),
                TrustedKey(principal="eve", public=public(OTHER)),
            )
        )
        self.admission = Admission("node-1", EPOCH, lambda: self.ring, self.clock)

    def body(self, **changes: Any) -> dict[str, Any]:
        now = self.clock.now()
        return {
            "node": "node-1",
            "operator": "ada",
            "key_id": key_id(public(KEY)),
            "epoch": EPOCH,
            "id": new_request_id(now),
            "nonce": secrets.token_hex(16),
            "issued_at": now,
            "expires_at": now + 10 * S,
            "method": "undo",
            "arguments": {"decision_id": "d-1"},
            "v": 1,
            **changes,
        }

    def sign(self, body: dict[str, Any] | bytes, key: SigningKey = KEY, kind: str = COMMAND_TYPE):
        payload = body if isinstance(body, bytes) else encode(body)
        return sign_dsse(kind, payload, key, key_id(public(key)))

    def turned(self, envelope: bytes, operator: str = "ada") -> Turned:
        with pytest.raises(Turned) as caught:
            self.admission.admit(operator, envelope)
        return caught.value


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_command_is_read_with_its_signer(desk: Desk) -> None:
    body = desk.body(method="sync", arguments={"have": {"d-1": [3, "p"]}})
    command, deed, key = desk.admission.admit("ada", desk.sign(body))
    assert deed == Sync(have={"d-1": (3, "p")})
    assert (key.tier, msgspec.to_builtins(command)) == (2, body)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"v": 2}, 422),
        ({"more": 1}, 422),
        ({"node": "node-2"}, 404),
        ({"operator": "eve"}, 403),
        ({"key_id": key_id(public(OTHER))}, 401),
        ({"epoch": EPOCH - 1}, 409),
        ({"epoch": 0}, 409),
        ({"id": "d-1"}, 422),
        ({"id": "0190a4b0-0000-4000-8000-000000000000"}, 422),
        ({"nonce": "0" * 31 + "\n"}, 422),
        ({"method": "__init__"}, 404),
        ({"arguments": {}}, 422),
        ({"arguments": {"decision_id": 5}}, 422),
        ({"arguments": {"decision_id": ""}}, 422),
        ({"arguments": {"decision_id": "x" * 129}}, 422),
        ({"arguments": {"decision_id": "d-1", "force": True}}, 422),
        ({"method": "snooze", "arguments": {"decision_id": "d-1", "seconds": -1}}, 422),
        ({"method": "audit_page", "arguments": {"wanted": {}, "before": None, "limit": 501}}, 422),
        ({"issued_at": -1}, 422),
        ({"arguments": []}, 422),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_not_understood_or_not_meant_is_refused(
    desk: Desk, changes: dict[str, Any], code: int
) -> None:
    assert desk.turned(desk.sign(desk.body(**changes))).code == code


@pytest.mark.parametrize(
    ("issued_s", "valid_s", "code"),
    [(-61, 60, 408), (61, 10, 401), (-30, 10, 408), (0, 61, 401), (0, -1, 408)],
)
@pytest.mark.fault(57)
def test_fault_57_a_command_of_another_time_is_refused(
    desk: Desk, issued_s: int, valid_s: int, code: int
) -> None:
    issued = desk.clock.now() + issued_s * S
    body = desk.body(issued_at=issued, expires_at=issued + valid_s * S)
    turned = desk.turned(desk.sign(body))
    assert (turned.code, turned.id) == (code, body["id"])


@pytest.mark.parametrize("off_s", [-59, 59])
def test_a_minute_of_difference_is_borne(desk: Desk, off_s: int) -> None:
    issued = desk.clock.now() + off_s * S
    desk.admission.admit("ada", desk.sign(desk.body(issued_at=issued, expires_at=issued + 60 * S)))


@pytest.mark.fault(56)
def test_fault_56_what_was_heard_is_not_heard_again(desk: Desk) -> None:
    body = desk.body(expires_at=desk.clock.now() + 60 * S)
    envelope = desk.sign(body)
    desk.admission.admit("ada", envelope)
    for _ in range(6):
        assert desk.turned(envelope).code == 410
        assert desk.turned(desk.sign({**body, "id": new_request_id(body["issued_at"])})).code == 410
        assert desk.turned(desk.sign({**body, "nonce": secrets.token_hex(16)})).code == 410
        desk.clock.advance(10)
    desk.clock.advance(1)
    assert desk.turned(envelope).code == 408


def test_what_is_remembered_is_bounded_and_forgotten(desk: Desk) -> None:
    seen = Seen(most=3)

    def take() -> None:
        body = desk.body()
        seen.take(msgspec.convert(body, Command), desk.clock.now())

    for _ in range(3):
        take()
    with pytest.raises(Turned) as full:
        take()
    assert full.value.code == 429
    desk.clock.advance(121)
    take()
    assert len(seen) == 1


@pytest.mark.fault(67)
def test_fault_67_revoked_expired_and_unknown_keys(desk: Desk) -> None:
    trusted = desk.ring.keys[0]
    body = desk.body()
    lapsed = [
        msgspec.structs.replace(trusted, revoked=True),
        msgspec.structs.replace(trusted, valid_before=desk.clock.now() - 1),
        msgspec.structs.replace(trusted, valid_after=desk.clock.now() + 1),
    ]
    for key in lapsed:
        desk.ring = Keyring((key,))
        turned = desk.turned(desk.sign(body))
        assert (turned.code, turned.id) == (401, body["id"]), "its operator hears it"
    desk.ring = Keyring()
    assert (desk.turned(desk.sign(body)).code, desk.turned(desk.sign(body)).id) == (401, "")


def test_a_forged_command_names_nobodys(desk: Desk) -> None:
    body = desk.body()
    envelope = json.loads(desk.sign(body))
    envelope["signatures"][0]["sig"] = json.loads(desk.sign(desk.body()))["signatures"][0]["sig"]
    turned = desk.turned(encode(envelope))
    assert (turned.code, turned.id) == (401, "")


@pytest.mark.fault(69)
def test_fault_69_an_answer_is_no_command(desk: Desk) -> None:
    assert desk.turned(desk.sign(desk.body(), kind=ANSWER_TYPE)).code == 401


def test_nobody_speaks_for_another(desk: Desk) -> None:
    assert desk.turned(desk.sign(desk.body(), OTHER)).code == 403
    assert desk.turned(desk.sign(desk.body()), "eve").code == 403


@pytest.mark.fault(48, 61, 62, 63, 64, 65)
@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b'{"v":1,"v":1}', 422),
        (b'{"v":NaN}', 422),
        (b"[" * 100_000, 422),
        (b'{"v":9007199254740992}', 422),
        (b'{"v":"\\ud800"}', 422),
        (b"\xff", 422),
        (b"", 422),
    ],
    ids=lambda value: str(value)[:20],
)
def test_faults_of_json_are_refused(desk: Desk, payload: bytes, code: int) -> None:
    assert desk.turned(desk.sign(payload)).code == code


def test_one_byte_too_many_is_refused_unread(desk: Desk) -> None:
    assert desk.turned(b" " * (256 * 1024 + 1)).code == 413
    for garbage in (b"", b"{}", b"\x00" * 100, b"[" * 1_000):
        assert desk.turned(garbage).code == 401


def test_without_a_keyring_nobody_is_trusted(desk: Desk) -> None:
    def missing() -> Keyring:
        raise KeyProblem("the keyring cannot be read")

    door = Admission("node-1", EPOCH, missing, desk.clock)
    with pytest.raises(Turned) as caught:
        door.admit("ada", desk.sign(desk.body()))
    assert caught.value.code == 401
