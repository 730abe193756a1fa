"""Ed25519 keys: the node's key file, who may sign, and signed envelopes."""

from components.keys.dsse import Signed, open_dsse, open_signed, sign_dsse
from components.keys.encoding import key_id
from components.keys.errors import KeyProblem, Unauthorised
from components.keys.keyfile import load_or_create_key, publish_verifier_key
from components.keys.keyring import Keyring, TrustedKey
from components.keys.verifier import (
    VerifierKey,
    check_name,
    check_public,
    note_key_id,
    parse_verifier_key,
    verifier_key,
)

__all__ = [
    "KeyProblem",
    "Keyring",
    "Signed",
    "TrustedKey",
    "Unauthorised",
    "VerifierKey",
    "check_name",
    "check_public",
    "key_id",
    "load_or_create_key",
    "note_key_id",
    "open_dsse",
    "open_signed",
    "parse_verifier_key",
    "publish_verifier_key",
    "sign_dsse",
    "verifier_key",
]
