"""Where a period begins in a table whose rows grow with time, found by halving.

The tables have no index on time, and need none: rows are added in order. A clock that was set
back puts a few rows out of order, so whoever needs them all begins `CLOCK_SLACK_US` earlier.
"""

import sqlite3
from collections.abc import Callable
from typing import Any

CLOCK_SLACK_US = 3600 * 1_000_000


def first_at(
    reader: sqlite3.Connection,
    table: str,
    key: str,
    value: str,
    time: int,
    read: Callable[[Any], int | None] = lambda found: found,
) -> int:
    """The least key from which on rows are at `time` (µs) or later.

    `key` is the integer primary key; `read` makes a time of the column `value`, None where it is
    damaged: that row counts as what comes after it.
    """  # fmt: skip
    low, high = reader.execute(f"SELECT min({key}), max({key}) FROM {table}").fetchone()  # noqa: S608 - names of ours
    if low is None:
        return 0
    sql = f"SELECT {value} FROM {table} WHERE {key} >= ? AND {key} < ? ORDER BY {key}"  # noqa: S608 - names of ours
    high += 1
    while low < high:
        middle = (low + high) // 2
        readable = (read(found) for (found,) in reader.execute(sql, (middle, high)))
        when = next((time for time in readable if time is not None), None)
        if when is None or when >= time:
            high = middle
        else:
            low = middle + 1
    return int(low)
