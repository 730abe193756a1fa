"""How a node's messages to consoles are cut, numbered and signed, and put together again."""

from collections import Counter
from collections.abc import Mapping

import msgspec
from nacl.signing import SigningKey

from app.remote.wire import (
    CONSOLE_TYPE,
    STREAMS,
    WINDOW_US,
    Frame,
    Message,
    Stream,
    decode_frame,
    encode,
)
from components.clock import Clock
from components.keys import (
    Keyring,
    TrustedKey,
    Unauthorised,
    VerifierKey,
    key_id,
    open_signed,
    sign_dsse,
)

PIECE = 40_000
"""Characters of a frame's piece: in the worst case, as UTF-8 and base64, well within 256 KiB."""

MOST_PARTS = 100


class TooLong(ValueError):  # noqa: N818 - what is wrong with the message
    """A message is beyond all bounds; the text says by how much."""


class Sealer:
    """Signs one node's messages in one run of it (`epoch`)."""

    def __init__(self, node: str, key: SigningKey, epoch: int, clock: Clock) -> None:
        self._node = node
        self._key = key
        self._key_id = key_id(bytes(key.verify_key))
        self._epoch = epoch
        self._clock = clock
        self._numbers: Counter[tuple[str, Stream]] = Counter()

    def numbers(self, operator: str) -> dict[str, int]:
        """The last number of each stream to an operator."""
        return {stream: self._numbers[operator, stream] for stream in STREAMS}

    def seal(self, operator: str, stream: Stream, message: Message) -> list[bytes]:
        """A message as envelopes, to be sent in order. Raises `TooLong`.

        One stream is sealed by one thread at a time.
        """
        return self.seal_text(operator, stream, encode(message).decode())

    def seal_text(self, operator: str, stream: Stream, text: str) -> list[bytes]:
        """As `seal`, for what is encoded already."""
        pieces = [text[start : start + PIECE] for start in range(0, len(text), PIECE)]
        if len(pieces) > MOST_PARTS:
            raise TooLong(f"{len(text):,} characters; ask for less at once")
        return [
            self._frame(operator, stream, part, len(pieces), piece)
            for part, piece in enumerate(pieces)
        ]

    def _frame(self, operator: str, stream: Stream, part: int, parts: int, piece: str) -> bytes:
        self._numbers[operator, stream] += 1
        frame = Frame(
            node=self._node,
            operator=operator,
            epoch=self._epoch,
            stream=stream,
            number=self._numbers[operator, stream],
            part=part,
            parts=parts,
            time=self._clock.now(),
            piece=piece,
        )
        return sign_dsse(CONSOLE_TYPE, encode(frame), self._key, self._key_id)


class Tampered(Exception):  # noqa: N818 - what was noticed
    """A message is not this node's to this operator, or not of now; the text says why."""


class Opener:
    """Opens one node's messages to one operator.

    Only frames of the run that was adopted count, and of these only newer ones than the last: no
    message of an earlier run, or from before this console was there, is shown as new.
    """

    def __init__(self, node_key: VerifierKey, operator: str, clock: Clock) -> None:
        trusted = TrustedKey(principal=node_key.name, public=node_key.public)
        self._ring = Keyring((trusted,))
        self._node = node_key.name
        self._operator = operator
        self._clock = clock
        self._last: dict[str, int] = {}
        self._parts: dict[str, list[str]] = {}
        self.epoch = 0

    def frame(self, envelope: bytes) -> Frame:
        """The frame in an envelope; raises `Tampered`."""
        now = self._clock.now()
        try:
            payload = open_signed(envelope, CONSOLE_TYPE, self._ring, now).payload
            # Signed by the node, whose own encoder wrote it: there is nothing odd in it to refuse.
            frame = decode_frame(payload)
        except Unauthorised as error:
            raise Tampered(str(error)) from None
        except msgspec.MsgspecError as error:
            raise Tampered(f"it cannot be read: {error}") from None
        if frame.node != self._node:
            raise Tampered(f"it is of node {frame.node}")
        if frame.operator != self._operator:
            raise Tampered(f"it is meant for {frame.operator}")
        if abs(now - frame.time) > WINDOW_US:
            raise Tampered(f"its time is {abs(now - frame.time) / 1e6:.0f} s from ours")
        return frame

    def adopt(self, epoch: int, numbers: Mapping[str, int]) -> None:
        """From now on listen to this run, beyond these numbers."""
        self.epoch = epoch
        self._last = dict(numbers)
        self._parts.clear()

    def misses(self, frame: Frame) -> bool:
        """Whether one before this frame did not come."""
        return frame.epoch == self.epoch and frame.number > self._last.get(frame.stream, 0) + 1

    def take(self, frame: Frame) -> str | None:
        """The whole message once its last part is here; None before, and for what is not new."""
        last = self._last.get(frame.stream, 0)
        if frame.epoch != self.epoch or frame.number <= last:
            return None
        self._last[frame.stream] = frame.number
        parts = self._parts.setdefault(frame.stream, [])
        if frame.part == 0:
            parts.clear()
        elif frame.number != last + 1 or frame.part != len(parts):
            parts.clear()  # one before it is missing, and so the message
            return None
        parts.append(frame.piece)
        if len(parts) < frame.parts:
            return None
        text = "".join(parts)
        parts.clear()
        return text
