"""Starting the programs of `children.py`."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def command(name: str, home: Path, *more: str | Path) -> list[str]:
    return [sys.executable, "-m", "tests.storage.children", name, str(home), *map(str, more)]


def reports(
    name: str, home: Path, *more: str | Path, env: dict[str, str] | None = None
) -> list[dict[str, Any]]:
    """Run a child to its end: the lines it reported."""
    done = subprocess.run(
        command(name, home, *more),
        capture_output=True,
        cwd=ROOT,
        env=os.environ | (env or {}),
        timeout=60,
    )
    assert done.returncode in {0, -9}, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]
