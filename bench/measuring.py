"""How a bench measures: ours and the reference in turns, on the same input, in the same run.

pytest-benchmark times ours. The reference is timed behind every round, so that whatever the machine
does besides falls upon both; ours comes first, so that it is the one that meets the input cold.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import cycle
from statistics import median
from time import perf_counter_ns
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from bench.figures import Figure, Limits, measured, single
from bench.targets import limits

QUICK, FEWEST, DEAR = 10, 3, 5
"""A quick run makes so many times fewer rounds, though at least `FEWEST`; and one alone where no
more than `DEAR` are wanted, since each of them is long."""

_WARM_UP = 20


class Reference(Struct, frozen=True):
    """What ours is held against: its name, how it is called, what ours does that it does not."""

    name: str
    call: Callable[..., object]
    besides: str = ""


class Beside:
    """The hand of a bench on its measurements: what it finds becomes figures."""

    def __init__(self, benchmark: Any, name: str, *, quick: bool) -> None:
        self.benchmark = benchmark
        self.quick = quick
        self.found: list[Figure] = []
        self._name = name

    def rounds(self, many: int) -> int:
        """How many rounds to make where many are wanted."""
        if not self.quick:
            return many
        return 1 if many <= DEAR else max(many // QUICK, FEWEST)

    def walk(
        self,
        ours: Callable[[Any], object],
        over: Iterable[Any],
        reference: Reference,
        *,
        rounds: int,
        note: str = "",
        bound: Limits | None = None,
    ) -> tuple[list[float], list[float]]:
        """Time single calls, each on the next of the inputs, and the reference on the same one.

        The times of both are given back, in µs.
        """
        following, theirs = cycle(over), list[int]()

        def next_input() -> tuple[tuple[Any], dict[str, Any]]:
            return (next(following),), {}

        def then(given: Any) -> None:
            started = perf_counter_ns()
            reference.call(given)
            theirs.append(perf_counter_ns() - started)

        self.benchmark.pedantic(
            ours, setup=next_input, teardown=then, rounds=self.rounds(rounds),
            warmup_rounds=min(_WARM_UP, self.rounds(rounds)),
        )  # fmt: skip
        data = self.benchmark.stats.stats.data
        times = [1e6 * seconds for seconds in data], [ns / 1e3 for ns in theirs[-len(data) :]]
        self.values(*times, reference, note=note, bound=bound)
        return times

    def values(
        self,
        ours: Iterable[float],
        theirs: Iterable[float],
        reference: Reference | str,
        *,
        name: str = "",
        value: float | None = None,
        note: str = "",
        extra: dict[str, float | str] | None = None,
        bound: Limits | None = None,
    ) -> None:
        """A figure from single measurements in its unit; `name` where it is not the bench's own."""
        called, besides = (reference.name, reference.besides) if isinstance(
            reference, Reference) else (reference, "")  # fmt: skip
        name = name or self._name
        held = bound or known(name)
        self.found.append(
            measured(
                name, ours, held, value=value, reference=called, reference_values=theirs,
                note=_sentences(held.note, besides, note), extra=extra,
            )
        )  # fmt: skip

    def turns(
        self,
        ours: Callable[[], float],
        theirs: Callable[[], float],
        reference: str,
        *,
        name: str = "",
        rounds: int,
        unit: str,
        over: bool = True,
        note: str = "",
        bound: Limits | None = None,
    ) -> tuple[list[float], list[float]]:
        """Two figures in turns, each as often first as last; the median of their ratios counts.

        The ratio is ours over theirs, or theirs over ours where not `over`. The figures of both
        sides are given back.
        """
        found: tuple[list[float], list[float]] = ([], [])

        def turn() -> None:
            sides = ((0, ours), (1, theirs))
            for at, side in sides if len(found[0]) % 2 == 0 else sides[::-1]:
                found[at].append(side())

        self.benchmark.pedantic(turn, rounds=self.rounds(rounds))
        self.ratio(*found, reference, name=name, unit=unit, over=over, note=note, bound=bound)
        return found

    def ratio(
        self,
        ours: Sequence[float],
        theirs: Sequence[float],
        reference: str,
        *,
        name: str = "",
        unit: str = "µs",
        over: bool = True,
        note: str = "",
        bound: Limits | None = None,
    ) -> None:
        """A figure that is the median ratio of pairs; both medians go with it, in their unit."""
        name = name or self._name
        held = bound or known(name)
        pairs = zip(ours, theirs, strict=True)
        ratios = [one / other if over else other / one for one, other in pairs]
        sides: dict[str, float | str] = {
            f"ours ({unit})": round(median(ours), 3),
            f"reference ({unit})": round(median(theirs), 3),
        }
        self.found.append(
            measured(
                name, ratios, held, value=median(ratios), reference=reference,
                note=_sentences(held.note, note), extra=sides,
            )
        )  # fmt: skip

    def extra(self, name: str, value: float) -> None:
        """Say something more of the last figure."""
        last = self.found[-1]
        self.found[-1] = replace(last, extra={**last.extra, name: float(f"{value:.4g}")})

    def number(
        self,
        value: float,
        *,
        name: str = "",
        bound: Limits | None = None,
        note: str = "",
        **more: Any,
    ) -> None:
        """A figure that is one number; `more` is what `bench.figures.single` takes."""
        name = name or self._name
        held = bound or known(name)
        self.found.append(single(name, value, held, note=_sentences(held.note, note), **more))


def known(name: str) -> Limits:
    """The limits of a figure, or none where nothing is asked of it."""
    return limits().get(name) or Limits()


def _sentences(*parts: str) -> str:
    """Parts as sentences behind each other."""
    kept = [part.strip().rstrip(".") for part in parts if part.strip()]
    return "".join(f"{part[0].upper()}{part[1:]}. " for part in kept).rstrip()
