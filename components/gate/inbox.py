"""Requests that this node knows from before: what to answer when one comes again."""

from components.gate.records import read_verdict
from components.gate.submission import Refusal, Released
from storage import SteadyReader


class Inbox:
    """Looks up stored requests over a read-only connection."""

    def __init__(self, reader: SteadyReader) -> None:
        self._reader = reader

    def find(self, agent: str, request_id: str) -> tuple[str, Released | None] | None:
        """The stored digest and verdict (None while it waits), or None for an unknown request."""
        row = self._reader.execute(
            "SELECT digest, verdict FROM requests WHERE agent=? AND request_id=?",
            (agent, request_id),
        ).fetchone()
        if row is None:
            return None
        digest, payload = row
        return digest, Released(read_verdict(payload), payload) if payload else None

    def action_of(self, agent: str, request_id: str) -> bytes | None:
        """The stored action's JSON."""
        row = self._reader.execute(
            "SELECT action FROM requests WHERE agent=? AND request_id=?", (agent, request_id)
        ).fetchone()
        return row[0] if row else None


def conflict() -> Refusal:
    """The same id with another action: refused, whatever it asks for."""
    return Refusal(409, "this request id was used for another action", field="request_id")
