"""Alignment, measured: how far the engine and the operators object to the same actions.

Every decision a person takes is one cell of a 2×2 table (engine objects or not, person objects or
not). There is a table over all, one a tool, one an agent, and one a pair, updated as the answers
come. What is reported is the agreement with its Wilson score interval (Wilson 1927) and Cohen's
kappa (Cohen 1960), the agreement beyond what the two margins alone would give:

    kappa = (agreement - chance) / (1 - chance)

Its 95% interval is the asymptotic one (Fleiss, Cohen and Everitt 1969) of the table with half a
decision added to each cell. Without these halves it shrinks to a point where all agree, and held
the truth in 31–95% of simulated tables of 20 decisions; with them in 93–99%, at 20 as at 200.

The tables of the last two weeks are also kept by day, to tell drift: this week against the week
before.
"""

from collections import Counter
from math import sqrt
from typing import Literal

import msgspec
from msgspec import Struct

from components.monitor.footprint import Held, deep_size
from components.wilson import wilson

MIN_OBSERVATIONS = 20
"""Below this many decisions kappa is None: its interval would span nearly everything."""

MAX_TABLES = 4096
"""How many tables are kept; beyond, the one least recently added to goes. Never the overall."""

LEAST_KAPPA = 0.4
"""Where kappa is surely below, engine and people hardly agree (Landis and Koch 1977: fair)."""

WEEK_DAYS = 7
_DAY_US = 86_400 * 1_000_000
_OVERALL = ("", "")
_Z = 1.959963984540054

Drift = Literal["", "low", "moved"]
"""Kappa is surely below `LEAST_KAPPA`; or surely another than in the week before."""


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


class Trend(Struct, frozen=True):
    """The report over the last seven days, over the seven before, and what to make of them."""

    week: AlignmentReport
    before: AlignmentReport
    drift: Drift = ""


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

    def __add__(self, other: "Table") -> "Table":
        return Table(
            self.both + other.both,
            self.engine_only + other.engine_only,
            self.person_only + other.person_only,
            self.neither + other.neither,
        )


_Days = dict[int, Table]


class _State(Struct):
    tables: list[tuple[str, str, Table]]
    version: int = 1
    days: list[tuple[str, str, _Days]] = []


class Alignment:
    """The tables, with their reports. Not for use by several threads at once."""

    def __init__(self, max_tables: int = MAX_TABLES) -> None:
        self._max = max_tables
        self._tables: dict[tuple[str, str], Table] = {}
        self._days: dict[tuple[str, str], _Days] = {}

    def observe(
        self,
        engine_objects: bool,
        person_objects: bool,
        *,
        tool: str = "",
        agent: str = "",
        at: int = 0,
    ) -> None:
        """Count one decision of a person, `at` µs since 1970, about an action of `agent`."""
        for key in {_OVERALL, (tool, ""), ("", agent), (tool, agent)}:
            table = self._tables.pop(key, None) or Table()
            table.add(engine_objects, person_objects)
            self._tables[key] = table  # last is most recently used
        for key in {_OVERALL, (tool, ""), ("", agent)}:
            days = self._days.setdefault(key, {})
            days.setdefault(at // _DAY_US, Table()).add(engine_objects, person_objects)
            for old in [day for day in days if day <= at // _DAY_US - 2 * WEEK_DAYS]:
                del days[old]
        while len(self._tables) > self._max:
            self._drop_oldest()

    def footprint(self) -> Held:
        """The tables."""
        return Held(len(self._tables), deep_size(self._tables, self._days))

    def evaluate(self, tool: str = "", agent: str = "") -> AlignmentReport:
        """The report over all decisions, or over those of one tool, one agent, or both."""
        return report(self._tables.get((tool, agent)) or Table())

    def trend(self, now: int, tool: str = "", agent: str = "") -> Trend:
        """This week and the one before, to `now` (µs), over all or of one tool or agent."""
        days = dict(self._days.get((tool, agent), {}))  # the gate's thread may add to it
        today = now // _DAY_US
        week, before = Table(), Table()
        for day, table in days.items():
            if today - WEEK_DAYS < day <= today:
                week += table
            elif today - 2 * WEEK_DAYS < day <= today - WEEK_DAYS:
                before += table
        return _trend(report(week), report(before))

    def tools(self) -> tuple[str, ...]:
        """The tools there is a table for, most decisions first."""
        return self._names(0)

    def agents(self) -> tuple[str, ...]:
        """The agents there is a table for, most decisions first."""
        return self._names(1)

    def state(self) -> bytes:
        """All tables as bytes (msgpack), for `restore`."""
        rows = [(*key, table) for key, table in self._tables.items()]
        return msgspec.msgpack.encode(
            _State(rows, days=[(*key, d) for key, d in self._days.items()])
        )

    def restore(self, state: bytes) -> None:
        """Replace the tables by stored ones; raises `msgspec.DecodeError` on foreign bytes."""
        found = msgspec.msgpack.decode(state, type=_State)
        self._tables = {(tool, agent): table for tool, agent, table in found.tables}
        self._days = {(tool, agent): days for tool, agent, days in found.days}
        while len(self._tables) > self._max:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        oldest = next(key for key in self._tables if key != _OVERALL)
        del self._tables[oldest]
        self._days.pop(oldest, None)

    def _names(self, part: int) -> tuple[str, ...]:
        counts = Counter(
            {
                key[part]: _total(table)
                for key, table in list(self._tables.items())  # the gate's thread may add
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
    chance = _chance(table)
    if n < MIN_OBSERVATIONS or chance >= 1.0:
        return AlignmentReport(n, agreed / n, low, high)
    kappa = (agreed / n - chance) / (1.0 - chance)
    kappa_low, kappa_high = _interval(table)
    return AlignmentReport(
        n, agreed / n, low, high, kappa, min(kappa_low, kappa), max(kappa_high, kappa)
    )


def _trend(week: AlignmentReport, before: AlignmentReport) -> Trend:
    drift: Drift = ""
    if week.low is not None and week.high is not None:
        if before.low is not None and before.high is not None and (
            week.high < before.low or week.low > before.high
        ):  # fmt: skip
            drift = "moved"
        if week.high < LEAST_KAPPA:
            drift = "low"
    return Trend(week, before, drift)


def _total(table: Table) -> int:
    return table.both + table.engine_only + table.person_only + table.neither


def _chance(table: Table) -> float:
    """The agreement that the margins alone give. One all-round answer gives exactly 1."""
    n = _total(table)
    engine = table.both + table.engine_only
    person = table.both + table.person_only
    return (engine * person + (n - engine) * (n - person)) / (n * n)


def _interval(table: Table) -> tuple[float, float]:
    """The asymptotic 95% interval of kappa, with half a decision added to each cell."""
    counts = (table.both, table.engine_only, table.person_only, table.neither)
    n = sum(counts) + 2.0
    both, engine_only, person_only, neither = ((count + 0.5) / n for count in counts)
    engine, person = both + engine_only, both + person_only
    chance = engine * person + (1 - engine) * (1 - person)
    kappa = (both + neither - chance) / (1 - chance)
    agreeing = sum(
        share * (1 - margins * (1 - kappa)) ** 2
        for share, margins in ((both, engine + person), (neither, 2 - engine - person))
    )
    differing = (1 - kappa) ** 2 * (
        engine_only * (person + 1 - engine) ** 2 + person_only * (1 - person + engine) ** 2
    )
    variance = (agreeing + differing - (kappa - chance * (1 - kappa)) ** 2) / (
        n * (1 - chance) ** 2
    )
    spread = _Z * sqrt(max(variance, 0.0))
    return max(kappa - spread, -1.0), min(kappa + spread, 1.0)
