"""A node in a process of its own that kills itself at one point: `child.py HOME EVENT`."""

import os
import signal
import sys
import time
from pathlib import Path

from app.node.node import Node
from app.settings import Settings
from components.clock import SystemClock
from components.gate import Event


def main(home: str, fatal: str) -> None:
    """Serve until an event of the class `fatal` is told, then die at once."""

    def hear(event: Event) -> None:
        if type(event).__name__ == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    node = Node(Path(home), Settings(), SystemClock(), listener=hear)
    node.start()
    print("ready", flush=True)
    time.sleep(120)


if __name__ == "__main__":
    main(*sys.argv[1:])
