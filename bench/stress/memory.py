"""What components hold: megabytes at so many items, what each item leaves behind, an idle node."""

import os
import signal
import subprocess
import sys
import time
from functools import cache, partial
from pathlib import Path

import psutil
from msgspec.structs import replace

from app.home import socket_path
from bench.figures import Chart, Line, single
from bench.places import scratch
from bench.stress import limits
from bench.stress.leak import CRITERION, STANDS, leak
from bench.stress.options import Options
from bench.stress.parts import COMPONENTS
from bench.stress.running import Section, Work
from bench.stress.weighing import BARE, Weight, even_marks, grown_mb, weigh

MB = 1e6
START_LIMIT_S = 60.0
_HELD = {"hitl": "hitl_waiting"}
"""What is weighed with items in it, where that is not what is called over and over."""


def marks(options: Options) -> list[int]:
    """The sizes told: those with limits, as far as this run goes."""
    return [one for one in limits.MARKS if one <= options.items] or [options.items]


def sections(options: Options) -> list[Section]:
    """One a component, and one for the idle node."""
    found = []
    for name in COMPONENTS:
        rows = [f"stress.memory.{name}.{size}" for size in marks(options)]
        found.append(
            Section(f"memory.{name}", (*rows, f"stress.memory.{name}.leak"),
                    3 + options.items / 12_000 + options.traced / 2_000,
                    partial(_component, name, options))
        )  # fmt: skip
    idle = Section("memory.idle", ("stress.memory.idle",), 6 + options.idle_s,
                   partial(_idle, options))  # fmt: skip
    return [*found, idle]


def _component(name: str, options: Options, work: Work) -> None:
    told, held = marks(options), _HELD.get(name, name)
    every = sorted({*even_marks(options.items), *told})
    steps = 2 * len(every) + len(told) + 2
    tell = partial(_count, work, steps)
    weights = [tell(one, at) for at, one in enumerate(weigh(held, every))]
    bare = _bare(tuple(told))
    traced = list(weigh(held, [options.traced], traced=True))
    churned = weights
    if held != name:
        churned = [tell(one, at + len(every)) for at, one in enumerate(weigh(name, every))]
    first = weights[0]
    for one, plain in zip([w for w in weights if w.items in told], bare[1:], strict=True):
        work.add(
            single(
                f"stress.memory.{name}.{one.items}", grown_mb(first, one),
                limits.memory(name, one.items), reference="the items as MessagePack in a list",
                reference_value=grown_mb(bare[0], plain),
                note="Resident memory over that of the same process before the component was made",
                extra={
                    "whole process (MB)": round(one.rss / MB, 1),
                    f"tracemalloc at {options.traced:,} (MB)":
                        round((traced[-1].traced - traced[0].traced) / MB, 2),
                },
            )
        )  # fmt: skip
    _draw(work, name, weights, churned if held != name else [])
    _leak(work, name, churned)


@cache
def _bare(told: tuple[int, ...]) -> list[Weight]:
    return list(weigh(BARE, told))


def _count(work: Work, steps: int, one: Weight, at: int) -> Weight:
    work.tell(at / steps, f"{one.items:,} items")
    return one


def _leak(work: Work, name: str, weights: list[Weight]) -> None:
    found = leak([(one.items, one.rss) for one in weights[1:]], limits.LEAK_BYTES)
    figure = single(
        f"stress.memory.{name}.leak", found.slope, limits.leaving(),
        note=f"{found.verdict.capitalize()}: 95% interval {found.low:.3g} to {found.high:.3g} "
        f"bytes an item. {CRITERION}",
        extra={"verdict": found.verdict},
    )  # fmt: skip
    work.add(replace(figure, met=STANDS[found.verdict]))


def _draw(work: Work, name: str, held: list[Weight], churned: list[Weight]) -> None:
    lines = [("held", held), ("come and gone", churned)]
    work.chart(
        Chart(
            name=f"memory.{name}", title=f"{name}: resident memory over items", x="items",
            y="MB over the start",
            lines=tuple(
                Line(label, tuple((w.items, (w.rss - weights[0].rss) / MB) for w in weights))
                for label, weights in lines if weights
            ),
        )
    )  # fmt: skip


def _idle(options: Options, work: Work) -> None:
    """The program as it runs headless, with nothing to do, beside a Python that does nothing."""
    bare = _python_rss()
    with scratch("stress") as home:
        node = subprocess.Popen(
            [sys.executable, "-m", "app", "run", "--headless"],
            env=os.environ | {"ASSENT_HOME": str(home)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            await_start(node, home)
            readings = []
            until = time.monotonic() + options.idle_s
            while time.monotonic() < until:
                readings.append(psutil.Process(node.pid).memory_full_info())
                work.tell(1 - (until - time.monotonic()) / options.idle_s)
                time.sleep(min(1.0, options.idle_s / 4))
        finally:
            node.send_signal(signal.SIGTERM)
            node.wait()
    last = readings[-1]
    work.add(
        single(
            "stress.memory.idle", last.rss / MB, limits.memory("idle"),
            reference="a bare Python", reference_value=bare / MB,
            note=f"Resident memory of `assent run --headless`, {options.idle_s:.0f} s after its "
            "start, with nothing to do",
            extra={"its own alone (USS, MB)": round(last.uss / MB, 1),
                   "most (MB)": round(max(one.rss for one in readings) / MB, 1)},
        )
    )  # fmt: skip


def _python_rss() -> int:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as python:
        assert python.stdin
        sizes = [0, psutil.Process(python.pid).memory_info().rss]
        while sizes[-1] != sizes[-2]:  # it is still starting
            time.sleep(0.2)
            sizes.append(psutil.Process(python.pid).memory_info().rss)
        python.stdin.write(b"\n")
    return sizes[-1]


def await_start(node: "subprocess.Popen[bytes]", home: Path) -> None:
    """Until agents can connect; raises `RuntimeError` where it ends or takes too long."""
    until = time.monotonic() + START_LIMIT_S
    while not socket_path(home).exists():
        if node.poll() is not None or time.monotonic() > until:
            raise RuntimeError("the node did not start")
        time.sleep(0.05)
