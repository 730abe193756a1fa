"""A hook from its start to its answer, as a whole process, beside Python's own start.

The node is real and no rule objects, so that nobody is waited for. What the start of Python takes,
and what imports do, is told apart; the rest is the hook's work and the node's answer.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from bench.measuring import Beside
from tests.support import running_node

ROUNDS = 40
EVENT = {
    "session_id": "bench",
    "transcript_path": None,
    "cwd": "/",
    "hook_event_name": "PreToolUse",
    "tool_name": "Read",
    "tool_input": {"file_path": "/srv/project/README.md"},
    "tool_use_id": "t",
}
# Ends as the hook does, without taking the interpreter down piece by piece.
_IMPORTS = (
    "from app.cli import parser; parser(); import app.hooks.agents, app.hooks.running, os;"
    "os._exit(0)"
)


def run(words: tuple[str, ...], home: Path, given: bytes = b"") -> tuple[float, bytes]:
    """Run Python once: seconds from start to end, and what it said."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *words],
        input=given,
        capture_output=True,
        check=True,
        env={**os.environ, "ASSENT_HOME": str(home)},
    )
    return time.perf_counter() - started, done.stdout


@pytest.mark.figure("other.hook.start_to_answer")
def test_hook_start_to_answer(beside: Beside) -> None:
    given = json.dumps(EVENT, separators=(",", ":")).encode()
    hook: list[float] = []
    bare: list[float] = []
    imports: list[float] = []
    with tempfile.TemporaryDirectory(prefix="as") as folder, running_node(Path(folder)) as node:

        def once() -> None:
            seconds, said = run(("-m", "app", "hook", "claude-code"), node.home, given)
            assert said == b"{}\n"
            hook.append(seconds * 1e6)
            bare.append(run(("-c", "pass"), node.home)[0] * 1e6)
            imports.append(run(("-c", _IMPORTS), node.home)[0] * 1e6)

        beside.benchmark.pedantic(once, rounds=beside.rounds(ROUNDS), warmup_rounds=2)
    beside.values(hook, bare, "Python's own start")
    beside.extra("P50 of start and imports alone (ms)", statistics.median(imports) / 1e3)
