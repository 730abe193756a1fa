"""What a node takes back from its store when it starts."""

from typing import TYPE_CHECKING

import msgspec

from app.node.learner import MAX_OPEN
from components.actions import Action, Decision
from components.evolution_core import Wanted, query
from components.gate import read_verdict
from components.hitl import Grant
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
_action = msgspec.json.Decoder(Action).decode
_decision = msgspec.msgpack.Decoder(Decision).decode
_grant = msgspec.msgpack.Decoder(Grant).decode


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
    finally:
        reader.close()
    for action, verdict in reversed(open_rows):
        engine.learner.resume(_action(action), read_verdict(verdict))
    for stored in reversed(recent):
        engine.window.observe(stored.experience)
    if alignment:
        engine.alignment.restore(alignment[0])
    engine.queue.restore(waiting)
    for decision in waiting:
        engine.core.remember(decision)
    engine.grants.restore(grants)
    engine.core.stopped = "" in paused
    engine.core.paused |= paused - {""}
