"""The builder's shell: real commands, from a closed repertoire, with every bound the system has.

A command runs only if it is, to the letter, one that the builder plans (`repertoire`): what a
person changes it to is refused unless it is another of these. So the shell can be a real one.
"""

import os
import signal
import subprocess
from collections.abc import Collection, Mapping
from typing import Any

from app.demo.sandbox import Refused, Sandbox
from app.demo.tools import Failed, Tool, text

_LONGEST_S = 10.0
_MOST_OUTPUT = 16 * 1024
_PATH = "/usr/local/bin:/usr/bin:/bin"
# Seconds of processor time, 512-byte blocks a file, processes. A lower limit that is in force
# already stays: that is no failure.
_LIMITS = (
    "ulimit -c 0; ulimit -t 5; ulimit -f 16384; { ulimit -u 4096 || ulimit -p 4096; } 2>/dev/null; "
)


def shell_tools(sandbox: Sandbox, repertoire: Collection[str]) -> dict[str, Tool]:
    """The `shell` tool for exactly the commands of `repertoire`."""

    def shell(arguments: Mapping[str, Any]) -> str:
        command = text(arguments, "command", 4096)
        if command not in repertoire:
            raise Refused("not a command of this agent's repertoire")
        return run_confined(sandbox, command)

    return {"shell": shell}


def run_confined(sandbox: Sandbox, command: str, longest_s: float = _LONGEST_S) -> str:
    """Run a trusted command line inside the sandbox's folder; its output, or `Failed`."""
    process = subprocess.Popen(
        ["/bin/sh", "-c", _LIMITS + command],
        cwd=sandbox.root,
        env=_environment(sandbox),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=longest_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise Failed(f"stopped after {longest_s:g} s") from None
    said = output[:_MOST_OUTPUT].decode(errors="replace")
    if process.returncode:
        raise Failed(f"exit status {process.returncode}: {said.strip()[:200]}")
    return said


def _environment(sandbox: Sandbox) -> dict[str, str]:
    who = {"NAME": "builder", "EMAIL": "builder@example.org"}
    identity = {f"GIT_{role}_{key}": who[key] for role in ("AUTHOR", "COMMITTER") for key in who}
    return {
        "PATH": _PATH,
        "HOME": str(sandbox.root),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(sandbox.root.parent),
        **identity,
    }
