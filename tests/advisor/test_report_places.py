"""Entering a table by time, without an index on it."""

import sqlite3
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.advisor.places import first_at


def table(rows: Sequence[tuple[int, int | None]]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, time INTEGER)")
    connection.executemany("INSERT INTO t VALUES (?, ?)", rows)
    return connection


@given(
    st.lists(st.integers(1, 1000), unique=True, max_size=40).map(sorted),
    st.lists(st.integers(0, 50), min_size=40, max_size=40).map(sorted),
    st.integers(-1, 52),
)
def test_it_is_the_first_row_of_that_time(ids: list[int], times: list[int], time: int) -> None:
    rows = list(zip(ids, times, strict=False))
    reader = table(rows)
    try:
        place = first_at(reader, "t", "id", "time", time)
        assert [one for one, _ in rows if one >= place] == [one for one, at in rows if at >= time]
    finally:
        reader.close()


@pytest.mark.parametrize(("time", "place"), [(0, 1), (3, 3), (4, 3), (9, 5)])
def test_a_damaged_row_goes_with_the_next(time: int, place: int) -> None:
    reader = table([(1, None), (2, 2), (3, None), (4, 4)])
    found = first_at(reader, "t", "id", "time", time)
    reader.close()
    assert found == place
