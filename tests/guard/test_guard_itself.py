"""The guard catches what it is there for: squares, scans of tables, single commits, leaks."""

import sqlite3
from contextlib import closing

import pytest

from storage import Store
from tests.guard.counting import executed, held, machine_steps, peak, statements, traced
from tests.guard.growth import flat, linear
from tests.storage.conftest import note


def square(size: int) -> int:
    return sum(one == other for one in range(size) for other in range(size))


def once(size: int) -> int:
    return sum(one % 2 for one in range(size))


def test_a_square_is_caught_and_a_loop_is_not() -> None:
    linear(lambda size: executed(lambda: once(size)), 50)
    with pytest.raises(AssertionError, match="grows too fast"):
        linear(lambda size: executed(lambda: square(size)), 50)
    with pytest.raises(AssertionError, match="grows too fast"):
        flat(lambda size: executed(lambda: once(size)), 50)


def test_a_square_behind_a_large_fixed_cost_is_caught() -> None:
    def cost(size: int) -> int:
        return executed(lambda: (once(5_000), square(size)))

    with pytest.raises(AssertionError, match="grows too fast"):
        linear(cost, 25)


def test_a_count_is_the_same_at_every_run() -> None:
    counts = [executed(lambda: square(30)) for _ in range(5)]
    assert max(counts) <= 1.01 * min(counts)  # some versions of Python fuse bytecodes as they run


def test_a_scan_of_a_table_is_caught() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)")

        def cost(size: int, wanted: str) -> int:
            connection.execute("DELETE FROM t")
            names = ((f"n{number}",) for number in range(size))
            connection.executemany("INSERT INTO t (name) VALUES (?)", names)
            with machine_steps(connection) as tally:
                connection.execute(f"SELECT * FROM t WHERE {wanted}").fetchall()
            return tally.count

        flat(lambda size: cost(size, "id = 1"), 100)
        with pytest.raises(AssertionError, match="grows too fast"):
            flat(lambda size: cost(size, "name = 'n1'"), 100)


def test_every_commit_is_counted(store: Store) -> None:
    with statements(store.writer) as words:
        for number in range(5):
            store.writer.run(note(f"{number}"))
    assert words.count("INSERT") == 5
    assert words.count("COMMIT") == 5


def test_bytes_held_for_a_while_and_for_good_are_counted() -> None:
    much = 10_000_000  # beside which what other threads take meanwhile is nothing
    assert much < peak(lambda: bytes(much)) < 1.1 * much
    with traced():
        before, leak = held(), list[bytes]()
        leak.extend(bytes(much // 100) for _ in range(100))
        assert much < held() - before < 1.1 * much
