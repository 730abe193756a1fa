"""Logs that this home has witnessed and caught: each is a condition until somebody looked into it.

What cosigned may be the node or a command beside it, so the evidence is looked for on the disk.
"""

import asyncio
import re
from pathlib import Path

from app.home import WITNESS_FOLDER
from components.audit_system import Conflict, conflicts
from components.monitor import Conditions

_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


class CaughtLogs:
    """Raises `witness.<origin>` for each log that showed two histories; see `conflicts`."""

    def __init__(self, home: Path, conditions: Conditions) -> None:
        self._folder = home / WITNESS_FOLDER
        self._conditions = conditions
        self._raised: set[str] = set()

    async def watch(self) -> None:
        """Look, beside the gate."""
        await asyncio.to_thread(self.look)

    def look(self) -> None:
        """Raise what there is evidence of, and clear what was put away. Reads a folder."""
        caught = {_condition(one): one for one in conflicts(self._folder)}
        for name, one in caught.items():
            self._conditions.report(
                name, f"the log {one.origin} shows two histories: {one.why}; see {one.file}"
            )
        for name in self._raised - caught.keys():
            self._conditions.report(name, "")
        self._raised = set(caught)


def _condition(conflict: Conflict) -> str:
    return f"witness.{_NOT_A_NAME.sub('-', conflict.origin)[:64]}"
