"""The whole pipeline at more and more actions a second, on a node that has seen much."""

from bench.figures import Chart, Limits, Line, single
from bench.load import Step, drive, step_at
from bench.places import scratch
from bench.scale.full_node import Stock, full_node
from bench.scale.rows import Book, specified
from bench.stress.limits import NOTHING_LOST
from bench.stress.pipeline import Pipeline, results, running
from bench.stress.running import Work
from bench.targets import targets

NAME = "pipeline"
AT_ONCE, WARM = 1_000, 500
OFFERED = 1.02
"""So much of a rate is offered: less than all of it is achieved while the last are under way."""

CAPACITY = "pipeline.capacity"
"""In the book: actions a second without pause."""


def names() -> tuple[str, ...]:
    """The figures that are to be found."""
    both = [f"scale.{NAME}.{what}.{rate}" for what in ("achieved", "p95") for rate in _rates()]
    return (*both, f"scale.{NAME}.unrecorded")


def measure(stock: Stock, seconds: float, most_per_s: int, book: Book, work: Work) -> None:
    """Each rate at the full node and at an empty one, in turns; then both without pause."""
    found: list[tuple[Step, Step]] = []
    rates = [rate for rate in _rates() if rate <= most_per_s]
    for rate in set(_rates()) - set(rates):
        for what in ("achieved", "p95"):
            work.skip(f"scale.{NAME}.{what}.{rate}", "beyond this run")
    with scratch("scale") as folder:
        work.tell(0.0, "filling")
        with full_node(folder / "full", stock) as full, running(folder / "empty", asked=0) as empty:
            try:
                for at, rate in enumerate(rates):
                    work.tell(0.5 + 0.4 * at / len(rates), f"{rate:,}/s")
                    order = (full, empty) if at % 2 else (empty, full)
                    steps = {one is full: _at(one, rate, seconds) for one in order}
                    found.append((steps[True], steps[False]))
                    _tell(work, rate, *found[-1])
                _without_pause(full, seconds, book)
            finally:
                _draw(work, found)
            work.add(
                single(f"scale.{NAME}.unrecorded", float(full.unrecorded()), _lost(),
                       note=f"Of {full.expected.total():,} audit entries, counted in the store")
            )  # fmt: skip


def _rates() -> list[int]:
    return specified(NAME)


def _lost() -> Limits:
    return Limits(kind="scale", unit=NOTHING_LOST.unit, target=NOTHING_LOST.target)


def _at(pipeline: Pipeline, rate: float, seconds: float) -> Step:
    results(pipeline.node, [drive(WARM, AT_ONCE // 10, pipeline.judge)])
    (found,) = results(pipeline.node, [step_at(OFFERED * rate, seconds, pipeline.judge)])
    results(pipeline.node, [pipeline.settle()])
    return found


def _without_pause(full: Pipeline, seconds: float, book: Book) -> None:
    count = max(round(1_500 * seconds), AT_ONCE)
    (taken,) = results(full.node, [drive(count, AT_ONCE, full.judge)])
    results(full.node, [full.settle()])
    book[CAPACITY] = [(0.0, count / taken)]


def _tell(work: Work, rate: int, full: Step, empty: Step) -> None:
    table = targets().scale[NAME]
    place = _rates().index(rate)
    told = f"{full.failed:,} of {full.calls:,} failed: {full.why}" if full.failed else ""
    work.add(
        single(
            f"scale.{NAME}.achieved.{rate}", full.achieved,
            Limits(kind="scale", unit="/s", target=table["achieved_per_s"][place], at_least=True),
            reference="an empty node", reference_value=empty.achieved, note=told,
        ),
        single(
            f"scale.{NAME}.p95.{rate}", full.p95_ms,
            Limits(kind="scale", unit="ms", target=table["p95_ms"][place]),
            reference="an empty node", reference_value=empty.p95_ms,
            note="To the durable verdict, from when the action was due",
            extra={"P50 (ms)": round(full.p50_ms, 3), "P99 (ms)": round(full.p99_ms, 3)},
        ),
    )  # fmt: skip


def _draw(work: Work, found: list[tuple[Step, Step]]) -> None:
    if not found:
        return
    sides = (("full", 0), ("empty", 1))
    work.chart(
        Chart(
            name="scale.pipeline.achieved", title="pipeline: achieved over offered", log=True,
            x="offered a second", y="achieved a second",
            lines=tuple(
                Line(name, tuple((pair[at].offered, pair[at].achieved) for pair in found))
                for name, at in sides
            ),
        ),
        Chart(
            name="scale.pipeline.p95", title="pipeline: P95 over what was offered", log=True,
            x="offered a second", y="ms",
            lines=tuple(
                Line(name, tuple((pair[at].offered, pair[at].p95_ms) for pair in found))
                for name, at in sides
            ),
        ),
    )  # fmt: skip
