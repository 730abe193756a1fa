"""What a node takes back from its store when it starts."""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from app.node.learner import MAX_OPEN
from components.actions import Action, Decision, OutcomeStatus, Verdict
from components.evolution_core import Wanted, query
from components.gate import read_verdict
from components.hitl import Grant
from components.intent_firewall import WINDOW_S
from storage import WAITING

if TYPE_CHECKING:
    from app.node.engine import Engine

HALF_WINDOW = 100
"""The love metric compares so many experiences with as many before them."""

_WAITING = f"SELECT body FROM decisions WHERE {WAITING}"  # noqa: S608 - the store's words
_OPEN = (
    "SELECT action, verdict FROM (SELECT * FROM requests ORDER BY id DESC LIMIT ?) "
    "WHERE state IN ('decided', 'consumed') "
    "AND json_extract(CAST(verdict AS TEXT), '$.verdict') = 'allow'"
)
RECALLED = 2_000
"""So many of the newest requests are looked at for what only memory knew of them."""

_ENDED = (
    "SELECT agent, request_id, state, action, verdict FROM requests "
    "WHERE verdict != x'' ORDER BY id DESC LIMIT ?"
)
_LOGGED = "SELECT agent, request_id FROM experiences WHERE time >= ?"
# By the request: of an agent there may be millions.
_OUTCOME = (
    "SELECT json_extract(leaf, '$.detail.status'), json_extract(leaf, '$.detail.duration_us') "
    "FROM audit_entries WHERE request_id = ? AND +agent = ? AND kind = 'outcome' LIMIT 1"
)
_action = msgspec.json.Decoder(Action).decode
_decision = msgspec.msgpack.Decoder(Decision).decode
_grant = msgspec.msgpack.Decoder(Grant).decode


class _Ended(Struct, frozen=True):
    """A request with a verdict, and what became of it; `state` is its row's."""

    agent: str
    request_id: str
    state: str
    action: Action
    verdict: Verdict
    status: OutcomeStatus | Literal[""] = ""
    duration_us: int = 0


def restore(engine: "Engine") -> None:
    """Bring back waiting decisions with their absolute deadlines, grants and pauses."""
    reader = engine.store.reader()
    try:
        waiting = [_decision(row[0]) for row in reader.execute(_WAITING)]
        grants = [
            _grant(row[0])
            for row in reader.execute("SELECT body FROM grants WHERE state = 'active'")
        ]
        paused = {row[0] for row in reader.execute("SELECT name FROM agents WHERE paused = 1")}
        alignment = reader.execute(
            "SELECT body FROM evolution_state WHERE name = 'alignment'"
        ).fetchone()
        recent = query(reader, Wanted(), limit=2 * HALF_WINDOW)
        open_rows = reader.execute(_OPEN, (MAX_OPEN,)).fetchall()
        ended = list(_ended(reader.execute(_ENDED, (RECALLED,))))
        unlogged = _unlogged(reader, ended)
    finally:
        reader.close()
    for action, verdict in reversed(open_rows):
        engine.learner.resume(_action(action), read_verdict(verdict))
    for stored in reversed(recent):
        engine.window.observe(stored.experience)
    for one in reversed(unlogged):
        engine.learner.catch_up(one.action, one.verdict, one.status, one.duration_us)
    _recall(engine, reversed(ended))
    if alignment:
        engine.alignment.restore(alignment[0])
    engine.queue.restore(waiting)
    for decision in waiting:
        engine.core.remember(decision)
    engine.grants.restore(grants)
    engine.core.stopped = "" in paused
    engine.core.paused |= paused - {""}


def _ended(rows: Iterable[tuple[Any, ...]]) -> Iterator[_Ended]:
    """What the rows tell; a damaged one keeps no node from starting."""
    for agent, request_id, state, action, verdict in rows:
        with contextlib.suppress(msgspec.DecodeError):
            yield _Ended(agent, request_id, state, _action(action), read_verdict(verdict))


def _unlogged(reader: sqlite3.Connection, ended: Sequence[_Ended]) -> list[_Ended]:
    """What ended just before the node did, and is no experience yet: newest first."""
    over = [one for one in ended if _is_over(one)]
    since = min((one.verdict.issued_at for one in over), default=0)
    logged = set(reader.execute(_LOGGED, (since,)).fetchall()) if over else set()
    missing = [one for one in over if (one.agent, one.request_id) not in logged]
    return [_with_outcome(reader, one) for one in missing]


def _is_over(one: _Ended) -> bool:
    """Whether nothing more is awaited of it."""
    return one.verdict.verdict != "allow" or one.state in {"reported", "unreported"}


def _with_outcome(reader: sqlite3.Connection, one: _Ended) -> _Ended:
    found = reader.execute(_OUTCOME, (one.request_id, one.agent)).fetchone()
    return replace(one, status=found[0], duration_us=found[1]) if found else one


def _recall(engine: "Engine", ended: Iterable[_Ended]) -> None:
    """Have the firewall know again what the agents did just before, oldest first."""
    since = engine.clock.now() - round(WINDOW_S * 1e6)
    for one in ended:
        if one.verdict.issued_at >= since:
            action, changed = one.action, one.verdict.arguments
            done = action if changed is None else replace(action, arguments=changed)
            engine.screens.recall(done, allowed=one.verdict.verdict == "allow")
