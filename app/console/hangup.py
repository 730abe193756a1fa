"""Noticing that the terminal went away without a signal, as it can under setsid or nohup."""

import select
import sys

GONE = 129
"""The console's status then: as a shell says of a program that a hang-up ended."""


def hung_up() -> bool:
    """Whether the terminal on standard input is gone; never blocks."""
    if sys.__stdin__ is None:
        return True
    poll = select.poll()
    poll.register(sys.__stdin__.fileno(), 0)
    return any(events & (select.POLLHUP | select.POLLNVAL) for _, events in poll.poll(0))
