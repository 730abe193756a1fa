"""A bounded number of tallies: a flood of new keys cannot push out what matters."""

from collections import OrderedDict
from itertools import islice

from fastdigest import TDigest

from components.actions import Experience
from components.evolution_core.durations import Durations, sketch_bytes
from components.evolution_core.tally import Stats, Tally
from components.monitor.footprint import Held, deep_size

_CANDIDATES = 16


class Ledger:
    """At most `limit` tallies, the one touched last at the end.

    When a new key finds it full, the lightest of the 16 touched longest ago goes, and is counted
    in `evicted`: pure LRU would let a hundred odd actions wipe out what people have decided.
    """

    def __init__(
        self, limit: int, centroids: int, tallies: tuple[Tally, ...] = (), evicted: int = 0
    ) -> None:
        self.evicted = evicted
        self._limit = limit
        self._centroids = centroids
        self._tallies = OrderedDict((tally.key, tally) for tally in tallies)
        self._frozen: dict[str, Stats] = {}

    def add(self, key: str, experience: Experience) -> None:
        """Count one experience under its key."""
        tally = self._tallies.get(key)
        if tally is None:
            if len(self._tallies) >= self._limit:
                self._evict()
            tally = Tally(key, experience.tool, Durations(self._centroids))
            self._tallies[key] = tally
        else:
            self._tallies.move_to_end(key)
            self._frozen.pop(key, None)
        tally.add(experience)

    def _evict(self) -> None:
        oldest = islice(self._tallies.values(), _CANDIDATES)
        victim = min(oldest, key=Tally.weight)
        del self._tallies[victim.key]
        self._frozen.pop(victim.key, None)
        self.evicted += 1

    def footprint(self) -> Held:
        """The tallies and the frozen copies of them."""
        held = deep_size(self._tallies, self._frozen, extra={TDigest: sketch_bytes})
        return Held(len(self._tallies), held)

    def keys(self) -> tuple[str, ...]:
        """All keys, the one touched longest ago first."""
        return tuple(self._tallies)

    def tallies(self) -> tuple[Tally, ...]:
        """All tallies, in the order of `keys`; for saving them."""
        return tuple(self._tallies.values())

    def stats(self, key: str) -> Stats | None:
        """A frozen copy of one tally, made anew only when it changed; None for unknown keys."""
        frozen = self._frozen.get(key)
        if frozen is None and (tally := self._tallies.get(key)) is not None:
            frozen = self._frozen[key] = tally.stats()
        return frozen
