"""Who may sign: a text file with one line a key, in the manner of `allowed_signers`.

    alice valid-after=20260101000000Z,tier=2 ed25519 <base64 of the 32 bytes>
    bob   valid-before=20270101000000Z,revoked ed25519 <base64 of the 32 bytes>
    carol observer ed25519 <base64 of the 32 bytes>

An `observer` may look at everything and answer nothing. Options may be missing altogether. Times
are UTC. Lines that are empty or start with # are skipped.
"""

import fcntl
import os
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from components.keys import encoding
from components.keys.errors import KeyProblem, Unauthorised
from components.keys.private import replace_private
from components.keys.verifier import check_public

_KEY_TYPE = "ed25519"
_PRINCIPAL = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_TIME = re.compile(r"[0-9]{8}(?:[0-9]{6})?Z")
_TIER = re.compile(r"[1-9][0-9]?")
_WRITABLE_BY_OTHERS = 0o022
_SECOND = 1_000_000


class TrustedKey(Struct, frozen=True, kw_only=True):
    """One key: whose it is, from when until when (µs since 1970 UTC; 0: no bound), up to what tier.

    `valid_before` is the first moment at which the key is no longer valid.
    """

    principal: str
    public: bytes
    tier: int = 1
    valid_after: int = 0
    valid_before: int = 0
    revoked: bool = False
    observer: bool = False

    @property
    def key_id(self) -> str:
        """The key's name on the wire."""
        return encoding.key_id(self.public)

    def refusal(self, now: int) -> str:
        """Why the key is not valid at `now` (µs since 1970 UTC); empty when it is."""
        if self.revoked:
            return "is revoked"
        if now < self.valid_after:
            return "is not valid yet"
        if self.valid_before and now >= self.valid_before:
            return "has expired"
        return ""


class Keyring:
    """An immutable set of trusted keys; a change gives a new keyring."""

    def __init__(self, keys: Iterable[TrustedKey] = ()) -> None:
        self.keys = tuple(keys)
        self._by_id = {key.key_id: key for key in self.keys}
        if len(self._by_id) != len(self.keys):
            # One key under two names would let one person answer for two.
            raise KeyProblem("a key stands twice in the keyring: each key is one person's")

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """Read a keyring; raise `KeyProblem` naming the line that is wrong."""
        ring = cls()
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            try:
                ring = ring.enrol(_parse_line(line))
            except KeyProblem as problem:
                raise KeyProblem(f"line {number}: {problem}") from None
        return ring

    @classmethod
    def load(cls, path: Path) -> "Keyring":
        """Read a keyring file; one that others may write is refused, for they could enrol.

        The file is read at every call; what it says is parsed anew only when it says something new.
        """
        try:
            with path.open("rb", buffering=0) as file:
                mode = os.fstat(file.fileno()).st_mode
                text = file.readall().decode()
        except (OSError, UnicodeError) as error:
            raise KeyProblem(f"the keyring {path} cannot be read: {error}") from error
        if mode & _WRITABLE_BY_OTHERS:
            raise KeyProblem(f"the keyring {path} can be written by others: chmod go-w {path}")
        try:
            return _known(text)
        except KeyProblem as problem:
            raise KeyProblem(f"{path}, {problem}") from None

    def render(self) -> str:
        """The keyring as text that `parse` reads."""
        return "".join(map(_render_line, self.keys))

    def enrol(self, key: TrustedKey) -> "Keyring":
        """Add a key; raise `KeyProblem` for a bad name or window, a known key, a low-order one."""
        check_principal(key.principal)
        if key.valid_before and key.valid_before <= key.valid_after:
            raise KeyProblem("the key's validity ends before it begins")
        if key.valid_after % _SECOND or key.valid_before % _SECOND:
            raise KeyProblem("the key's validity must begin and end on whole seconds")
        if key.observer and key.tier != 1:
            raise KeyProblem("an observer answers nothing: leave the tier out")
        check_public(key.public)
        return Keyring((*self.keys, key))

    def revoke(self, key_id: str) -> "Keyring":
        """Mark a key as revoked; it stays listed, so that it cannot be enrolled again."""
        if key_id not in self._by_id:
            raise KeyProblem(f"no key {key_id} in the keyring")
        return Keyring(
            replace(key, revoked=True) if key.key_id == key_id else key for key in self.keys
        )

    def of(self, principal: str) -> tuple[TrustedKey, ...]:
        """All keys of one person, revoked ones included."""
        return tuple(key for key in self.keys if key.principal == principal)

    def find_answering(self, key_id: str, now: int) -> TrustedKey:
        """As `find`, for whoever wants to change something: an observer's key is refused too."""
        key = self.find(key_id, now)
        refuse_observer(key)
        return key

    def find(self, key_id: str, now: int) -> TrustedKey:
        """The key of that id, valid at `now` (µs since 1970 UTC); else raise `Unauthorised`."""
        key = self._by_id.get(key_id)
        if key is None:
            raise Unauthorised("signed by a key that is not in the keyring")
        if refusal := key.refusal(now):
            raise Unauthorised(f"{key.principal}'s key {key_id[:8]} {refusal}")
        return key


@lru_cache(maxsize=8)
def _known(text: str) -> Keyring:
    return Keyring.parse(text)


def refuse_observer(key: TrustedKey) -> None:
    """Raise `Unauthorised` for a key that may only look."""
    if key.observer:
        raise Unauthorised(f"{key.principal} is an observer here: may look, and answer nothing")


def check_principal(name: str) -> None:
    """Refuse a name that no line of a keyring can hold."""
    if not _PRINCIPAL.fullmatch(name):
        raise KeyProblem(
            f"{name!r} cannot name a principal: letters, digits, _ . and - only, 64 at most"
        )


def update_keyring(path: Path, change: Callable[[Keyring], Keyring]) -> Keyring:
    """Change a keyring file, whole and alone: two processes at once do so one after the other.

    A file that is missing counts as empty. Raises `KeyProblem`, with nothing changed.
    """
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise KeyProblem(f"{path.parent} cannot be read: {error.strerror}") from error
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        before = Keyring.load(path) if path.exists() else Keyring()
        after = change(before)
        if after is not before:
            replace_private(path, after.render().encode())
        return after
    finally:
        os.close(folder)


def _parse_line(line: str) -> TrustedKey:
    words = line.split()
    if len(words) not in {3, 4} or words[-2] != _KEY_TYPE:
        raise KeyProblem(f"expected: principal [options] {_KEY_TYPE} base64")
    try:
        public = encoding.decode(words[-1])
    except ValueError as error:
        raise KeyProblem(f"the key is {error}") from None
    key = TrustedKey(principal=words[0], public=public)
    if len(words) == 3:
        return key
    seen: set[str] = set()
    for option in words[1].split(","):
        name, _, value = option.partition("=")
        if name in seen:
            raise KeyProblem(f"the option {name} stands twice")
        seen.add(name)
        key = _with_option(key, name, value)
    return key


def _with_option(key: TrustedKey, name: str, value: str) -> TrustedKey:
    # An option that is not understood may be the one that restricts the key: refuse it.
    match name:
        case "valid-after":
            return replace(key, valid_after=_parse_time(value))
        case "valid-before":
            return replace(key, valid_before=_parse_time(value))
        case "tier" if _TIER.fullmatch(value):
            return replace(key, tier=int(value))
        case "revoked" if not value:
            return replace(key, revoked=True)
        case "observer" if not value:
            return replace(key, observer=True)
    raise KeyProblem(f"the option {name!r} is unknown or its value wrong")


def _parse_time(text: str) -> int:
    if not _TIME.fullmatch(text):
        raise KeyProblem(f"{text!r} is no time: write YYYYMMDDZ or YYYYMMDDHHMMSSZ")
    try:
        moment = datetime.strptime(text[:-1].ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise KeyProblem(f"{text!r} is no time of the calendar") from None
    return int(moment.timestamp()) * _SECOND


def _render_line(key: TrustedKey) -> str:
    options = []
    if key.valid_after:
        options.append(f"valid-after={_render_time(key.valid_after)}")
    if key.valid_before:
        options.append(f"valid-before={_render_time(key.valid_before)}")
    if key.tier != 1:
        options.append(f"tier={key.tier}")
    if key.observer:
        options.append("observer")
    if key.revoked:
        options.append("revoked")
    words = [key.principal, ",".join(options), _KEY_TYPE, encoding.encode(key.public)]
    return " ".join(filter(None, words)) + "\n"


def _render_time(moment: int) -> str:
    return datetime.fromtimestamp(moment // _SECOND, UTC).strftime("%Y%m%d%H%M%SZ")
