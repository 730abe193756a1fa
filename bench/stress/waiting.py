"""How many decisions can wait at once on one node, before asking, listing or answering is slow."""

from collections.abc import Callable
from functools import partial
from time import perf_counter

from msgspec import Struct

from bench.figures import Chart, Line, percentile, single
from bench.load import drive
from bench.places import scratch
from bench.stress import limits
from bench.stress.options import Options
from bench.stress.pipeline import Pipeline, results, running
from bench.stress.running import Section, Work
from bench.targets import limits as all_limits

ROW = "stress.throughput.hitl_pending"
SIZES = (100, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
AT_ONCE = 500
ANSWERED, LISTED, SCREENFUL = 50, 200, 50

_LISTING_MS = (all_limits()["operation.hitl.get_pending"].acceptable or 0) / 1e3


class Waiting(Struct, frozen=True, kw_only=True):
    """How it is with so many that wait: P95s in ms, and how many are missing."""

    size: int
    ask_ms: float
    list_ms: float
    answer_ms: float
    missing: int

    @property
    def holds(self) -> bool:
        """Whether all is there, and in time."""
        quick = max(self.ask_ms, self.answer_ms) < limits.PIPELINE_P95_MS
        return quick and self.list_ms <= _LISTING_MS and not self.missing


def most_held(found: list[Waiting]) -> int:
    """The largest size before the first that did not hold; 0 where none did."""
    held = 0
    for one in found:
        if not one.holds:
            break
        held = one.size
    return held


def sections(options: Options) -> list[Section]:
    """One section, of one row."""
    seconds = 6 + options.waiting / 800
    return [Section("throughput.hitl_pending", (ROW,), seconds, partial(_work, options))]


def _work(options: Options, work: Work) -> None:
    sizes = [one for one in SIZES if one < options.waiting] + [options.waiting]
    found: list[Waiting] = []
    with scratch("stress") as folder, running(folder / "home", asked=0) as pipeline:
        try:
            for size in sizes:
                work.tell(size / sizes[-1] * 0.9, f"{size:,}")
                found.append(_with(pipeline, size))
        finally:
            _draw(work, found)
        answered = ANSWERED * len(found)
        lost = pipeline.unrecorded()
    last = found[-1]
    work.add(
        single(
            ROW, float(most_held(found)), limits.throughput("hitl_pending"),
            reference="the same with the fewest waiting: P95 of an answer",
            ratio=last.answer_ms / found[0].answer_ms,
            note=(
                f"Real node and store, tried up to {last.size:,}: asking and answering under "
                f"{limits.PIPELINE_P95_MS:.0f} ms at P95, a screenful listed within "
                f"{_LISTING_MS:.2g} ms; {answered:,} answered on the way, {lost} of "
                f"{pipeline.expected.total():,} audit entries missing"
            ),
            extra={
                f"answer P95 at {last.size:,} (ms)": round(last.answer_ms, 3),
                f"screenful P95 at {last.size:,} (ms)": round(last.list_ms, 4),
            },
        )
    )  # fmt: skip


def _with(pipeline: Pipeline, size: int) -> Waiting:
    """Fill the queue up to a size, look at it, answer some, and ask those anew."""
    node, queue = pipeline.node, pipeline.node.engine.queue
    short = size - len(queue)
    results(node, [drive(short, AT_ONCE, pipeline.ask)])
    missing = size - len(queue)

    async def look() -> tuple[float, float, float]:
        core = node.engine.core
        listed = _p95([_ms(lambda: core.pending(SCREENFUL)) for _ in range(LISTED)])
        answers, asks = [], []
        for decision in core.pending(min(ANSWERED, size)):
            started = perf_counter()
            await pipeline.answer(decision)
            answers.append((perf_counter() - started) * 1e3)
            started = perf_counter()
            await pipeline.ask(0)
            asks.append((perf_counter() - started) * 1e3)
        return _p95(asks), listed, _p95(answers)

    ((ask_ms, list_ms, answer_ms),) = results(node, [look()])
    return Waiting(
        size=size, ask_ms=ask_ms, list_ms=list_ms, answer_ms=answer_ms, missing=missing
    )  # fmt: skip


def _ms(call: Callable[[], object]) -> float:
    started = perf_counter()
    call()
    return (perf_counter() - started) * 1e3


def _p95(times: list[float]) -> float:
    return percentile(sorted(times), 0.95)


def _draw(work: Work, found: list[Waiting]) -> None:
    if not found:
        return
    work.chart(
        Chart(
            name="throughput.hitl_pending", title="Decisions that wait at once: P95",
            x="waiting", y="ms", log=True,
            lines=(
                Line("ask", tuple((one.size, one.ask_ms) for one in found)),
                Line("list a screenful", tuple((one.size, one.list_ms) for one in found)),
                Line("answer", tuple((one.size, one.answer_ms) for one in found)),
            ),
        )
    )  # fmt: skip
