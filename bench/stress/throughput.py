"""Ramps: more and more operations a second, until a component or the node no longer keeps up."""

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median

import msgspec

from bench.figures import Chart, Line, single
from bench.load import Step, calls_at, calls_without_pause, drive, step_at
from bench.places import scratch
from bench.skeleton import Skeleton
from bench.stress import limits
from bench.stress.knee import PARTS, knee, ramp, rates
from bench.stress.options import Options
from bench.stress.parts import COMPONENTS, OPENED
from bench.stress.pipeline import Pipeline, results, running
from bench.stress.running import Section, Work

AT_ONCE = 1_000
"""Actions under way while the node is asked for all it can."""

_UNPACED = "one caller that never pauses"
_NODE = "stress.throughput.pipeline"


def sections(options: Options) -> list[Section]:
    """A ramp for each component but the queue, which `waiting` has, and one for the node."""
    steps = len(PARTS) + 2
    ramps = [
        Section(f"throughput.{name}", (f"stress.throughput.{name}",),
                1.2 * steps * options.step_s, partial(_component, name, options))
        for name in COMPONENTS if name != "hitl"
    ]  # fmt: skip
    rows = (_NODE, f"{_NODE}.p95_at_target", f"{_NODE}.unrecorded")
    node = Section("throughput.pipeline", rows, 2 * steps * options.step_s,
                   partial(_pipeline, options))  # fmt: skip
    return [*ramps, node]


def _component(name: str, options: Options, work: Work) -> None:
    """The ramp lies between two measurements of a caller that never pauses."""
    with OPENED[name]() as part:
        unpaced = [calls_without_pause(options.step_s, part.call, part.settle)]
        take = partial(calls_at, seconds=options.step_s, call=part.call, settle=part.settle)
        steps: list[Step] = []
        try:
            for step in ramp(rates(unpaced[0]), take):
                steps.append(step)
                work.tell(len(steps) / len(PARTS), f"{step.offered:,.0f}/s")
            unpaced.append(calls_without_pause(options.step_s, part.call, part.settle))
        finally:
            _draw(work, name, steps)
    found = knee(steps)
    work.add(
        single(
            f"stress.throughput.{name}", found.achieved if found else 0.0, limits.throughput(name),
            reference=_UNPACED, reference_value=median(unpaced),
            note=_told(steps, found), extra=_extra(found),
        )
    )  # fmt: skip


def _pipeline(options: Options, work: Work) -> None:
    with scratch("stress") as folder, running(folder / "home", asked=0) as pipeline:
        held, seconds = limits.throughput("pipeline"), options.step_s
        wanted = [one for one in (held.acceptable, held.target) if one]
        ceiling = [_skeleton_rate(folder / "skeleton-1.db", pipeline, seconds)]
        capacity = _capacity(pipeline, seconds)
        steps: list[Step] = []
        try:
            take = partial(_step, pipeline, seconds)
            offered = rates(capacity, wanted)
            for step in ramp(offered, take, limits.PIPELINE_P95_MS, max(wanted)):
                steps.append(step)
                work.tell(len(steps) / len(offered), f"{step.offered:,.0f}/s")
        finally:
            _draw(work, "pipeline", steps)
        ceiling.append(_skeleton_rate(folder / "skeleton-2.db", pipeline, seconds))
        found = knee(steps, limits.PIPELINE_P95_MS)
        at_target = next(one for one in steps if one.offered == held.target)
        work.add(
            single(
                _NODE, found.achieved if found else 0.0, held, reference="the bare skeleton",
                reference_value=median(ceiling), note=_told(steps, found),
                extra=_extra(found) | {"without pause (/s)": round(capacity)},
            ),
            single(f"{_NODE}.p95_at_target", at_target.p95_ms, limits.P95,
                   note=f"At {at_target.offered:,.0f} a second, to the durable verdict"),
            single(f"{_NODE}.unrecorded", float(pipeline.unrecorded()), limits.NOTHING_LOST,
                   note=f"Of {pipeline.expected.total():,} audit entries, counted in the store"),
        )  # fmt: skip


def _step(pipeline: Pipeline, seconds: float, rate: float) -> Step:
    (found,) = results(pipeline.node, [step_at(rate, seconds, pipeline.judge)])
    results(pipeline.node, [pipeline.settle()])
    return found


def _capacity(pipeline: Pipeline, seconds: float) -> float:
    """Actions a second with many under way at once: a stretch to warm up, then one that counts."""
    rate = 1_000.0
    for _ in range(2):
        count = max(round(rate * seconds), AT_ONCE // 10)
        (taken,) = results(pipeline.node, [drive(count, AT_ONCE, pipeline.judge)])
        results(pipeline.node, [pipeline.settle()])
        rate = count / taken
    return rate


def _skeleton_rate(path: Path, pipeline: Pipeline, seconds: float) -> float:
    """What the bare skeleton of the gate makes of the same actions, a second."""
    count = max(round(5_000 * seconds), 100)
    raws = [msgspec.json.encode(pipeline.action()) for _ in range(count)]

    async def run() -> float:
        skeleton = Skeleton(path)
        try:
            return count / await drive(count, AT_ONCE, lambda number: skeleton.judge(raws[number]))
        finally:
            skeleton.close()

    return asyncio.run(run())


def _told(steps: Sequence[Step], found: Step | None) -> str:
    """In words, where the knee is."""
    failed = sum(one.failed for one in steps)
    why = next((one.why for one in steps if one.why), "")
    text = "The most that was kept up with" if found else "Not even the first rate was kept up with"
    above = [one.achieved for one in steps if found and one.offered > found.offered]
    if above:
        text += f"; beyond, at most {max(above):,.0f}/s came through"
    return text + (f"; {failed:,} calls failed: {why}" if failed else "")


def _extra(found: Step | None) -> dict[str, float | str]:
    if not found:
        return {}
    return {"offered (/s)": found.offered, "P95 there (ms)": round(found.p95_ms, 3)}


def _draw(work: Work, name: str, steps: Sequence[Step]) -> None:
    """What was achieved over what was offered, and the P95 over the same."""
    if not steps:
        return
    offered = [one.offered for one in steps]
    work.chart(
        Chart(
            name=f"throughput.{name}", title=f"{name}: a second, achieved over offered",
            x="offered a second", y="achieved a second",
            lines=(
                Line("achieved", tuple((one.offered, one.achieved) for one in steps)),
                Line("all of it", ((min(offered), min(offered)), (max(offered), max(offered))),
                     dashed=True),
            ),
        ),
        Chart(
            name=f"throughput.{name}.p95", title=f"{name}: P95 over what was offered",
            x="offered a second", y="P95, ms from when a call was due",
            lines=(Line("P95", tuple((one.offered, one.p95_ms) for one in steps)),),
        ),
    )  # fmt: skip
