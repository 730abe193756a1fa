"""Actions to try things with: the newest that this home has recorded, else the rules' examples."""

import contextlib
import sqlite3
from pathlib import Path

import msgspec

from components.actions import Action
from components.intent_firewall import builtin_packs, example_action
from storage import StoreError, open_reader

MOST = 2_000
FEWEST = 100
"""Fewer recorded ones would be tried again and again, which caches would mistake for a pattern."""

_decode = msgspec.json.Decoder(Action).decode


def sample(home: Path) -> tuple[Action, ...]:
    """At most `MOST` actions, in the order in which they came."""
    recorded = _recorded(home)
    return recorded if len(recorded) >= FEWEST else _examples()


def _recorded(home: Path) -> tuple[Action, ...]:
    with contextlib.suppress(StoreError, sqlite3.Error):
        reader = open_reader(home)
        try:
            rows = reader.execute("SELECT action FROM requests ORDER BY id DESC LIMIT ?", (MOST,))
            bodies = [body for (body,) in rows][::-1]
        finally:
            reader.close()
        return tuple(filter(None, map(_read, bodies)))
    return ()


def _read(body: bytes) -> Action | None:
    with contextlib.suppress(msgspec.DecodeError):
        return _decode(body)
    return None


def _examples() -> tuple[Action, ...]:
    return tuple(
        example_action(rule, example)
        for pack in builtin_packs()
        for rule in pack.rules
        for example in (*rule.examples, *rule.counterexamples)
    )[:MOST]
