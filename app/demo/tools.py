"""A tool's call carried out: status, a short detail, what it gave, and how long it truly took."""

import sqlite3
import time
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from app.demo.sandbox import Refused
from components.actions import OutcomeStatus

Tool = Callable[[Mapping[str, Any]], str]
"""Does the work of a call and returns what it gave; raises when it fails."""

_SHORT = 160


class Failed(Exception):  # noqa: N818 - an ordinary end of a call
    """The tool did its work and it went wrong; the text says how."""


class Done(Struct, frozen=True):
    """What came of a call. `output` is what the agent goes on with; empty when it failed."""

    status: OutcomeStatus
    duration_us: int
    detail: str
    output: str = ""


def carry_out(tools: Mapping[str, Tool], tool: str, arguments: Mapping[str, Any]) -> Done:
    """Run one call in this thread; whatever goes wrong is an outcome, not an exception."""
    started = time.perf_counter_ns()
    status: OutcomeStatus = "failed"
    output = ""
    try:
        if tool not in tools:
            raise Refused("not a tool of this agent")
        output = tools[tool](arguments)
        status, detail = "ok", output
    except Refused as error:
        detail = f"refused by the sandbox: {error}"
    except KeyError as error:
        detail = f"argument {error} is missing"
    except OSError as error:  # without the path, which is this machine's own business
        detail = f"{type(error).__name__}: {error.strerror or 'no answer'}"
    except (Failed, ValueError, TypeError, sqlite3.Error) as error:
        detail = f"{type(error).__name__}: {error}"
    duration_us = (time.perf_counter_ns() - started) // 1000
    return Done(status, duration_us, _first_line(detail), output)


def text(arguments: Mapping[str, Any], name: str, longest: int = 8192) -> str:
    """A required argument that must be a string."""
    value = arguments[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is not a string")
    if len(value) > longest:
        raise ValueError(f"{name} is longer than {longest} characters")
    return value


def _first_line(detail: str) -> str:
    lines = detail.strip().splitlines() or [""]
    more = len(lines) > 1 or len(lines[0]) > _SHORT
    return lines[0][:_SHORT] + (" …" if more else "")
