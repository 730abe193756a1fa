"""The nodes that cosign this one's log, and those whose logs it cosigns, as `[mqtt]` names them."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from app.broker.settings import MqttSettings, located
from app.home import NODE_PUB_NAME
from components.audit_system import WitnessKey, parse_witness_key
from components.keys import (
    KeyProblem,
    VerifierKey,
    check_principal,
    parse_verifier_key,
)

T = TypeVar("T", WitnessKey, VerifierKey)

_LONGEST = 4096


class BadWitness(OSError):  # noqa: N818 - it says what it is about
    """A file of `witnesses` or `witness_of` cannot be used; the text says which and why."""


def witness_keys(settings: MqttSettings, home: Path) -> tuple[WitnessKey, ...]:
    """The keys of the nodes in `witnesses`. Raises `BadWitness`."""
    return _keys("witnesses", settings.witnesses, home, parse_witness_key)


def witnessed_logs(settings: MqttSettings, home: Path) -> tuple[VerifierKey, ...]:
    """The keys of the logs in `witness_of`. Raises `BadWitness`."""
    return _keys("witness_of", settings.witness_of, home, parse_verifier_key)


def _keys(
    setting: str, files: Iterable[str], home: Path, parse: Callable[[str], T]
) -> tuple[T, ...]:
    own, found = _own(home), dict[str, T]()
    for name in files:
        path = located(home, name)
        try:
            key = parse(_text(path))
            check_principal(key.name)  # it is a part of topics
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise BadWitness(f"[mqtt] {setting}: {path}: {reason}") from None
        except (UnicodeDecodeError, KeyProblem) as error:
            raise BadWitness(f"[mqtt] {setting}: {path}: {error}") from None
        if key.public == own:
            raise BadWitness(f"[mqtt] {setting}: {path} is this node's own key")
        if key.name in found or key.public in {one.public for one in found.values()}:
            raise BadWitness(f"[mqtt] {setting}: {path}: {key.name} is there twice")
        found[key.name] = key
    return tuple(found.values())


def _own(home: Path) -> bytes:
    """The node's public key; empty where its first start made none yet."""
    try:
        return parse_verifier_key(_text(home / NODE_PUB_NAME)).public
    except (OSError, UnicodeDecodeError, KeyProblem):
        return b""


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_LONGEST).decode("utf-8")
