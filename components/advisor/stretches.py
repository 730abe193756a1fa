"""Which levels of the history together are a period: coarse where it is whole, fine at its end."""

import sqlite3

from components.monitor.buckets import (
    HEARTBEAT,
    LEVELS,
    SECOND_US,
    SPAN_S,
    Spread,
    level_for,
    read_spreads,
)

POINTS = 400
"""A level is chosen that gives about so many points, at most four times as many."""

Stretch = tuple[str, int, int]
"""A level, and the µs from which and before which its buckets begin."""


def stretches(reader: sqlite3.Connection, since: int, until: int, now: int) -> list[Stretch]:
    """The stretches of a period in which anything was recorded, in their order.

    The bucket that time is in has a row only in finer levels: so behind the last row of a level
    come those of the next finer one, down to seconds.
    """
    names = [name for name, _ in LEVELS]
    found: list[Stretch] = []
    for level in reversed(names[: names.index(level_for(since, until, now, POINTS)) + 1]):
        last = reader.execute(
            "SELECT max(start) FROM metric_buckets "
            "WHERE level = ? AND operation = ? AND start >= ? AND start < ?",
            (level, HEARTBEAT, since, until),
        ).fetchone()[0]
        if last is not None:
            end = last + SPAN_S[level] * SECOND_US
            found.append((level, since, min(end, until)))
            since = end
    return found


def spreads(reader: sqlite3.Connection, parts: list[Stretch]) -> dict[str, Spread]:
    """What each gauge was over all stretches. A gauge is looked at once a second."""
    found: dict[str, Spread] = {}
    for level, since, until in parts:
        for name, spread in read_spreads(reader, level, since, until).items():
            if known := found.get(name):
                known.add(spread)
            else:
                found[name] = spread
    return found
