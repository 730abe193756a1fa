"""An operator's answer, signed: what it says is bound to the key of the person who gave it."""

import msgspec
from msgspec.structs import replace
from nacl.signing import SigningKey

from components.actions import Answer
from components.keys import (
    Keyring,
    Unauthorised,
    key_id,
    open_signed,
    refuse_observer,
    sign_dsse,
)

ANSWER_TYPE = "application/vnd.assent.answer.v1+json"
"""The DSSE payload type of an operator's answer."""

_encode = msgspec.json.Encoder(order="sorted").encode
_answer = msgspec.json.Decoder(Answer).decode


def sign_answer(answer: Answer, key: SigningKey) -> bytes:
    """The answer in an envelope signed by its operator's key."""
    name = key_id(bytes(key.verify_key))
    return sign_dsse(ANSWER_TYPE, _encode(replace(answer, key_id=name)), key, name)


def open_answer(envelope: bytes, keyring: Keyring, now: int) -> Answer:
    """The answer in an envelope, with the signer's tier and the signature.

    Raises `Unauthorised` unless a key valid at `now` (us since 1970 UTC) signed it, and it is the
    key of the operator whom the answer names, and no observer's. The tier is the keyring's,
    whatever the answer says.
    """
    signed = open_signed(envelope, ANSWER_TYPE, keyring, now)
    refuse_observer(signed.signer)
    try:
        answer = _answer(signed.payload)
    except msgspec.DecodeError as error:
        raise Unauthorised(f"the signed answer cannot be read: {error}") from None
    if answer.operator != signed.signer.principal or answer.key_id != signed.signer.key_id:
        raise Unauthorised("the answer names another operator or key than the one that signed it")
    return replace(answer, tier=signed.signer.tier, signature=signed.signature)
