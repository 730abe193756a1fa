"""What was experienced: kept, counted, searched for patterns, turned into suggestions.

`EvolutionCore` is the whole; `query` reads stored experiences over a read-only connection.
"""

from components.evolution_core.capability import Capability
from components.evolution_core.core import EvolutionCore
from components.evolution_core.journal import BufferFull
from components.evolution_core.metrics import Metrics
from components.evolution_core.patterns import Pattern
from components.evolution_core.rows import Stored, Wanted, query
from components.evolution_core.suggestions import Suggestion, suggestion_id
from components.evolution_core.tally import Stats

__all__ = [
    "BufferFull",
    "Capability",
    "EvolutionCore",
    "Metrics",
    "Pattern",
    "Stats",
    "Stored",
    "Suggestion",
    "Wanted",
    "query",
    "suggestion_id",
]
