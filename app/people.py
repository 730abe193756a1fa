"""The people who may answer at a node: enrolled, listed and revoked in its operators folder.

Each has a line in the keyring and a key file that only their passphrase opens. The console's own
operator has a plain key file instead (see `app.node.identity`). Who answers from a console
elsewhere makes their key there; only its public half comes here, as a line to be trusted.
"""

from pathlib import Path
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace
from nacl.signing import SigningKey

from app.node.identity import KEYRING_NAME, OPERATORS_FOLDER
from components.keys import (
    KeyProblem,
    Keyring,
    TrustedKey,
    Unauthorised,
    check_principal,
    create_locked_key,
    key_id,
    unlock_key,
    update_keyring,
)


class Enrolled(Struct, frozen=True):
    """One key of the keyring. `state` is `valid` or why not; `opens` is what its file takes."""

    name: str
    tier: int
    observer: bool
    state: str
    opens: Literal["passphrase", "no passphrase", "not here"]
    key_id: str


def enrol(home: Path, name: str, tier: int, passphrase: str) -> TrustedKey:
    """Make a person's key, locked by their passphrase, and trust it. Raises `KeyProblem`."""
    check_principal(name)
    folder = _folder(home)
    if _plain(folder, name).exists():
        raise KeyProblem(f"{name} is this console's own operator, with a key in {folder} already")
    made: list[TrustedKey] = []

    def change(ring: Keyring) -> Keyring:
        if any(not key.revoked for key in ring.of(name)):
            raise KeyProblem(f"{name} has a key already: revoke it before making another")
        path = _locked(folder, name)
        if ring.of(name):
            path.unlink(missing_ok=True)  # what a revoked key has signed can be checked without it
        key = create_locked_key(path, passphrase)
        made.append(TrustedKey(principal=name, public=bytes(key.verify_key), tier=tier))
        return ring.enrol(made[0])

    update_keyring(folder / KEYRING_NAME, change)
    return made[0]


def make(home: Path, name: str, passphrase: str) -> tuple[TrustedKey, Path]:
    """Make a person's key, locked by their passphrase, to answer with elsewhere; and its file.

    Nobody trusts it yet. Raises `KeyProblem`.
    """
    check_principal(name)
    path = _locked(_folder(home), name)
    if path.exists():
        raise KeyProblem(f"{name} has a key here already: {path}")
    key = create_locked_key(path, passphrase)
    return TrustedKey(principal=name, public=bytes(key.verify_key)), path


def trust(home: Path, line: str, tier: int, *, observer: bool) -> TrustedKey:
    """Trust a key by its line of a keyring, as `make` gives it. Raises `KeyProblem`.

    What the person may do here is not theirs to say: a line with options is refused.
    """
    key = _plain_line(line)
    folder = _folder(home)
    if _plain(folder, key.principal).exists():
        raise KeyProblem(f"{key.principal} is this console's own operator, with another key")
    trusted = replace(key, tier=tier, observer=observer)

    def change(ring: Keyring) -> Keyring:
        if any(not known.revoked for known in ring.of(key.principal)):
            raise KeyProblem(
                f"{key.principal} has a key already: revoke it before trusting another"
            )
        return ring.enrol(trusted)

    update_keyring(folder / KEYRING_NAME, change)
    return trusted


def _plain_line(line: str) -> TrustedKey:
    keys = Keyring.parse(line).keys
    if len(keys) != 1:
        raise KeyProblem("this is not one line of a keyring")
    plain = TrustedKey(principal=keys[0].principal, public=keys[0].public)
    if keys[0] != plain:
        raise KeyProblem("the line has options: leave them out, and say here what they may do")
    return plain


def revoke(home: Path, name: str) -> int:
    """Revoke every key of a person; the result counts them. Raises `KeyProblem`."""
    revoked: list[TrustedKey] = []

    def change(ring: Keyring) -> Keyring:
        if not ring.of(name):
            raise KeyProblem(f"nobody called {name} is in the keyring")
        revoked.extend(key for key in ring.of(name) if not key.revoked)
        for key in revoked:
            ring = ring.revoke(key.key_id)
        return ring

    update_keyring(_folder(home) / KEYRING_NAME, change)
    return len(revoked)


def enrolled(home: Path, now: int) -> tuple[Enrolled, ...]:
    """Every key of the keyring as it is at `now` (µs since 1970 UTC). Raises `KeyProblem`."""
    folder = home / OPERATORS_FOLDER
    path = folder / KEYRING_NAME
    ring = Keyring.load(path) if path.exists() else Keyring()
    return tuple(
        Enrolled(
            name=key.principal,
            tier=key.tier,
            observer=key.observer,
            state=key.refusal(now).removeprefix("is ") or "valid",
            opens=(
                "no passphrase"
                if _plain(folder, key.principal).exists()
                else "passphrase"
                if _locked(folder, key.principal).exists()
                else "not here"
            ),
            key_id=key.key_id,
        )
        for key in ring.keys
    )


def unlock(home: Path, name: str, passphrase: str, now: int) -> SigningKey:
    """The key of an enrolled person, which must be valid at `now` (µs since 1970 UTC).

    Takes half a second. Raises `KeyProblem` or `Unauthorised`.
    """
    check_principal(name)
    folder = home / OPERATORS_FOLDER
    key = unlock_key(_locked(folder, name), passphrase)
    trusted = Keyring.load(folder / KEYRING_NAME).find(key_id(bytes(key.verify_key)), now)
    if trusted.principal != name:
        raise Unauthorised(f"the key in {name}'s file is {trusted.principal}'s")
    return key


def _folder(home: Path) -> Path:
    folder = home / OPERATORS_FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _plain(folder: Path, name: str) -> Path:
    return folder / f"{name}.key"


def _locked(folder: Path, name: str) -> Path:
    return folder / f"{name}.locked"
