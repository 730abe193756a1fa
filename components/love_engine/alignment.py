"""Alignment, measured: how far the engine and the operators object to the same actions.

Every decision a person takes is one cell of a 2×2 table (engine objects or not, person objects or
not). There is a table over all, one a tool, one an agent, and one a pair, updated as the answers
come. What is reported is the agreement with its Wilson score interval (Wilson 1927) and Cohen's
kappa (Cohen 1960), the agreement beyond what the two margins alone would give:

    kappa = (agreement - chance) / (1 - chance)

Its interval is Wilson's, carried through the same formula with the chance agreement held fixed;
unlike the asymptotic one it does not shrink to a point where all agree.
"""

from collections import Counter

import msgspec
from msgspec import Struct

from components.monitor.footprint import Held, deep_size
from components.wilson import wilson

MIN_OBSERVATIONS = 20
"""Below this many decisions kappa is None: its interval would span nearly everything."""

MAX_TABLES = 4096
"""How many tables are kept; beyond, the one least recently added to goes. Never the overall."""

_OVERALL = ("", "")


class AlignmentReport(Struct, frozen=True):
    """Agreement of the engine with people over `n` decisions.

    `agreement` is a share 0–1 (0 where `n` is 0) with its 95% Wilson interval; `kappa` runs from
    -1 to 1 with its 95% interval `low`–`high`. Kappa is None below `MIN_OBSERVATIONS` decisions
    and where both sides always gave one and the same answer: chance explains everything then.
    """

    n: int
    agreement: float
    agreement_low: float
    agreement_high: float
    kappa: float | None = None
    low: float | None = None
    high: float | None = None


class Table(Struct):
    """A 2×2 table of decisions: who objected."""

    both: int = 0
    engine_only: int = 0
    person_only: int = 0
    neither: int = 0

    def add(self, engine_objects: bool, person_objects: bool) -> None:
        """Count one decision."""
        if engine_objects:
            if person_objects:
                self.both += 1
            else:
                self.engine_only += 1
        elif person_objects:
            self.person_only += 1
        else:
            self.neither += 1


class _State(Struct):
    tables: list[tuple[str, str, Table]]
    version: int = 1


class Alignment:
    """The tables, with their reports. Not for use by several threads at once."""

    def __init__(self, max_tables: int = MAX_TABLES) -> None:
        self._max = max_tables
        self._tables: dict[tuple[str, str], Table] = {}

    def observe(
        self, engine_objects: bool, person_objects: bool, *, tool: str = "", agent: str = ""
    ) -> None:
        """Count one decision of a person about an action of `agent` with `tool`."""
        for key in {_OVERALL, (tool, ""), ("", agent), (tool, agent)}:
            table = self._tables.pop(key, None) or Table()
            table.add(engine_objects, person_objects)
            self._tables[key] = table  # last is most recently used
        while len(self._tables) > self._max:
            self._drop_oldest()

    def footprint(self) -> Held:
        """The tables."""
        return Held(len(self._tables), deep_size(self._tables))

    def evaluate(self, tool: str = "", agent: str = "") -> AlignmentReport:
        """The report over all decisions, or over those of one tool, one agent, or both."""
        return report(self._tables.get((tool, agent)) or Table())

    def tools(self) -> tuple[str, ...]:
        """The tools there is a table for, most decisions first."""
        return self._names(0)

    def agents(self) -> tuple[str, ...]:
        """The agents there is a table for, most decisions first."""
        return self._names(1)

    def state(self) -> bytes:
        """All tables as bytes (msgpack), for `restore`."""
        rows = [(tool, agent, table) for (tool, agent), table in self._tables.items()]
        return msgspec.msgpack.encode(_State(rows))

    def restore(self, state: bytes) -> None:
        """Replace the tables by stored ones; raises `msgspec.DecodeError` on foreign bytes."""
        rows = msgspec.msgpack.decode(state, type=_State).tables
        self._tables = {(tool, agent): table for tool, agent, table in rows}
        while len(self._tables) > self._max:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        oldest = next(key for key in self._tables if key != _OVERALL)
        del self._tables[oldest]

    def _names(self, part: int) -> tuple[str, ...]:
        counts = Counter(
            {
                key[part]: _total(table)
                for key, table in self._tables.items()
                if key[part] and not key[1 - part]
            }
        )
        return tuple(name for name, _ in counts.most_common())


def report(table: Table) -> AlignmentReport:
    """What one table says."""
    n = _total(table)
    agreed = table.both + table.neither
    low, high = wilson(agreed, n)
    if not n:
        return AlignmentReport(0, 0.0, low, high)
    chance = _chance(table, n)
    if n < MIN_OBSERVATIONS or chance >= 1.0:
        return AlignmentReport(n, agreed / n, low, high)
    kappa, kappa_low, kappa_high = (
        max(-1.0, (share - chance) / (1.0 - chance)) for share in (agreed / n, low, high)
    )
    return AlignmentReport(n, agreed / n, low, high, kappa, kappa_low, kappa_high)


def _total(table: Table) -> int:
    return table.both + table.engine_only + table.person_only + table.neither


def _chance(table: Table, n: int) -> float:
    """The agreement that the margins alone give. One all-round answer gives exactly 1."""
    engine = table.both + table.engine_only
    person = table.both + table.person_only
    return (engine * person + (n - engine) * (n - person)) / (n * n)
