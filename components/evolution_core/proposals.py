"""Suggestions that a person can accept, with all that they are shown before they do."""

import hashlib
import sqlite3

import msgspec
from msgspec import Struct

from components.actions import Priority
from components.evolution_core.suggestions import Suggestion
from components.evolution_core.whatif import WhatIf
from components.intent_firewall import Rule
from storage import Tx

KEPT_AS = "proposals"

_encode = msgspec.msgpack.Encoder().encode


class Standing(Struct, frozen=True, kw_only=True):
    """A standing grant that is proposed: to one agent, for what is like `likeness`.

    `tier` is the highest at which one of those approved was decided, `priority` what they have,
    `rules` are those that ask about them.
    """

    agent: str
    tool: str
    likeness: str
    uses: int
    minutes: int
    tier: int
    priority: Priority
    rules: tuple[str, ...]


class Proposal(Struct, frozen=True, kw_only=True):
    """A suggestion with the rule or the grant that comes of accepting it, and its what-if.

    Advice has none of them; what is still worked out has no `what_if` yet. `problem` says why
    nothing can come of it.
    """

    suggestion: Suggestion
    rule: Rule | None = None
    grant: Standing | None = None
    what_if: WhatIf | None = None
    problem: str = ""

    @property
    def id(self) -> str:
        """The suggestion's."""
        return self.suggestion.id

    @property
    def mark(self) -> str:
        """What an acceptance is bound to: it changes with all that is shown. Empty: not yet."""
        if self.what_if is None or self.problem:
            return ""
        shown = (self.id, self.rule, self.grant, self.what_if)
        return hashlib.sha256(msgspec.json.encode(shown)).hexdigest()[:16]


_decoder = msgspec.msgpack.Decoder(tuple[Proposal, ...])


def keep(tx: Tx, proposals: tuple[Proposal, ...]) -> None:
    """Store what is proposed now, for who reads the store."""
    tx.execute(
        "INSERT INTO evolution_state (name, up_to, body) VALUES (?, 0, ?) "
        "ON CONFLICT (name) DO UPDATE SET body=excluded.body",
        (KEPT_AS, _encode(proposals)),
    )


def kept(reader: sqlite3.Connection) -> tuple[Proposal, ...]:
    """What was proposed when it was last stored. Raises `msgspec.DecodeError`."""
    row = reader.execute("SELECT body FROM evolution_state WHERE name = ?", (KEPT_AS,)).fetchone()
    return _decoder.decode(row[0]) if row else ()
