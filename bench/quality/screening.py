"""Lines through `assent screen`, some processes at once, with the packs that ship."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.quality.cases import Line
from bench.quality.reading import Result

_AT_ONCE = 2_000


class Failed(RuntimeError):  # noqa: N818 - reads as the sentence it is
    """`assent screen` broke, or could not read a line; the text is what it said."""


def screen(lines: Sequence[Line]) -> list[Result]:
    """The assessment of each line. Raises `Failed`."""
    parts = [lines[start : start + _AT_ONCE] for start in range(0, len(lines), _AT_ONCE)]
    with tempfile.TemporaryDirectory() as home, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        found = list(pool.map(lambda part: list(_run(part, Path(home))), parts))
    return [result for part in found for result in part]


def _run(lines: Sequence[Line], home: Path) -> Iterator[Result]:
    given = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    command = [sys.executable, "-m", "app", "screen"]
    env = {**os.environ, "ASSENT_HOME": str(home)}
    done = subprocess.run(command, input=given.encode(), capture_output=True, env=env, check=False)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    refused = next((one["error"] for one in told if "error" in one), "")
    if refused or len(told) != len(lines):
        raise Failed(refused or done.stderr.decode(errors="replace")[-2000:])
    yield from told
