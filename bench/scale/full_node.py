"""A node that has seen much: experiences, audit entries, waiting decisions and rules."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from app.node.identity import load_identity
from app.settings import FirewallSettings, Settings
from bench.inputs import experiences, rare_rules
from bench.load import drive
from bench.scale.auditing import fill
from bench.stress.parts import MOST_SHAPES
from bench.stress.pipeline import Pipeline, results, running
from components.audit_system import AuditLog
from components.clock import SystemClock
from components.evolution_core import EvolutionCore
from storage import open_store

PACK = "many.toml"
AT_ONCE = 500


class Stock(Struct, frozen=True, kw_only=True):
    """What it has, and how many agents are at it."""

    experiences: int = 100_000
    entries: int = 100_000
    waiting: int = 1_000
    patterns: int = 1_000
    agents: int = 1_000

    def at_most(self, most: int) -> "Stock":
        """The same, with no more than that of anything."""
        return Stock(
            experiences=min(self.experiences, most), entries=min(self.entries, most),
            waiting=min(self.waiting, most), patterns=min(self.patterns, most),
            agents=min(self.agents, most),
        )  # fmt: skip


@contextmanager
def full_node(home: Path, stock: Stock) -> Iterator[Pipeline]:
    """Filled by the components themselves, then started as ever; nobody answers what waits."""
    home.mkdir(mode=0o700)
    (home / PACK).write_text(pack_of(stock.patterns), "utf-8")
    settings = Settings(firewall=FirewallSettings(packs=(PACK,)))
    _fill(home, settings, stock)
    with running(home, settings, agents=stock.agents, asked=0) as pipeline:
        results(pipeline.node, [drive(stock.waiting, AT_ONCE, pipeline.ask)])
        yield pipeline


def _fill(home: Path, settings: Settings, stock: Stock) -> None:
    store, clock = open_store(home), SystemClock()
    try:
        identity = load_identity(home, settings, first=True)
        fill(store, AuditLog.open(store, identity.key, identity.node, clock), stock.entries)
        core = EvolutionCore.open(store, clock)
        pool = experiences(min(stock.experiences, 10_000), MOST_SHAPES)
        for number in range(stock.experiences):
            core.log_experience(pool[number % len(pool)])
        core.flush()
    finally:
        store.close()


def pack_of(patterns: int) -> str:
    """A rule pack of so many rules of one kind, each with its examples."""
    rules = "\n".join(
        f"[[rule]]\nid = '{rule.id}'\nreason = '{rule.reason}'\n"
        f"for = ['{rule.match.literal[0]} 42']\nagainst = ['nothing']\n"
        f"match = {{ literal = ['{rule.match.literal[0]}'], regex = '{rule.match.regex}' }}\n"
        for rule in rare_rules(patterns)
    )
    return f"[pack]\nname = 'many'\n\n{rules}"
