"""A console's conversation with one node elsewhere: attach, renew, ask, hear."""

import secrets
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import msgspec

from app.deed_desk import Seat
from app.deeds import METHODS, Deed
from app.desk import DeskError, Progress
from app.intake.client import new_request_id
from app.remote.link import ConsoleLink
from app.remote.sealing import Opener, Tampered
from app.remote.shelf import Shelf
from app.remote.standing import Standing
from app.remote.under_way import LONG_PATIENCE_S, PATIENCE_S, Sent, UnderWay
from app.remote.wire import (
    COMMAND_TYPE,
    SYNC_S,
    WINDOW_US,
    Command,
    Failed,
    Frame,
    Message,
    Offered,
    Result,
    Shot,
    Sync,
    Synced,
    Withdrawn,
    Working,
    decode_message,
    encode,
)
from components.canonical import MAX_BYTES
from components.clock import Clock
from components.keys import VerifierKey, sign_dsse

_NAMES: dict[type[Deed], str] = {kind: name for name, kind in METHODS.items()} | {Sync: "sync"}
_SOON_NS = 1_000_000_000


class Session:
    """Sends one operator's commands and takes what comes. Any thread may call.

    `tick` is to be called some times a second. What is heard of the node is in `shelf`.
    """

    def __init__(
        self, link: ConsoleLink, node_key: VerifierKey, seat: Seat, clock: Clock, observer: bool
    ) -> None:
        self.node = node_key.name
        self.shelf = Shelf(self.node)
        self.standing = Standing(self.node, clock)
        self.synced: Synced | None = None
        self._observer = observer
        self._link = link
        self._seat = seat
        self._clock = clock
        self._opener = Opener(node_key, seat.name, clock)
        self._under_way = UnderWay()
        self._lock = threading.RLock()
        self._synced_at = -_SOON_NS
        self._sync_due = clock.monotonic()
        link.listen(self._heard)

    # What goes out.

    def send(
        self,
        deed: Deed,
        about: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> "Future[Any]":
        """Send a deed; the future's result is what it gives, its exception a `DeskError`."""
        future: Future[Any] = Future()
        with self._lock:
            command_id = new_request_id(self._clock.now())
            patience = LONG_PATIENCE_S if deed.blocks else PATIENCE_S
            until = self._clock.monotonic() + int(patience * 1e9)
            self._under_way.add(command_id, Sent(deed, future, until, about, progress))
            try:
                self._link.send(self._signed(command_id, deed))
            except DeskError as error:
                self._under_way.give_up(command_id, error)
            except OSError as error:
                why = DeskError(f"nothing was sent: {error}", 503)
                self._under_way.give_up(command_id, why)
        return future

    def forget(self, future: "Future[Any]") -> None:
        """Nobody waits for it any more."""
        with self._lock:
            self._under_way.forget(future)

    def _signed(self, command_id: str, deed: Deed) -> bytes:
        syncs = isinstance(deed, Sync)
        if deed.changes and (self._observer or (self.synced and self.synced.observer)):
            raise DeskError("this console only observes", 403)
        if not self._link.connected:
            raise DeskError(f"nothing was sent: there is no connection to {self.node}", 503)
        if not self._opener.epoch and not syncs:
            raise DeskError(f"nothing was sent: {self.node} has not been heard yet", 503)
        now = self._clock.now()
        command = Command(
            node=self.node,
            operator=self._seat.name,
            key_id=self._seat.key_id,
            epoch=self._opener.epoch,
            id=command_id,
            nonce=secrets.token_hex(16),
            issued_at=now,
            expires_at=now + WINDOW_US,
            method=_NAMES[type(deed)],
            arguments=msgspec.to_builtins(deed),
            v=1,
        )
        signed = sign_dsse(COMMAND_TYPE, encode(command), self._seat.key, self._seat.key_id)
        if len(signed) > MAX_BYTES:
            size = f"{len(signed) // 1024} KiB, at most {MAX_BYTES // 1024} are carried"
            raise DeskError(f"too much to send at once ({size}); do it at the node", 413)
        return signed

    @property
    def connected(self) -> bool:
        """Whether anything can be sent."""
        return self._link.connected

    def tick(self) -> None:
        """Attach, renew it, and give up what was not answered in time."""
        with self._lock:
            now = self._clock.monotonic()
            self._under_way.pass_time(now)
            self.shelf.release(self._under_way.about())
            if self._link.connected and now >= self._sync_due:
                self._sync_now(now)

    def _sync_now(self, now: int, *, leaving: bool = False) -> None:
        self._synced_at, self._sync_due = now, now + int(SYNC_S * 1e9)
        sync = Sync(observer=self._observer, leaving=leaving, have=self.shelf.marks())
        self.send(sync).add_done_callback(self._settled)

    def _sync_soon(self) -> None:
        self._sync_due = min(self._sync_due, self._synced_at + _SOON_NS)

    def _settled(self, sync: "Future[Any]") -> None:
        error = sync.exception()
        if error is None:
            self.synced, self.standing.refused = sync.result(), ""
            self._sync_due = self._synced_at + int(SYNC_S * 1e9)
        elif isinstance(error, DeskError) and error.code not in {408, 503}:
            self.standing.refused = str(error)

    def close(self) -> None:
        """Detach and hang up."""
        with self._lock:
            if self._link.connected:
                self._sync_now(self._clock.monotonic(), leaving=True)
            self._under_way.end("the console was closed")
        self._link.close()

    # What comes in.

    def _heard(self, envelope: bytes) -> None:
        with self._lock:
            try:
                self._take(self._opener.frame(envelope))
            except Tampered as error:
                self.standing.warn(str(error))
            except msgspec.MsgspecError as error:
                self.standing.warn(f"it cannot be read: {error}")

    def _take(self, frame: Frame) -> None:
        if frame.epoch != self._opener.epoch:
            self._greet(frame)
            return
        missing = self._opener.misses(frame)
        text = self._opener.take(frame)
        if missing and frame.stream == "item":
            self._sync_soon()
        if text is not None:
            self.standing.heard()
            self._handle(decode_message(text))

    def _greet(self, frame: Frame) -> None:
        """Take the first word of another run: only an answer to what was asked just now.

        Nobody can have kept such an answer from earlier, for it names what was asked.
        """
        self._sync_soon()
        if frame.stream != "result" or frame.parts != 1:
            return
        message = decode_message(frame.piece)
        if not isinstance(message, Result | Failed):
            return
        deed = self._under_way.deed(message.id)
        if deed is None:
            return
        if frame.epoch < self._opener.epoch:
            raise Tampered("a run of it that was replaced by a later one still answers")
        if isinstance(deed, Sync) and isinstance(message, Result):
            numbers = msgspec.json.decode(message.value, type=Synced).numbers
            self._opener.adopt(frame.epoch, {**numbers, "result": frame.number})
            self.standing.heard()
        self._handle(message)

    def _handle(self, message: Message) -> None:
        under_way, shelf = self._under_way, self.shelf
        match message:
            case Offered(view=view):
                shelf.offer(view)
            case Withdrawn(id=decision_id, why=why):
                shelf.withdraw(decision_id, why, under_way.about())
            case Shot(snapshot=snapshot):
                shelf.show(snapshot)
            case Working():
                under_way.working(message, self._clock.monotonic())
            case Result():
                under_way.result(message)
                shelf.release(under_way.about())
            case Failed():
                under_way.failed(message)
                shelf.release(under_way.about())
                self._sync_soon()
