"""The analyst's SQLite database: a small shop, made from a seed, and the `query` tool on it."""

import random
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from app.demo.sandbox import Sandbox
from app.demo.tools import Tool, text

_FILE = "shop.db"
_MOST_ROWS = 50
_LONGEST_S = 2.0
_MOST_PAGES = 1024  # of 4 KiB
_CITIES = ("Aarhus", "Bologna", "Cork", "Delft", "Évora", "Freiburg")
_NAMES = ("Ada", "Björn", "Chiara", "Dilip", "Esi", "Farah", "Goran", "Hana", "Ines", "Jonas")
_GOODS = ("kettle", "lamp", "rug", "desk", "chair", "clock", "vase", "shelf")
_STATES = ("paid", "shipped", "returned")
_FORBIDDEN = frozenset({sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH, sqlite3.SQLITE_PRAGMA})

_SCHEMA = """
CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT, email TEXT, city TEXT, balance_cents INT);
CREATE TABLE products(id INTEGER PRIMARY KEY, name TEXT, price_cents INT, stock INT);
CREATE TABLE orders(id INTEGER PRIMARY KEY, customer_id INT, product_id INT, quantity INT,
  month TEXT, status TEXT);
CREATE TABLE reports(city TEXT PRIMARY KEY, revenue_cents INT);
"""
_BACKUPS = """
CREATE TABLE orders_backup AS SELECT * FROM orders;
CREATE TABLE customers_backup AS SELECT * FROM customers;
"""


def database_tools(sandbox: Sandbox, seed: int) -> dict[str, Tool]:
    """The `query` tool; makes the database when it is not there."""

    def query(arguments: Mapping[str, Any]) -> str:
        statement = text(arguments, "sql")
        path = sandbox.inside(_FILE)
        if not path.exists():
            with closing(sqlite3.connect(path)) as fresh:
                _fill(fresh, random.Random(seed))  # noqa: S311 - a demonstration, no secret
        with closing(sqlite3.connect(path, timeout=2)) as connection:
            _confine(connection)
            return _run(connection, statement)

    return {"query": query}


def _confine(connection: sqlite3.Connection) -> None:
    """Bound one connection in time and size, and keep it in its file."""
    end = time.monotonic() + _LONGEST_S
    connection.execute(f"PRAGMA max_page_count = {_MOST_PAGES}")
    connection.set_progress_handler(lambda: time.monotonic() > end, 10_000)

    def authorise(action: int, *_: str | None) -> int:
        return sqlite3.SQLITE_DENY if action in _FORBIDDEN else sqlite3.SQLITE_OK

    connection.set_authorizer(authorise)


def _run(connection: sqlite3.Connection, statement: str) -> str:
    with connection:
        cursor = connection.execute(statement)
        if cursor.description is None:
            return f"{max(cursor.rowcount, 0)} rows changed"
        rows = cursor.fetchmany(_MOST_ROWS)
    head = " | ".join(column[0] for column in cursor.description)
    return "\n".join([head, *(" | ".join(map(str, row)) for row in rows)])


def _fill(connection: sqlite3.Connection, rng: random.Random) -> None:
    connection.executescript(_SCHEMA)
    customers = [
        (None, name, f"{name.lower()}.{number}@example.org", rng.choice(_CITIES), 0)
        for number in range(24)
        for name in [rng.choice(_NAMES)]
    ]
    goods = [(None, name, rng.randrange(500, 20_000), rng.randrange(0, 90)) for name in _GOODS]
    orders = [
        (
            None,
            rng.randrange(1, 25),
            rng.randrange(1, len(_GOODS) + 1),
            rng.randrange(1, 5),
            f"2026-{rng.randrange(1, 13):02}",
            rng.choice(_STATES),
        )
        for _ in range(1_500)
    ]
    with connection:
        connection.executemany("INSERT INTO customers VALUES (?, ?, ?, ?, ?)", customers)
        connection.executemany("INSERT INTO products VALUES (?, ?, ?, ?)", goods)
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)", orders)
    connection.executescript(_BACKUPS)
