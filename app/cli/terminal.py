"""Whether there is a terminal for the console."""

import os
import sys


def on_terminal() -> bool:
    """Whether the console can be painted here.

    Textual paints on standard error, so all three must be the terminal, and one that can move its
    cursor.
    """
    return os.environ.get("TERM") != "dumb" and all(
        stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)
    )
