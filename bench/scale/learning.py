"""The evolution core with up to a million experiences, over a real store.

They are of as many shapes as it keeps, so that it has the most to look through.
"""

from bench.inputs import experiences
from bench.places import scratch_store
from bench.scale.rows import Book, Rows, each_timed, sizes, timed, told_sizes
from bench.stress.parts import MOST_SHAPES
from bench.stress.running import Work
from bench.stress.weighing import grown_mb, weigh
from components.clock import SystemClock
from components.evolution_core import EvolutionCore

NAME = "evolution_core"
WEIGHED = "evolution_full"
LOGGED, ASKED = 500, 15
_POOL = 10_000


def measure(most: int, book: Book, work: Work) -> None:
    """Log up to each size, ask, and weigh the same in a process of its own."""
    rows, wanted = Rows(NAME, most, work, book), sizes(NAME, most)
    pool = experiences(_POOL, MOST_SHAPES)
    try:
        with scratch_store("scale") as store:
            core = EvolutionCore.open(store, SystemClock())

            def log(number: int) -> None:
                core.log_experience(pool[number % _POOL])

            for size in told_sizes(work, wanted):
                logged = core.metrics.totals().seen
                rounds = min(LOGGED, size - logged)
                for number in range(logged, size - rounds):
                    log(number)
                core.flush()
                rows.take("log_experience", size, each_timed(log, range(size - rounds, size)))
                core.flush()
                rows.take("recognize_patterns", size, timed(core.recognize_patterns, ASKED))
                rows.take("suggest_improvements", size, timed(core.suggest_improvements, ASKED))
        work.tell(0.7, "weighing")
        first, *weights = weigh(WEIGHED, wanted)
        for one in weights:
            rows.take("memory", one.items, [grown_mb(first, one)])
    finally:
        rows.finish()
