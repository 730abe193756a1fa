"""The similarity key of an action: what two actions share when a person calls them alike.

Agent and values drop out; the tool, the names of the arguments, and for the kinds of argument
that say what is done (a command, a statement, a path, a URL, a recipient) a coarse form of the
value remain: the programs of a command, the verb of a statement, the folder of a path, the host.
"""

import re
from typing import Any

from components.actions import Action

# Linear: no two of its parts can share a run of spaces, and a line break begins anew.
_PROGRAM = re.compile(r"(?:^|[|;&\n]|\$\()[^\S\n]*(?:sudo\s+)?([A-Za-z0-9_./-]+)")
_STATEMENT = re.compile(
    r"^\s*(select|insert|update|delete|drop|alter|create|grant|with)\b", re.IGNORECASE
)
_HOST = re.compile(r"^[a-z][a-z0-9+.-]*://([^/?#\s]+)", re.IGNORECASE)
_ADDRESS = re.compile(r"^[^@\s]+@([^@\s]+)$")
_LONGEST = 200


def shape(action: Action) -> str:
    """The similarity key, at most 200 characters, such as `shell(command=rm|tar)`."""
    arguments = ",".join(
        f"{name}={_coarse(name, value)}" for name, value in sorted(action.arguments.items())
    )
    return f"{action.tool}({arguments})"[:_LONGEST]


def _coarse(name: str, value: Any) -> str:
    if isinstance(value, list) and name in {"argv", "args", "command"}:
        value = " ".join(map(str, value))
    if not isinstance(value, str):
        return type(value).__name__
    if name in {"command", "cmd", "argv", "script", "code"}:
        return "|".join(sorted({program.group(1) for program in _PROGRAM.finditer(value)}))
    if statement := _STATEMENT.match(value):
        return statement.group(1).lower()
    if place := _HOST.match(value) or _ADDRESS.match(value):
        return place.group(1).lower()
    if "/" in value and " " not in value:
        return value.rpartition("/")[0] + "/"
    return "str"
