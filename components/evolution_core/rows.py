"""Experiences as rows of the store."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from components.actions import Experience
from storage import StoreError

MAX_ROWS = 1000
"""A page of a query holds at most this many rows."""

_LARGEST = 2**53
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Experience).decode
_FILTERS = ("agent", "tool", "shape", "verdict", "decided_by", "status")


class Wanted(Struct, frozen=True, kw_only=True):
    """Which experiences to list: empty fields match everything.

    Times are microseconds since 1970-01-01 UTC; `since` is within, `until` is not.
    """

    agent: str = ""
    tool: str = ""
    shape: str = ""
    verdict: str = ""
    decided_by: str = ""
    status: str = ""
    since: int = 0
    until: int = 0


class Stored(Struct, frozen=True):
    """An experience and its row number, which grows in the order of logging."""

    id: int
    experience: Experience


def encode(experience: Experience) -> bytes:
    """The body of its row. Raises `ValueError` for what no row can hold or no sum survives."""
    if not (0 <= experience.duration_us < _LARGEST and 0 <= experience.time < _LARGEST):
        raise ValueError("a time or duration below 0, or of 2^53 or beyond")
    if not (0 <= experience.safety <= 1 and 0 <= experience.ethics <= 1):
        raise ValueError("a score outside 0 to 1")
    return _encode(experience)


def row(row_id: int, experience: Experience, body: bytes) -> tuple[Any, ...]:
    """The row of the table `experiences`."""
    return (
        row_id,
        experience.time,
        experience.request_id,
        experience.agent,
        experience.tool,
        experience.shape,
        experience.intent,
        experience.verdict,
        experience.decided_by,
        experience.status,
        experience.safety,
        experience.ethics,
        experience.duration_us,
        body,
    )


def beyond(reader: sqlite3.Connection, row_id: int) -> Iterator[Stored]:
    """Every experience after that row, in the order of logging."""
    sql = "SELECT id, body FROM experiences WHERE id > ? ORDER BY id"
    return map(_stored, reader.execute(sql, (row_id,)))


def query(
    reader: sqlite3.Connection, wanted: Wanted, before: int | None = None, limit: int = 100
) -> list[Stored]:
    """The newest matching experiences first, at most `limit`; `before` is a row number to page on.

    Blocks for the query: not for the gate thread.
    """
    tests = {f"{name} = ?": getattr(wanted, name) for name in _FILTERS}
    tests |= {"time >= ?": wanted.since, "time < ?": wanted.until}
    asked = {test: value for test, value in tests.items() if value}
    asked["id < ?"] = _LARGEST if before is None else before
    where = " AND ".join(asked)
    sql = f"SELECT id, body FROM experiences WHERE {where} ORDER BY id DESC LIMIT ?"  # noqa: S608 - tests are fixed strings
    cursor = reader.execute(sql, (*asked.values(), max(0, min(limit, MAX_ROWS))))
    return [_stored(found) for found in cursor]


def _stored(found: tuple[int, bytes]) -> Stored:
    try:
        return Stored(found[0], _decode(found[1]))
    except msgspec.DecodeError as error:
        raise StoreError(f"Experience {found[0]} cannot be read ({error}).") from error
