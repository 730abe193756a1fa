"""Work beside the gate, done in small pieces."""

import time

BREATH_S = 0.0005


def breathe(breaths: int = 1) -> None:
    """Leave the interpreter to other threads for a moment, or for several.

    To be called every few hundred microseconds by long work of Python code off the gate's thread:
    in one go, ten milliseconds of it would be felt by every request that comes meanwhile.
    """
    time.sleep(breaths * BREATH_S)
