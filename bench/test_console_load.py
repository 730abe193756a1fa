"""The console and the gate at once, on a real terminal: what each does to the other."""

import random
import secrets
import sys
import time
from pathlib import Path

import msgspec
import pytest

from bench.console_child import WARM_S, Load
from bench.figures import percentile
from bench.measuring import Beside
from bench.places import scratch
from bench.terminal import Terminal

ORDINARY, BUSY, KEYS_AT = 300, 5_000, 2_000
SECONDS, ROUNDS = 12, 3
RARELY = 100
"""One action in so many asks a person."""

DOWN, UP, CYCLE = b"\x1b[B", b"\x1b[A", 20
PAINTED = 10_000
"""Bytes that a console has painted by the end of any of these, and nothing else."""


def start(folder: Path, rate: int, seconds: float, every: int, mode: str) -> tuple[Terminal, Path]:
    """A node in a process of its own."""
    name = secrets.token_hex(4)
    words = (folder / name, rate, seconds, every, mode, folder / f"{name}.json")
    return Terminal([sys.executable, "-m", "bench.console_child", *map(str, words)]), words[-1]


def load(folder: Path, rate: int, seconds: float, mode: str) -> Load:
    """What the gate took under a load."""
    terminal, out = start(folder, rate, seconds, RARELY, mode)
    with terminal:
        terminal.run_out(seconds + 60)
        assert (terminal.painted > PAINTED) == (mode == "console"), terminal.painted
    return msgspec.json.decode(out.read_bytes(), type=Load)


def share(values: list[float], at: float) -> float:
    return percentile(sorted(values), at)


@pytest.mark.figure("goal.console_slows_gate")
def test_console_slows_gate(beside: Beside) -> None:
    """P99 in the gate, at 300 actions a second."""
    seconds = SECONDS / 2 if beside.quick else SECONDS
    with scratch("console") as folder:
        beside.turns(
            lambda: share(load(folder, ORDINARY, seconds, "console").gate_us, 0.99),
            lambda: share(load(folder, ORDINARY, seconds, "headless").gate_us, 0.99),
            "the same node headless", rounds=ROUNDS, unit="µs", note=f"{ORDINARY} actions a second",
        )  # fmt: skip


@pytest.mark.figure("goal.gate_p99_ms_at_5k")
def test_gate_p99_at_5k(beside: Beside) -> None:
    """From when each action was due to its verdict, so that what waits for its turn counts."""
    seconds = SECONDS / 2 if beside.quick else SECONDS
    found: dict[str, list[Load]] = {"headless": [], "console": []}
    with scratch("console") as folder:

        def turn() -> None:
            for mode, loads in found.items():
                loads.append(load(folder, BUSY, seconds, mode))

        beside.benchmark.pedantic(turn, rounds=beside.rounds(ROUNDS))
    p99 = {mode: [share(one.due_us, 0.99) / 1e3 for one in found[mode]] for mode in found}
    beside.values(
        p99["console"], p99["headless"], "the same node headless", value=share(p99["console"], 0.5),
        note="P99 of each round, from when an action was due; the median of them counts",
    )  # fmt: skip
    for mode, loads in found.items():
        beside.extra(f"answered a second, {mode}", share([one.achieved for one in loads], 0.5))
        beside.extra(f"refused, {mode}", sum(one.refused for one in loads))
        beside.extra(f"P50 {mode} (ms)", share([share(o.due_us, 0.5) / 1e3 for o in loads], 0.5))


def key_times(folder: Path, rate: int, every: int, keys: int) -> list[float]:
    """Milliseconds from each key, down or up the list, until the decision it goes to is painted."""
    dice, taken = random.Random(rate), list[float]()
    terminal, _ = start(folder, rate, WARM_S + 5 + keys * 0.3, every, "console")
    with terminal:
        terminal.rest(WARM_S + 2)
        for number in range(keys):
            terminal.seen = b""
            pressed = terminal.press(DOWN if number // CYCLE % 2 == 0 else UP)
            taken.append((terminal.wait_for(b"token") - pressed) * 1e3)
            terminal.rest(dice.uniform(0.02, 0.2))
    return taken


@pytest.mark.figure("goal.key_to_paint_p95_ms")
def test_key_to_paint(beside: Beside) -> None:
    """Keys at odd moments, so that they meet every phase of what is painted anyway."""
    calm: list[float] = []
    busy: list[float] = []
    keys = 40 if beside.quick else 100
    with scratch("console") as folder:

        def turn() -> None:
            calm.extend(key_times(folder, 10, 1, keys))
            busy.extend(key_times(folder, KEYS_AT, RARELY, keys))

        beside.benchmark.pedantic(turn, rounds=1 if beside.quick else ROUNDS)
    beside.values(
        busy, calm, "the same console with the node at rest", value=share(busy, 0.95),
        note="From the key at the terminal until the next decision is painted there",
    )  # fmt: skip


@pytest.mark.figure("goal.first_paint_vs_import_textual")
def test_first_paint(beside: Beside) -> None:
    """`assent run` in a home that was used before, until the watch screen stands."""
    with scratch("first") as home:
        first_paint(home)
        beside.turns(
            lambda: first_paint(home), importing, "python -c 'import textual.app'",
            rounds=15, unit="ms",
        )  # fmt: skip


def first_paint(home: Path) -> float:
    """Milliseconds from spawn to paint."""
    command = [sys.executable, "-m", "app", "run"]
    with Terminal(command, {"ASSENT_HOME": str(home)}) as terminal:
        return (terminal.wait_for(MARK) - terminal.started) * 1e3


MARK = b"Nothing waits"
"""Stands in the list of what waits, where the node has just started."""


def importing() -> float:
    """Milliseconds from spawn to end."""
    started = time.perf_counter()
    with Terminal([sys.executable, "-c", "import textual.app"]) as terminal:
        terminal.run_out(30)
    return (time.perf_counter() - started) * 1e3
