"""What a doctor asks: is the file whole, and is this SQLite one to be careful with?"""

import sqlite3

_FIXED_BRANCHES = {(3, 44): 6, (3, 50): 7, (3, 51): 3}


def integrity(connection: sqlite3.Connection) -> tuple[str, ...]:
    """SQLite's own findings about the file's structure, each naming its place; empty when whole.

    Takes time in proportion to the file's size.
    """
    try:
        found = _check(connection, 100)
    except sqlite3.DatabaseError as error:
        # Python loses the finding before an error; asked for one, SQLite stops in time.
        try:
            found = [*_check(connection, 1), str(error)]
        except sqlite3.DatabaseError:
            found = [str(error)]
    return () if found == ["ok"] else tuple(found)


def _check(connection: sqlite3.Connection, findings: int) -> list[str]:
    rows = connection.execute(f"PRAGMA integrity_check({findings})")
    return [line for row in rows for line in str(row[0]).splitlines() if not line.startswith("***")]


def wal_reset_range(version: str = sqlite3.sqlite_version) -> bool:
    """Whether this SQLite can damage a database that two connections write or checkpoint.

    That is 3.7.0 to 3.51.2, but for the mended 3.44.6 and 3.50.7 (https://sqlite.org/wal.html).
    The store has one writing connection and is safe with them; whoever opens it with another
    program is not.
    """
    major, minor, patch = (int(part) for part in (*version.split("."), "0", "0")[:3])
    if not (3, 7) <= (major, minor) <= (3, 51):
        return False
    return patch < _FIXED_BRANCHES.get((major, minor), patch + 1)
