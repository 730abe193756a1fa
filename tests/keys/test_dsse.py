import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from components.keys import (
    Keyring,
    TrustedKey,
    Unauthorised,
    key_id,
    open_dsse,
    open_signed,
    sign_dsse,
)
from components.keys.encoding import encode

NOW = 1_700_000_000_000_000
TYPE = "application/vnd.assent.verdict.v1+json"
ALICE, BOB = SigningKey(b"a" * 32), SigningKey(b"b" * 32)


def _trusted(name: str, key: SigningKey, **more) -> TrustedKey:
    return TrustedKey(principal=name, public=key.verify_key.encode(), **more)


def _id(key: SigningKey) -> str:
    return key_id(key.verify_key.encode())


RING = Keyring().enrol(_trusted("alice", ALICE)).enrol(_trusted("bob", BOB))


def _refused(envelope: bytes, kind: str = TYPE, ring: Keyring = RING, now: int = NOW) -> str:
    with pytest.raises(Unauthorised) as refused:
        open_dsse(envelope, kind, ring, now)
    assert refused.value.code == 401
    return str(refused.value)


@given(payload=st.binary(max_size=300), kind=st.text(max_size=20).filter(str.isprintable))
def test_what_was_signed_is_what_is_opened(payload, kind):
    envelope = sign_dsse(kind, payload, ALICE, _id(ALICE))
    assert open_dsse(envelope, kind, RING, NOW) == payload
    assert open_signed(envelope, kind, RING, NOW).signer.principal == "alice"


def test_the_signature_is_over_the_published_encoding():
    # The specification's own example of the pre-authentication encoding.
    body = json.loads(sign_dsse("http://example.com/HelloWorld", b"hello world", ALICE, "k"))
    expected = ALICE.sign(b"DSSEv1 29 http://example.com/HelloWorld 11 hello world").signature
    assert body["payloadType"] == "http://example.com/HelloWorld"
    assert body["payload"] == "aGVsbG8gd29ybGQ="
    assert body["signatures"] == [{"keyid": "k", "sig": encode(expected)}]


@pytest.mark.fault(69)
def test_fault_69_payload_type_confused_is_unauthorised():
    envelope = sign_dsse("application/vnd.assent.answer.v1+json", b"{}", ALICE, _id(ALICE))
    assert "signed as" in _refused(envelope)
    relabelled = json.loads(envelope) | {"payloadType": TYPE}
    assert "not alice's" in _refused(json.dumps(relabelled).encode())


@pytest.mark.fault(69)
def test_fault_69_key_id_confused_is_unauthorised():
    assert "not bob's" in _refused(sign_dsse(TYPE, b"{}", ALICE, _id(BOB)))
    assert "not in the keyring" in _refused(sign_dsse(TYPE, b"{}", ALICE, "alice"))
    assert "not in the keyring" in _refused(sign_dsse(TYPE, b"{}", ALICE, ""))


@pytest.mark.fault(67)
def test_fault_67_revoked_or_expired_key_opens_nothing():
    envelope = sign_dsse(TYPE, b"{}", ALICE, _id(ALICE))
    assert "revoked" in _refused(envelope, ring=RING.revoke(_id(ALICE)))
    expired = Keyring().enrol(_trusted("alice", ALICE, valid_before=NOW))
    assert "expired" in _refused(envelope, ring=expired)
    early = Keyring().enrol(_trusted("alice", ALICE, valid_after=NOW + 1_000_000))
    assert "not valid yet" in _refused(envelope, ring=early)


def _with(**changes) -> bytes:
    body = json.loads(sign_dsse(TYPE, b"payload", ALICE, _id(ALICE)))
    return json.dumps(body | changes).encode()


def test_whatever_is_changed_in_an_envelope_it_is_refused():
    good = json.loads(_with())
    line = good["signatures"][0]
    for envelope in (
        b"",
        b"[]",
        b"{}",
        b"\xff",
        _with(payload=encode(b"other")),
        _with(payload="not base64"),
        _with(payload=good["payload"] + "\n"),
        _with(payload=good["payload"].rstrip("=")),
        _with(signatures=[]),
        _with(signatures=[line, line]),
        _with(signatures=[line | {"sig": encode(bytes(64))}]),
        _with(signatures=[line | {"sig": line["sig"][:-4]}]),
        _with(signatures=[line | {"alg": "none"}]),
        _with(alg="none"),
        _with()[:-1] + b',"payload":"aGk="}',
    ):
        assert _refused(envelope)


def test_a_verdicts_bytes_are_the_same_each_time():
    assert sign_dsse(TYPE, b"x", ALICE, "k") == sign_dsse(TYPE, b"x", ALICE, "k")
