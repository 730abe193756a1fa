"""Ed25519 keys: the node's and the operators' key files, who may sign, and signed envelopes."""

from components.keys.dsse import Signed, open_dsse, open_signed, payload_of, sign_dsse
from components.keys.encoding import key_id
from components.keys.errors import KeyProblem, Unauthorised, WrongPassphrase
from components.keys.keyfile import load_or_create_key, publish_verifier_key
from components.keys.keyring import (
    Keyring,
    TrustedKey,
    check_principal,
    refuse_observer,
    update_keyring,
)
from components.keys.locked import MIN_PASSPHRASE, create_locked_key, unlock_key
from components.keys.verifier import (
    VerifierKey,
    check_name,
    check_public,
    note_key_id,
    parse_verifier_key,
    verifier_key,
)

__all__ = [
    "MIN_PASSPHRASE",
    "KeyProblem",
    "Keyring",
    "Signed",
    "TrustedKey",
    "Unauthorised",
    "VerifierKey",
    "WrongPassphrase",
    "check_name",
    "check_principal",
    "check_public",
    "create_locked_key",
    "key_id",
    "load_or_create_key",
    "note_key_id",
    "open_dsse",
    "open_signed",
    "parse_verifier_key",
    "payload_of",
    "publish_verifier_key",
    "refuse_observer",
    "sign_dsse",
    "unlock_key",
    "update_keyring",
    "verifier_key",
]
