"""Runs the console over a desk in memory, in whatever terminal it is started: `run.py [SCENE]`."""

import sys
import threading
import time

from app.console import run_console
from components.clock import SystemClock
from tests.console import scenes
from tests.console.desk import MemoryDesk


def lively(desk: MemoryDesk) -> None:
    """Let figures, events and decisions move, as they do in a busy node."""
    number = 100
    while True:
        time.sleep(1)
        number += 1
        now = desk.clock.now()
        desk.changed(operations=scenes.operations(number), events=scenes.events(now))
        if number % 20 == 0:
            desk.arrive(scenes.decision(number, now=now))


def main() -> int:
    clock = SystemClock()
    desk = MemoryDesk(clock, scenes.some_decisions(clock.now()))
    if "--lively" in sys.argv:
        threading.Thread(target=lively, args=(desk,), daemon=True).start()
    return run_console(desk, clock)


if __name__ == "__main__":
    sys.exit(main())
