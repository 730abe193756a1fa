"""Many callers at once: nothing is lost, nothing is wrong, and not much slower than one caller."""

from functools import partial
from statistics import median
from time import perf_counter

from bench.figures import single
from bench.load import callers
from bench.places import scratch
from bench.stress import limits
from bench.stress.options import Options
from bench.stress.parts import COMPONENTS, OPENED, Part
from bench.stress.pipeline import Pipeline, approvers, results, running
from bench.stress.running import Section, Work

APPROVERS = 4
LOOK_S = 0.001
TURNS = 2
_ALONE = 4
"""One caller makes a fourth of what all of them make; a rate is a rate."""


def sections(options: Options) -> list[Section]:
    """Threads for each component; agents and approvers for the queue, on a node."""
    return [
        Section(
            f"concurrent.{name}", (f"stress.concurrent.{name}", f"stress.concurrent.{name}.lost"),
            2 + _operations(name, options) / 4_000,
            partial(_people, options) if name == "hitl" else partial(_threads, name, options),
        )
        for name in COMPONENTS
    ]  # fmt: skip


def _operations(name: str, options: Options) -> int:
    many, each = limits.concurrent(name)
    return round(many * each * options.share)


def _threads(name: str, options: Options, work: Work) -> None:
    """One caller and many in turns, each as often first as last."""
    many, each = limits.concurrent(name)
    each = max(round(each * options.share / TURNS), 1)
    rates: dict[bool, list[float]] = {False: [], True: []}
    failures: list[str] = []
    calls = 0
    with OPENED[name]() as part:
        before = part.recorded() if part.recorded else 0
        for turn in range(TURNS):
            for together in (True, False) if turn % 2 else (False, True):
                work.tell((2 * turn + together) / (2 * TURNS), "together" if together else "alone")
                count = (many, each) if together else (1, max(many * each // _ALONE, 1))
                seconds, wrong = callers(*count, part.call, part.settle)
                rates[together].append(count[0] * count[1] / seconds)
                calls, failures = calls + count[0] * count[1], failures + wrong
        lost = _lost(part, before, calls, failures)
    row = f"stress.concurrent.{name}"
    said = f"{many} callers, {TURNS} × {each:,} operations each"
    work.add(
        single(row, median(rates[True]), limits.throughput(name), reference="one caller",
               reference_value=median(rates[False]), note=said),
        single(f"{row}.lost", float(lost), limits.NOTHING_LOST,
               note=f"Of {calls:,}: refused, wrong, or not recorded"
               + (f"; the first: {failures[0]}" if failures else "")),
    )  # fmt: skip


def _lost(part: Part, before: int, calls: int, failures: list[str]) -> int:
    """How many calls failed, were answered wrongly, or are not recorded."""
    if not part.recorded:
        return len(failures)
    return len(failures) + abs(calls - len(failures) - (part.recorded() - before))


def _people(options: Options, work: Work) -> None:
    """Agents that ask, each the next when the last is answered, while people answer."""
    many, each = limits.concurrent("hitl")
    each = max(round(each * options.share), 1)
    with scratch("stress") as folder, running(folder / "home", asked=0) as pipeline:
        with approvers(pipeline, 1, LOOK_S):
            work.tell(0.0, "one agent, one approver")
            alone = _decided(pipeline, 1, max(each // 2, 1))
        with approvers(pipeline, APPROVERS, LOOK_S):
            work.tell(0.4, f"{many} agents, {APPROVERS} approvers")
            together = _decided(pipeline, many, each)
        lost, entries = pipeline.unrecorded(), pipeline.expected.total()
        collisions = pipeline.collisions
    row = "stress.concurrent.hitl"
    work.add(
        single(row, together, limits.PLAIN, reference="one agent, one approver",
               reference_value=alone,
               note=f"Decisions: {many} agents × {each:,}, {APPROVERS} approvers, at a node with "
               f"its store; {collisions} times two answered the same, and one of them was told"),
        single(f"{row}.lost", float(lost), limits.NOTHING_LOST,
               note=f"Of {entries:,} audit entries; each decision was answered once"),
    )  # fmt: skip


def _decided(pipeline: Pipeline, many: int, each: int) -> float:
    """Decisions a second."""

    async def agent() -> None:
        for _ in range(each):
            await pipeline.decided()

    started = perf_counter()
    results(pipeline.node, [agent() for _ in range(many)])
    return many * each / (perf_counter() - started)
