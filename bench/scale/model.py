"""What more needs than this machine was given: led on from what this run has measured. Pure.

Nothing here is a constant of the machine: rates, times, bytes and exponents are this run's. What is
assumed of agents and people stands in `Demand`, and with every figure that rests upon it.
"""

from collections.abc import Iterator
from math import ceil

from msgspec import Struct

from bench.figures import Figure, Limits, single
from bench.scale.growth import Estimate, estimated, led_on
from bench.scale.pipeline import CAPACITY
from bench.scale.rows import Book

FULL = 0.8
"""A node is full at this share of what it can: beyond, the resource alerts fire."""

ENTRIES_AN_ACTION = 2.0
"""The verdict's and the outcome's; a person adds one for the question."""

MESSAGES_AN_ACTION = 4.0
"""Over a broker: request, verdict, outcome, and the outcome's answer."""

DAY_S = 86_400.0
_LED_ON = {
    "audit_system.log_action": "ms", "audit_system.verify_chain": "ms",
    "audit_system.query_history": "ms", "audit_system.search": "ms",
    "audit_system.merkle_root": "ms",
}  # fmt: skip


class Demand(Struct, frozen=True, kw_only=True):
    """What is wanted: agents and how often each acts, decisions a day and what they ask of people.

    `rush` is the busiest hour over the mean; `wait_s` how long a decision waits, `attention_s` how
    long a person takes for one.
    """

    agents: int = 1_000
    actions_a_minute: float = 6.0
    decisions_a_day: int = 10_000
    entries: int = 1_000_000_000
    rush: float = 10.0
    wait_s: float = 300.0
    attention_s: float = 10.0

    @property
    def actions_per_s(self) -> float:
        """Of all agents together."""
        return self.agents * self.actions_a_minute / 60


NAMES = (
    "node.full_at", "node.agents", "agents.share", "agents.days_to_entries", "decisions.waiting",
    "decisions.memory", "decisions.people", "entries.disk", "entries.verify_chain",
    "entries.query_history", "entries.log_action", "entries.merkle_root", "entries.search",
    "broker.share", "broker.nodes",
)  # fmt: skip


def names() -> tuple[str, ...]:
    """The figures of the model."""
    return tuple(f"scale.model.{one}" for one in NAMES)


def figures(book: Book, demand: Demand) -> Iterator[Figure]:
    """Those for which this run has measured what they rest upon."""
    yield from _nodes(book, demand)
    yield from _decisions(book, demand)
    yield from _entries(book, demand)
    yield from _broker(book, demand)


def conclusions(book: Book, demand: Demand) -> Iterator[str]:
    """In sentences: when one node is full, and when more nodes and brokers come in."""
    if capacity := _measured(book, CAPACITY):
        full = FULL * capacity
        share = demand.actions_per_s / full
        yield (
            f"One node of this machine is full at {full:,.0f} actions a second ({FULL:.0%} of "
            f"{capacity:,.0f} measured): {demand.agents:,} agents that act "
            f"{demand.actions_a_minute:g} times a minute are {share:.0%} of that, so a further "
            f"node comes in with {ceil(_agents(full, demand)):,} agents."
        )
    node, alone = _measured(book, "broker.node"), _measured(book, "broker.alone")
    if node and alone:
        full, most = FULL * node, FULL * alone / MESSAGES_AN_ACTION
        yield (
            f"Over a broker a node is full at {full:,.0f} actions a second, agents and broker on "
            f"the same machine. One broker carries {most:,.0f} actions a second, as much as "
            f"{most / full:.3g} such nodes; a cluster of brokers comes in with "
            f"{ceil(_agents(most, demand)):,} agents."
        )


def _nodes(book: Book, demand: Demand) -> Iterator[Figure]:
    capacity = _measured(book, CAPACITY)
    if not capacity:
        return
    full = FULL * capacity
    days = demand.entries / (demand.actions_per_s * ENTRIES_AN_ACTION) / DAY_S
    assumed = f"At {demand.actions_a_minute:g} actions a minute from each agent"
    yield _figure("node.full_at", full, "/s", f"{FULL:.0%} of what the full node makes a second")
    yield _figure("node.agents", _agents(full, demand), "agents", assumed)
    yield _figure(
        "agents.share",
        100 * demand.actions_per_s / full,
        "%",
        f"Of a full node, by {demand.agents:,} agents. {assumed}",
    )
    yield _figure("agents.days_to_entries", days, "days",
                  f"Until {demand.agents:,} agents have left {demand.entries:,} audit entries, "
                  f"{ENTRIES_AN_ACTION:g} an action. {assumed}")  # fmt: skip


def _decisions(book: Book, demand: Demand) -> Iterator[Figure]:
    busiest = demand.decisions_a_day / DAY_S * demand.rush
    waiting = busiest * demand.wait_s
    hours = demand.decisions_a_day * demand.attention_s / 3600
    yield _figure(
        "decisions.waiting",
        waiting,
        "waiting",
        f"{demand.decisions_a_day:,} a day, {demand.rush:g} times the mean in the busiest "
        f"hour, each waiting {demand.wait_s:g} s",
    )
    yield _figure(
        "decisions.people",
        ceil(hours / 8),
        "people",
        f"{demand.attention_s:g} s for each decision, eight hours a day",
    )
    if points := book.get("hitl.memory"):
        yield _estimated("decisions.memory", led_on(points, waiting), "MB")  # fmt: skip


def _entries(book: Book, demand: Demand) -> Iterator[Figure]:
    if len(points := book.get("audit_system.disk", [])) > 1:
        found = led_on([(size, mb / 1e3) for size, mb in points], demand.entries)
        yield _estimated("entries.disk", found, "GB")
    for key, unit in _LED_ON.items():
        if len(points := book.get(key, [])) > 1:
            name = f"entries.{key.partition('.')[2]}"
            yield _estimated(name, led_on(points, demand.entries), unit)


def _broker(book: Book, demand: Demand) -> Iterator[Figure]:
    node, alone = _measured(book, "broker.node"), _measured(book, "broker.alone")
    if not (node and alone):
        return
    most = FULL * alone / MESSAGES_AN_ACTION
    yield _figure(
        "broker.share",
        100 * demand.actions_per_s / most,
        "%",
        f"Of one broker, by {demand.agents:,} agents, {MESSAGES_AN_ACTION:g} messages an action",
    )
    yield _figure("broker.nodes", most / (FULL * node), "nodes",
                  "So many full nodes fill one broker: beyond, a cluster of brokers")  # fmt: skip


def _agents(per_s: float, demand: Demand) -> float:
    return per_s * 60 / demand.actions_a_minute


def _measured(book: Book, key: str) -> float:
    """A single figure of this run; 0 where it has none."""
    points = book.get(key)
    return points[-1][1] if points else 0.0


def _figure(name: str, value: float, unit: str, note: str) -> Figure:
    return single(f"scale.model.{name}", value, Limits(kind="scale", unit=unit), note=note)


def _estimated(name: str, found: Estimate, unit: str) -> Figure:
    return single(
        f"scale.model.{name}", found.value, Limits(kind="scale", unit=unit),
        note=estimated(found, unit), extra={"95% from": found.low, "95% to": found.high},
    )  # fmt: skip
