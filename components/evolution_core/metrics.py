"""The metrics of all experiences: each is counted once, as it comes, and nothing is rescanned."""

from threading import Lock
from typing import Any

import msgspec
from fastdigest import TDigest
from msgspec import Struct

from components.actions import Experience
from components.evolution_core.durations import Durations
from components.evolution_core.ledger import Ledger
from components.evolution_core.tally import Stats, Tally
from components.monitor.footprint import Held

MAX_TOOLS = 256
MAX_AGENTS = 256
MAX_SHAPES = 2048
"""So many keys are kept; at the very most 15 MB in all, usually well under one."""

_FINE, _COARSE = 800, 50
"""Centroids of a sketch: percentiles of tools and agents are within 1% on lognormal and Pareto (2)
durations; for shapes a median is enough."""

_VERSION = 1


class _State(Struct, array_like=True):
    version: int
    up_to: int
    totals: Tally
    tools: tuple[Tally, ...]
    agents: tuple[Tally, ...]
    shapes: tuple[Tally, ...]
    evicted: tuple[int, int, int]


class Metrics:
    """Totals, and tallies by tool, by agent and by shape.

    One thread adds; any thread may read. The lock is held for one experience or one tally at a
    time (microseconds), so a reader never delays the writer thread. Only `to_bytes` holds it for
    the whole.
    """

    def __init__(self, state: bytes = b"") -> None:
        self._lock = Lock()
        loaded = _decoder.decode(state) if state else _empty()
        if loaded.version != _VERSION:
            raise msgspec.ValidationError(f"metrics of version {loaded.version}")
        evicted = loaded.evicted
        self.up_to = loaded.up_to
        self._totals = loaded.totals
        self._tools = Ledger(MAX_TOOLS, _FINE, loaded.tools, evicted[0])
        self._agents = Ledger(MAX_AGENTS, _FINE, loaded.agents, evicted[1])
        self._shapes = Ledger(MAX_SHAPES, _COARSE, loaded.shapes, evicted[2])

    def add(self, row_id: int, experience: Experience) -> None:
        """Count one experience; its row number becomes `up_to`."""
        with self._lock:
            self.up_to = row_id
            self._totals.add(experience)
            self._tools.add(experience.tool, experience)
            self._agents.add(experience.agent, experience)
            self._shapes.add(experience.shape, experience)

    def to_bytes(self) -> bytes:
        """The whole as one compact row; `Metrics(state)` continues from it exactly."""
        with self._lock:
            state = _State(
                _VERSION,
                self.up_to,
                self._totals,
                self._tools.tallies(),
                self._agents.tallies(),
                self._shapes.tallies(),
                self._evicted(),
            )
            return _encoder.encode(state)

    def footprint(self) -> Held:
        """All tallies; weighed without the lock, so what is counted meanwhile may be left out."""
        return self._tools.footprint() + self._agents.footprint() + self._shapes.footprint()

    def totals(self) -> Stats:
        """Over all experiences ever counted, retained or not."""
        with self._lock:
            return self._totals.stats()

    def tools(self) -> tuple[Stats, ...]:
        """By tool, the one used longest ago first."""
        return self._read(self._tools)

    def agents(self) -> tuple[Stats, ...]:
        """By agent, the one seen longest ago first; `tool` is the first it used."""
        return self._read(self._agents)

    def shapes(self) -> tuple[Stats, ...]:
        """By shape, the one seen longest ago first."""
        return self._read(self._shapes)

    def evicted(self) -> tuple[int, int, int]:
        """How many tools, agents and shapes were forgotten for want of room."""
        with self._lock:
            return self._evicted()

    def _evicted(self) -> tuple[int, int, int]:
        return self._tools.evicted, self._agents.evicted, self._shapes.evicted

    def _read(self, ledger: Ledger) -> tuple[Stats, ...]:
        with self._lock:
            keys = ledger.keys()
        read = []
        for key in keys:
            with self._lock:
                stats = ledger.stats(key)
            if stats is not None:
                read.append(stats)
        return tuple(read)


def _empty() -> _State:
    return _State(_VERSION, 0, Tally("", "", Durations(_FINE)), (), (), (), (0, 0, 0))


def _to_plain(value: Any) -> bytes:
    if isinstance(value, TDigest):
        return bytes(value.to_bytes())
    raise NotImplementedError


def _from_plain(kind: type, value: Any) -> Any:
    if kind is TDigest:
        return TDigest.from_bytes(value)
    raise NotImplementedError


_encoder = msgspec.msgpack.Encoder(enc_hook=_to_plain)
_decoder = msgspec.msgpack.Decoder(_State, dec_hook=_from_plain)
