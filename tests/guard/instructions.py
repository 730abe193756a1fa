"""The processor's instructions that calls take, counted by valgrind in processes of their own.

That sees what C code does within one call: RE2, `re`, sorting, searching a list. What a call took
is what its process has more than the one that called nothing (see `tests.guard.instructed`).
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guard import instructed

LIMIT_S = 100
_SUMMARY = re.compile(r"^summary: (\d+)", re.MULTILINE)

Counts = dict[str, dict[int, int]]
"""Instructions by what was done and the size at which."""


def count(folder: Path) -> Counts:
    """Run all calls under valgrind; skips the test where that is not to be had."""
    if not (valgrind := shutil.which("valgrind")):
        pytest.skip("valgrind is not installed: what C code does in one call is not counted")
    command = [
        valgrind, "--tool=cachegrind", "--cache-sim=no",
        f"--cachegrind-out-file={folder}/%p.out",
        sys.executable, "-m", instructed.__name__, str(folder),
    ]  # fmt: skip
    env = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": os.pathsep.join(sys.path)}
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        pytest.skip(f"valgrind takes over {LIMIT_S} s here: nothing was counted")
    if "did not recognise" in done.stderr:
        pytest.skip("valgrind does not know this processor's instructions: nothing was counted")
    assert done.returncode == 0, done.stderr[-2_000:]
    return _read(folder)


def _read(folder: Path) -> Counts:
    found: dict[str, int] = {}
    for name in folder.glob("*.name"):
        summary = _SUMMARY.search(name.with_suffix(".out").read_text("utf-8"))
        assert summary, f"{name} has no summary"
        found[name.read_text("utf-8")] = int(summary[1])
    nothing = found.pop(instructed.NOTHING)
    counts: Counts = {}
    for name, instructions in found.items():
        what, size = name.rsplit(" ", 1)
        counts.setdefault(what, {})[int(size)] = instructions - nothing
    return counts
