"""Who this node is and who may answer at it: names, keys and the keyring, from the home folder."""

from pathlib import Path

from msgspec import Struct
from nacl.signing import SigningKey

from app.home import NODE_KEY_NAME, NODE_PUB_NAME
from app.settings import Settings, default_node_name, operator_name
from components.keys import (
    KeyProblem,
    Keyring,
    TrustedKey,
    check_name,
    key_id,
    load_or_create_key,
    parse_verifier_key,
    publish_verifier_key,
    sign_dsse,
    update_keyring,
    verifier_key,
)

OPERATORS_FOLDER = "operators"
KEYRING_NAME = "keyring"


class Identity(Struct, frozen=True):
    """The node's name and key, as `vkey` for others, and the operator of this console."""

    node: str
    key: SigningKey
    vkey: str
    operator: str
    operator_key: SigningKey
    keyring_path: Path

    @property
    def key_id(self) -> str:
        """The node key's name on the wire."""
        return key_id(bytes(self.key.verify_key))

    def seal(self, payload_type: str, payload: bytes) -> bytes:
        """The payload in an envelope signed by the node's key."""
        return sign_dsse(payload_type, payload, self.key, self.key_id)

    def keyring(self) -> Keyring:
        """Who may answer, read afresh, so that a revocation holds at once."""
        return Keyring.load(self.keyring_path)


def load_identity(home: Path, settings: Settings, *, first: bool) -> Identity:
    """Read the keys of a home, made where this is the `first` start. Raises `KeyProblem`."""
    key = load_or_create_key(home / NODE_KEY_NAME, may_create=first)
    name = _node_name(home, settings)
    check_name(name)
    vkey = verifier_key(name, key)
    publish_verifier_key(home / NODE_PUB_NAME, vkey)
    operator, operator_key, keyring_path = _operator(home, settings)
    return Identity(name, key, vkey, operator, operator_key, keyring_path)


def _node_name(home: Path, settings: Settings) -> str:
    """The name in the published key: a log keeps its origin, whatever the machine is called."""
    try:
        published = parse_verifier_key((home / NODE_PUB_NAME).read_text("utf-8").strip()).name
    except FileNotFoundError:
        return settings.node.name or default_node_name()
    if settings.node.name and settings.node.name != published:
        raise KeyProblem(
            f"the settings name this node {settings.node.name!r}, but its log was begun as "
            f"{published!r}: set [node] name = {published!r}, or begin a new home"
        )
    return published


def _operator(home: Path, settings: Settings) -> tuple[str, SigningKey, Path]:
    folder = home / OPERATORS_FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    name = operator_name(settings)
    key_path, keyring_path = folder / f"{name}.key", folder / KEYRING_NAME
    key = load_or_create_key(key_path, may_create=True)
    own = TrustedKey(principal=name, public=bytes(key.verify_key), tier=settings.operator.tier)
    update_keyring(
        keyring_path,
        lambda ring: (
            ring if own.key_id in {known.key_id for known in ring.keys} else ring.enrol(own)
        ),
    )
    return name, key, keyring_path
