"""Which commands a node listens to: signed by a trusted operator, for this run, now, and once."""

from collections import deque
from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from app.deeds import METHODS, Deed
from app.remote.wire import COMMAND_TYPE, WINDOW_US, BadCommand, Command, Sync, decode_command
from components.canonical import MAX_BYTES
from components.clock import Clock
from components.keys import KeyProblem, Keyring, TrustedKey, Unauthorised, open_signed

REMEMBERED = 20_000
"""Commands within the window of two minutes; beyond that many, others have to wait."""

_METHODS: dict[str, type[Deed]] = {**METHODS, "sync": Sync}


class Turned(Exception):  # noqa: N818 - what happened to the command
    """A command is not listened to. `id` is empty unless its operator really sent it."""

    def __init__(self, code: int, reason: str, command_id: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.id = command_id


class Seen:
    """The commands within the window, so that none is heard twice."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._known: set[str] = set()
        self._ages: deque[tuple[int, tuple[str, str]]] = deque()

    def __len__(self) -> int:
        return len(self._ages)

    def take(self, command: Command, now: int) -> None:
        """Remember a command; raises `Turned` for one that is known by its id or nonce."""
        while self._ages and self._ages[0][0] < now:
            self._known.difference_update(self._ages.popleft()[1])
        names = (f"{command.operator}/{command.id}", f"{command.operator}/{command.nonce}")
        if not self._known.isdisjoint(names):
            raise Turned(410, "this command was heard before", command.id)
        if len(self._ages) >= self._most:
            raise Turned(429, "too many commands at once; wait a minute", command.id)
        self._known.update(names)
        # Its time lies at most one window ahead, and it holds for one: forgotten, it is too old.
        self._ages.append((now + 2 * WINDOW_US, names))


class Admission:
    """Checks commands for one run (`epoch`) of a node; `keyring` reads it afresh."""

    def __init__(self, node: str, epoch: int, keyring: Callable[[], Keyring], clock: Clock) -> None:
        self._node = node
        self._epoch = epoch
        self._keyring = keyring
        self._clock = clock
        self._seen = Seen()

    def admit(self, operator: str, envelope: bytes) -> tuple[Command, Deed, TrustedKey]:
        """A command that came on the topic of `operator`, what it asks for, and its signer's key.

        Raises `Turned`.
        """
        if len(envelope) > MAX_BYTES:
            raise Turned(413, f"{len(envelope)} bytes; at most {MAX_BYTES} are accepted")
        command, key = self._authentic(envelope)
        if not command.operator == key.principal == operator:
            raise Turned(403, f"this is {operator}'s topic, and no other's")
        if command.key_id != key.key_id:
            raise Turned(401, "the command names another key than the one that signed it")
        if command.node != self._node:
            raise Turned(404, f"this node is {self._node}", command.id)
        self._check_time(command)
        deed = _deed(command)
        if command.epoch != self._epoch and not isinstance(deed, Sync):
            why = "the node was started anew since; nothing was done, look again"
            raise Turned(409, why, command.id)
        self._seen.take(command, self._clock.now())
        return command, deed, key

    def _authentic(self, envelope: bytes) -> tuple[Command, TrustedKey]:
        try:
            keyring = self._keyring()
        except KeyProblem as problem:
            raise Turned(401, str(problem)) from None
        try:
            signed = open_signed(envelope, COMMAND_TYPE, keyring, self._clock.now())
            return decode_command(signed.payload), signed.signer
        except Unauthorised as error:
            raise Turned(401, str(error), self._id_of_lapsed(envelope, keyring)) from None
        except BadCommand as error:
            raise Turned(error.code, str(error)) from None

    def _id_of_lapsed(self, envelope: bytes, keyring: Keyring) -> str:
        """The id of a command whose signer was trusted once, so that they hear what became of it.

        Nobody else's: by a forged id they would be told of their own command what is not so.
        """
        once = Keyring(
            replace(key, revoked=False, valid_after=0, valid_before=0) for key in keyring.keys
        )
        try:
            signed = open_signed(envelope, COMMAND_TYPE, once, self._clock.now())
            return decode_command(signed.payload).id
        except (Unauthorised, BadCommand):
            return ""

    def _check_time(self, command: Command) -> None:
        late = self._clock.now() - command.issued_at
        if late < -WINDOW_US or command.expires_at - command.issued_at > WINDOW_US:
            why = f"it comes from {-late / 1e6:.0f} s ahead; check the clocks"
            raise Turned(401, why, command.id)
        if late > WINDOW_US or command.expires_at < self._clock.now():
            why = f"it came {late / 1e6:.0f} s too late, or the clocks differ; nothing was done"
            raise Turned(408, why, command.id)


def _deed(command: Command) -> Deed:
    kind = _METHODS.get(command.method)
    if kind is None:
        raise Turned(404, f"there is no method {command.method[:40]!r}", command.id)
    try:
        return msgspec.convert(command.arguments, kind)
    except msgspec.ValidationError as error:
        raise Turned(422, f"{command.method}: {error}", command.id) from None
