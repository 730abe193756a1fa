"""Runs the hooks as agents do: programs of their own, an event on standard input."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from msgspec import Struct

ROOT = Path(__file__).parents[2]
BOMB = {"command": ":(){ :|:& };:"}  # blocked by a rule
PUSH = {"command": "git push --force"}  # asked about
LIST = {"command": "ls -la"}  # nothing objects


class Ended(Struct):
    """How a hook ended; `answer` is the one JSON object that it said, if it said anything."""

    status: int
    out: str
    err: str

    @property
    def answer(self) -> Any:
        (line,) = self.out.splitlines()
        return json.loads(line)

    @property
    def said(self) -> dict[str, Any]:
        """What stands in the agents' envelope, which is all there is."""
        assert set(self.answer) == {"hookSpecificOutput"}
        said: dict[str, Any] = self.answer["hookSpecificOutput"]
        return said


def event(name: str = "PreToolUse", **more: Any) -> bytes:
    """An event as the agents write it."""
    fields: dict[str, Any] = {
        "session_id": "5f0c",
        "transcript_path": "/nowhere/at/all.jsonl",
        "cwd": "/work/project",
        "permission_mode": "default",
        "hook_event_name": name,
        "tool_name": "Bash",
        "tool_input": LIST,
        "tool_use_id": "toolu_01",
        **more,
    }
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()


def start(home: Path, *words: str, agent: str = "claude-code") -> "subprocess.Popen[bytes]":
    """Start a hook that waits for its event."""
    return subprocess.Popen(
        [sys.executable, "-m", "app", "hook", agent, *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "ASSENT_HOME": str(home), "PYTHONWARNINGS": "error"},
    )


def asking(home: Path, given: bytes, *words: str, agent: str = "claude-code") -> "Hook":
    """A hook that has its event and waits for the answer."""
    process = start(home, *words, agent=agent)
    assert process.stdin is not None
    process.stdin.write(given)
    process.stdin.close()
    process.stdin = None
    return Hook(process)


def answered(home: Path, given: bytes, *words: str, agent: str = "claude-code") -> Ended:
    """Run a hook to its end."""
    return asking(home, given, *words, agent=agent).ended()


class Hook:
    """A hook under way."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process

    def ended(self) -> Ended:
        """Its end, once it has come."""
        out, err = self.process.communicate(timeout=60)
        return Ended(self.process.returncode, out.decode(), err.decode())
