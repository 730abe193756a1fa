"""The rows of the scale tables: sizes, limits, and figures as they are found."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from time import perf_counter

from bench.figures import Chart, Figure, Limits, Line, measured, percentile, single
from bench.scale.growth import Growth, estimated, growth, led_on, told
from bench.stress.running import Work
from bench.stress.straight import Points
from bench.targets import targets

COUNTS = ("sizes", "patterns", "characters", "pending", "rates_per_s")
"""What the sizes of a component are called in the table."""

UNITS = {"ms": "ms", "mb": "MB"}
EXPONENT = Limits(kind="scale", unit="")

Book = dict[str, list[tuple[float, float]]]
"""By `component.operation` what was measured: (size, median)."""


def specified(component: str) -> list[int]:
    """The sizes that have limits."""
    table = targets().scale[component]
    return [int(one) for name in COUNTS for one in table.get(name, ())]


def operations(component: str) -> dict[str, str]:
    """The operations that have limits, with the unit of each."""
    found = {}
    for name in targets().scale[component]:
        operation, _, unit = name.rpartition("_")
        if name not in COUNTS and unit in UNITS:
            found[operation] = unit
    return found


def limit(component: str, operation: str, size: int) -> Limits:
    """What an operation may take, or hold, at a size; nothing where there is no row for it."""
    unit = operations(component).get(operation, "ms")
    most = targets().scale[component].get(f"{operation}_{unit}", ())
    held = dict(zip(specified(component), most, strict=False))
    return Limits(kind="scale", unit=UNITS[unit], target=held.get(size))


def sizes(component: str, most: int) -> list[int]:
    """The specified sizes up to `most`, and one between each two of them: a fit wants points.

    Where all are larger, parts of `most` stand for them.
    """
    known = [one for one in specified(component) if one <= most]
    if len(known) < 2:
        return sorted({max(most * part // 100, 1) for part in (10, 18, 32, 56, 100)})
    between = [round((one * other) ** 0.5) for one, other in pairwise(known)]
    return sorted({*known, *between})


def names(component: str, most: int) -> tuple[str, ...]:
    """The figures that a component is to have: at the specified sizes, and the exponents."""
    told_at = [one for one in sizes(component, most) if is_told(component, one, most)]
    return tuple(
        f"scale.{component}.{operation}.{end}"
        for operation in operations(component) for end in (*told_at, "exponent")
    )  # fmt: skip


def is_told(component: str, size: int, most: int) -> bool:
    """Whether a size has figures: one that has limits, or the last of a small run."""
    return size in specified(component) or size == sizes(component, most)[-1]


class Rows:
    """Takes what is measured of one component, makes figures of it, and in the end the fits."""

    def __init__(self, component: str, most: int, work: Work, book: Book) -> None:
        self._component, self._most, self._work, self._book = component, most, work, book
        self._first: dict[str, tuple[int, list[float]]] = {}

    def take(self, operation: str, size: int, values: Sequence[float], note: str = "") -> None:
        """Single measurements at a size; the reference are those at the least size."""
        first, before = self._first.setdefault(operation, (size, list(values)))
        key = f"{self._component}.{operation}"
        self._book.setdefault(key, []).append((size, percentile(sorted(values), 0.5)))
        if is_told(self._component, size, self._most):
            self._work.add(
                measured(
                    f"scale.{key}.{size}", values, limit(self._component, operation, size),
                    reference=f"at {first:,}", reference_values=before, note=note,
                )
            )  # fmt: skip

    def finish(self) -> None:
        """The exponents, with charts; what is beyond this run is named, with what is expected."""
        for operation in self._first:
            key = f"{self._component}.{operation}"
            points = self._book[key]
            if len(points) > 1:
                found = growth(points)
                self._work.add(exponent(f"scale.{key}.exponent", found))
                self._work.chart(self._chart(operation, points, found))
                self._beyond(operation, points)

    def _beyond(self, operation: str, points: Points) -> None:
        """One line for all sizes that this run did not reach."""
        component = self._component
        unit = limit(component, operation, 0).unit
        sizes = [
            size for size in specified(component)
            if size > self._most and limit(component, operation, size).target is not None
        ]  # fmt: skip
        if sizes:
            told_of = "; ".join(
                f"{size:,}: {estimated(led_on(points, size), unit)}" for size in sizes
            )
            self._work.skip(f"scale.{component}.{operation} beyond this run", told_of)

    def _chart(self, operation: str, points: Points, found: Growth) -> Chart:
        component = self._component
        fit = tuple((size, found.at(size)) for size, _ in points)
        held = tuple(
            (float(size), target)
            for size in specified(component)
            if (target := limit(component, operation, size).target) is not None
            and size <= points[-1][0]
        )
        limits = (Line("limit", held, dashed=True),) if held else ()
        unit = limit(component, operation, 0).unit
        return Chart(
            name=f"scale.{component}.{operation}", title=f"{component}: {operation} over size",
            x="size", y=f"{unit}, median", log=True, note=told(found),
            lines=(Line("measured", tuple(points)), Line("fit", fit, dashed=True), *limits),
        )  # fmt: skip


def exponent(name: str, found: Growth) -> Figure:
    """The exponent as a figure."""
    low, high = found.line.slopes()
    return single(
        name, round(found.exponent, 4), EXPONENT, note=told(found),
        extra={"standard error": round(found.error, 4), "95% from": round(low, 3),
               "95% to": round(high, 3), "cliff": "yes" if found.cliff else "none"},
    )  # fmt: skip


def timed(call: Callable[[], object], rounds: int) -> list[float]:
    """Milliseconds of each of several calls."""
    return each_timed(lambda _: call(), range(rounds))


def each_timed(call: Callable[[int], object], numbers: Iterable[int]) -> list[float]:
    """Milliseconds of a call with each number."""
    taken = []
    for number in numbers:
        started = perf_counter()
        call(number)
        taken.append((perf_counter() - started) * 1e3)
    return taken


def told_sizes(work: Work, found: Sequence[int]) -> Iterator[int]:
    """Sizes one after another, with progress by the time that they usually take."""
    whole, done = sum(found), 0
    for size in found:
        work.tell(done / whole, f"{size:,}")
        done += size
        yield size
