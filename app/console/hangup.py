"""A terminal that goes away: noticed without a signal, as under setsid or nohup, and survived.

Textual writes from a thread that dies with the terminal; whoever writes next then waits for ever.
"""

import select
import sys
from typing import Any, TextIO

from textual.drivers.linux_driver import LinuxDriver

GONE = 129
"""The console's status then: as a shell says of a program that a hang-up ended."""


def hung_up() -> bool:
    """Whether the terminal on standard input is gone; never blocks."""
    if sys.__stdin__ is None:
        return True
    poll = select.poll()
    poll.register(sys.__stdin__.fileno(), 0)
    return any(events & (select.POLLHUP | select.POLLNVAL) for _, events in poll.poll(0))


class SurvivingDriver(LinuxDriver):
    """Textual's driver, whose writer lives on without its terminal, so that it can be ended."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._file: Any = _Surviving(self._file)


class _Surviving:
    """The terminal's file; what can no longer be written is dropped."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Write, if there is still a terminal."""
        try:
            return self._file.write(text)
        except (OSError, ValueError):
            return len(text)

    def flush(self) -> None:
        """Flush, if there is still a terminal."""
        try:
            self._file.flush()
        except (OSError, ValueError):
            return

    def fileno(self) -> int:
        """The terminal's file descriptor."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._file.isatty()
