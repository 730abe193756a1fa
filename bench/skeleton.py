"""The bare skeleton of the gate: the least that could be called one, as a ceiling to measure by.

Decode, 1,000 patterns, five rules, hash chain and Merkle leaf, durable group commit, percentiles;
a task for each action. It has no shell or SQL parser, no ethics, no context, no canonical digest,
no verdict, no signature, no proof, no operator.
"""

import asyncio
import hashlib
import queue
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import ahocorasick
import msgspec
from fastdigest import TDigest

from components.actions import Action

PATTERNS = 1_000
_RULES = ("rm -rf", "drop table", "mkfs", "| sh", "chmod 777")
_STOP = object()


class Skeleton:
    """Judges actions given as JSON; `judge` returns when the row is durable."""

    def __init__(self, path: Path) -> None:
        self._decode = msgspec.json.Decoder(Action).decode
        self._automaton: Any = ahocorasick.Automaton()
        for number in range(PATTERNS):
            self._automaton.add_word(f"pattern-{number:04d}", number)
        self._automaton.make_automaton()
        self._prev = b"\0" * 32
        self._latencies: list[float] = []
        self.digest = TDigest()
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, args=(path,), daemon=True)
        self._thread.start()

    async def judge(self, raw: bytes) -> bool:
        """Whether the action is allowed."""
        started = time.perf_counter_ns()
        action = self._decode(raw)
        text = str(action.arguments)
        hit = next(self._automaton.iter(text), None)
        allowed = hit is None and not any(rule in text for rule in _RULES)
        leaf = msgspec.json.encode([action.id, action.agent, action.tool, allowed])
        self._prev = hashlib.sha256(b"\0" + self._prev + leaf).digest()
        durable: asyncio.Future[None] = self._loop.create_future()
        self._queue.put((durable, leaf, self._prev))
        await durable
        self._latencies.append((time.perf_counter_ns() - started) / 1000)
        if len(self._latencies) >= 1024:
            self.digest.batch_update(self._latencies)
            self._latencies.clear()
        return allowed

    def close(self) -> None:
        """Write what is queued, and end."""
        self._queue.put(_STOP)
        self._thread.join()

    def _write(self, path: Path) -> None:
        store = sqlite3.connect(path, isolation_level=None)
        store.execute("PRAGMA journal_mode=WAL")
        store.execute("PRAGMA synchronous=FULL")
        store.execute("CREATE TABLE log (seq INTEGER PRIMARY KEY, leaf BLOB, hash BLOB)")
        while True:
            batch = [self._queue.get()]
            while not self._queue.empty():
                batch.append(self._queue.get())
            rows = [
                (leaf, digest) for item in batch if item is not _STOP for _, leaf, digest in [item]
            ]
            store.execute("BEGIN")
            store.executemany("INSERT INTO log (leaf, hash) VALUES (?, ?)", rows)
            store.execute("COMMIT")
            futures = [item[0] for item in batch if item is not _STOP]
            self._loop.call_soon_threadsafe(_release, futures)
            if _STOP in batch:
                store.close()
                return


def _release(futures: "list[asyncio.Future[None]]") -> None:
    for future in futures:
        future.set_result(None)
