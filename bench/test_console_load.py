"""`console_slows_gate`: the gate's P99 with the console open and painting, over headless."""

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
import threading
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
RATE, SECONDS, ROUNDS = 300, 12, 3


def measure(folder: Path, mode: str) -> dict[str, float]:
    """P50, P95 and P99 in microseconds of a node in a process of its own, on a real terminal."""
    out, home = folder / f"{mode}.json", folder / f"home-{mode}-{os.urandom(3).hex()}"
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
    painted = [0]

    def drain() -> None:
        while True:
            try:
                painted[0] += len(os.read(parent, 65536))
            except OSError:
                return

    threading.Thread(target=drain, daemon=True).start()
    command = [sys.executable, "-m", "bench.console_child", str(home), str(RATE), str(SECONDS)]
    subprocess.run(
        [*command, mode, str(out)], stdin=child, stdout=child, stderr=child, cwd=ROOT,
        env={**os.environ, "TERM": "xterm-256color"}, timeout=120, check=True,
    )  # fmt: skip
    os.close(child)
    found = sorted(json.loads(out.read_text()))
    assert (painted[0] > 10_000) == (mode == "console"), painted
    return {f"p{p}": found[len(found) * p // 100] for p in (50, 95, 99)}


def test_console_slows_gate(benchmark: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = Path(os.environ.get("ASSENT_BENCH_DIR", tmp_path_factory.mktemp("console")))
    headless, console = [], []

    def pair() -> None:
        headless.append(measure(folder, "headless"))
        console.append(measure(folder, "console"))

    benchmark.pedantic(pair, rounds=ROUNDS, iterations=1)
    ratios = sorted(c["p99"] / h["p99"] for c, h in zip(console, headless, strict=True))
    benchmark.extra_info |= {
        "rate_per_s": RATE,
        "headless_us": {name: round(value) for name, value in headless[-1].items()},
        "console_us": {name: round(value) for name, value in console[-1].items()},
        "console_slows_gate": round(ratios[len(ratios) // 2], 2),
        "goal": 1.5,
    }
    print(benchmark.extra_info)
