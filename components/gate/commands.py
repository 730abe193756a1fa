"""What an operator commands a running node by a signed message: drain, resume, what to make of a
proposal.

Whoever may talk to the node may bring one, so a command is believed only as an answer is: signed
by a key of the keyring. It is for one node, holds for a minute, and is carried out once.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from nacl.signing import SigningKey

from components.audit_system import Entry
from components.gate.core import Core
from components.gate.submission import Refusal
from components.keys import (
    KeyProblem,
    Keyring,
    Signed,
    Unauthorised,
    key_id,
    open_signed,
    refuse_observer,
    sign_dsse,
)

COMMAND_TYPE = "application/vnd.assent.order.v1+json"
"""The DSSE payload type of an operator's command."""

VALID_US = 60 * 1_000_000
"""How far a command's time may be from the node's own."""

Order = Literal["drain", "resume", "accept", "dismiss"]
Given = Annotated[dict[str, Annotated[str, Meta(max_length=4_000)]], Meta(max_length=8)]


class Command(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One order of an operator to one node, at `issued_at` (µs since 1970 UTC).

    To `accept` or `dismiss` a proposal it takes `arguments`: its `id`, with its `mark` or `why`.
    """

    v: Literal[1] = 1
    node: str
    order: Order
    operator: str
    issued_at: int
    nonce: Annotated[str, Meta(min_length=16, max_length=64)]
    arguments: Given | UnsetType = UNSET


Carry = Callable[[Mapping[str, str], str, str], Awaitable[str]]
"""Carries out an order: its arguments, the operator, and the id of the key that signed it."""


_encode = msgspec.json.Encoder(order="sorted").encode
_command = msgspec.json.Decoder(Command).decode


def sign_command(
    node: str, order: Order, operator: str, key: SigningKey, now: int, **arguments: str
) -> bytes:
    """An order in an envelope signed by its operator's key."""
    command = Command(
        node=node,
        order=order,
        operator=operator,
        issued_at=now,
        nonce=secrets.token_hex(16),
        arguments=arguments or UNSET,
    )
    return sign_dsse(COMMAND_TYPE, _encode(command), key, key_id(bytes(key.verify_key)))


class Commands:
    """Carries out operators' commands, on the gate's thread; `others` are not the core's own."""

    def __init__(
        self,
        core: Core,
        keyring: Callable[[], Keyring],
        node: str,
        others: Mapping[Order, Carry] | None = None,
    ) -> None:
        self._core = core
        self._others = others or {}
        self._keyring = keyring
        self._node = node
        self._since = core.clock.now()
        self._seen: dict[str, int] = {}
        self._recorded = True
        self._one_by_one = asyncio.Lock()

    async def carry_out(self, envelope: bytes) -> str:
        """Do what is commanded; the sentence says what. Raises `Refusal`."""
        signed, command = self._authentic(envelope)
        self._refuse_stale(command)
        if command.order not in {"drain", "resume"}:
            return await self._other(signed, command)
        draining = command.order == "drain"
        async with self._one_by_one:  # a drain ordered during a resume comes after it
            if draining is self._core.draining and self._recorded:
                return "it is draining already" if draining else "it takes submissions already"
            await self._carry_out(draining, signed, command)
        return (
            "draining: nothing new is taken; what waits is decided or expires"
            if draining
            else "it takes submissions again"
        )

    async def _other(self, signed: Signed, command: Command) -> str:
        carry = self._others.get(command.order)
        if carry is None:
            raise Refusal(404, f"this node knows no order to {command.order}")
        given = {} if command.arguments is UNSET else command.arguments
        return await carry(given, command.operator, signed.signer.key_id)

    async def _carry_out(self, draining: bool, signed: Signed, command: Command) -> None:
        """A drain takes effect at once and is recorded after; a resume is recorded first.

        One that could not be recorded is no less in force, and is recorded when ordered again.
        """
        if draining:
            self._core.draining, self._recorded = True, False
        await self._core.note(
            Entry(
                kind="node.draining" if draining else "node.resumed",
                operator=command.operator,
                detail={
                    "key_id": signed.signer.key_id,
                    "issued_at": command.issued_at,
                    "nonce": command.nonce,
                    "signature": signed.signature,
                },
            )
        )
        self._core.draining, self._recorded = draining, True

    def _authentic(self, envelope: bytes) -> tuple[Signed, Command]:
        try:
            signed = open_signed(envelope, COMMAND_TYPE, self._keyring(), self._core.clock.now())
            refuse_observer(signed.signer)
            command = _command(signed.payload)
        except (Unauthorised, KeyProblem) as error:
            raise Refusal(401, str(error)) from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Refusal(422, f"the command cannot be read: {error}") from None
        if command.operator != signed.signer.principal:
            raise Refusal(401, "the command names another operator than the one that signed it")
        if command.node != self._node:
            raise Refusal(404, f"this node is {self._node}", field="node")
        return signed, command

    def _refuse_stale(self, command: Command) -> None:
        """What was for the node's last run, or was carried out already, must not come again."""
        now = self._core.clock.now()
        if command.issued_at < self._since or abs(now - command.issued_at) > VALID_US:
            raise Refusal(408, "the command is too old, or its clock is another: give it again")
        self._seen = {
            nonce: issued_at
            for nonce, issued_at in self._seen.items()
            if now - issued_at <= VALID_US
        }
        if command.nonce in self._seen:
            raise Refusal(410, "this command was carried out already")
        self._seen[command.nonce] = command.issued_at
