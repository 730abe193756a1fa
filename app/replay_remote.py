"""Recorded actions to the node that runs on this home, over its socket, as agents would send them.

A person at its console answers what is asked; the replay waits for them.
"""

import asyncio
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from app.intake.client import Client
from app.intake.link import NoNode
from app.intake.verdicts import NO_VERDICT
from app.recorded import read_row
from app.summary import replay_summary
from components.actions import Action

IN_FLIGHT = 32
PATIENCE_S = 600.0
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


def replay_to_node(home: Path, source: Iterable[bytes], rate: float | None) -> dict[str, Any]:
    """Send every row; the percentiles are of whole round trips that asked nobody.

    Raises `NoNode` where none answers to begin with.
    """
    return asyncio.run(_RemoteRun(home, rate).all(source))


class _RemoteRun:
    def __init__(self, home: Path, rate: float | None) -> None:
        self._home = home
        self._interval = 1.0 / rate if rate else 0.0
        self._counts: Counter[str] = Counter()
        self._clients: dict[str, Client] = {}
        self._round_trips: list[float] = []
        self._room = asyncio.Semaphore(IN_FLIGHT)

    async def all(self, source: Iterable[bytes]) -> dict[str, Any]:
        async with Client(self._home, "replay"):
            pass
        started = time.perf_counter()
        tasks: list[asyncio.Task[None]] = []
        try:
            for number, line in enumerate(source, 1):
                if not line.strip():
                    continue
                try:
                    action = read_row(line.strip(), number)
                except ValueError as error:
                    self._fail(number, error)
                    continue
                await self._room.acquire()
                tasks.append(asyncio.create_task(self._one(action, number)))
                await asyncio.sleep(self._interval)
            if tasks:
                await asyncio.gather(*tasks)
        finally:
            for client in self._clients.values():
                await client.close()
        return self._result(time.perf_counter() - started)

    def _fail(self, number: int, error: Exception) -> None:
        self._counts["errors"] += 1
        print(f"row {number}: {error}", file=sys.stderr)

    async def _one(self, action: Action, number: int) -> None:
        """One row; while a person is asked it takes no room."""
        self._counts["actions"] += 1
        asked = False

        def pending(*_: object) -> None:
            nonlocal asked
            if not asked:
                asked = True
                self._counts["asked"] += 1
                self._room.release()

        started = time.perf_counter()
        try:
            client = self._client(_NOT_A_NAME.sub("-", action.agent)[:64])
            leave = await client.ask(
                replace(action, id=""), timeout_s=PATIENCE_S, on_pending=pending
            )
            if leave.rule == NO_VERDICT and leave.verdict == "deny":
                raise ValueError("; ".join(leave.reasons))  # refused unjudged, or not believed
            self._counts[leave.verdict] += 1
            if not asked:
                self._round_trips.append((time.perf_counter() - started) * 1e6)
        except (ValueError, OSError, NoNode) as error:
            self._fail(number, error)
        finally:
            if not asked:
                self._room.release()

    def _client(self, agent: str) -> Client:
        if agent not in self._clients:
            self._clients[agent] = Client(self._home, agent)
        return self._clients[agent]

    def _result(self, seconds: float) -> dict[str, Any]:
        size = _audit_size(self._home)
        return replay_summary(self._counts, 0, self._round_trips, seconds, size)


def _audit_size(home: Path) -> int:
    from storage import open_reader

    reader = open_reader(home)
    try:
        return int(reader.execute("SELECT count(*) FROM audit_entries").fetchone()[0])
    finally:
        reader.close()
