"""The thread that keeps a console attached while its screens are used."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

EVERY_S = 0.2


@contextmanager
def heartbeat(tick: Callable[[], None], every_s: float = EVERY_S) -> Iterator[None]:
    """Call `tick` again and again from a thread, until this is left."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(every_s):
            tick()

    thread = threading.Thread(target=beat, name="attached", daemon=True)
    tick()
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
