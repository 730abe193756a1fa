"""A command of the measurements, started as its users start it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.machine import in_memory

ROOT = Path(__file__).parents[2]


def command(room: str, folder: Path, *words: str) -> "subprocess.Popen[str]":
    """`python -m bench.ROOM`, with its stores and its report in a folder."""
    if in_memory(folder):
        pytest.skip(f"{folder} is in memory")
    return subprocess.Popen(
        [sys.executable, "-m", f"bench.{room}", "--report", str(folder / room), *words],
        cwd=ROOT, env=os.environ | {"ASSENT_BENCH_DIR": str(folder)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
