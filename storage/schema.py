"""The tables, and how a file becomes the newest version of itself.

A migration is a function of a database; their number is the version, kept in `user_version`.
All that are missing run in one transaction, so a file is of one version or the other.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from storage.errors import StoreForeign

if TYPE_CHECKING:
    from sqlite_utils import Database

APPLICATION_ID = 0x41535354  # "ASST"

WAITING = "state IN ('pending', 'committing', 'releasing')"
"""Which rows of `decisions` wait. Only a condition in these very words uses their index."""

Migration = Callable[["Database"], None]

_FROM_LEAF = {
    "kind": "TEXT",
    "agent": "TEXT",
    "request_id": "TEXT",
    "tool": "TEXT",
    "verdict": "TEXT",
    "operator": "TEXT",
    "time": "INTEGER",
}
"""Columns of `audit_entries` that are computed from the leaf, which is the only truth. A leaf that
has been tampered with may not be JSON; its columns are NULL, so that its neighbours can be read."""


def _first(db: "Database") -> None:
    generated = "".join(
        f", {name} {kind} GENERATED ALWAYS AS "
        f"(CASE WHEN well_formed THEN json_extract(leaf, '$.{name}') END) VIRTUAL"
        for name, kind in _FROM_LEAF.items()
    )
    db.execute(
        "CREATE TABLE audit_entries (seq INTEGER PRIMARY KEY, leaf TEXT NOT NULL, "
        f"leaf_hash BLOB NOT NULL{generated}, "
        "well_formed INTEGER GENERATED ALWAYS AS (json_valid(leaf)) VIRTUAL) STRICT"
    )
    db.execute("CREATE INDEX audit_entries_request ON audit_entries(request_id)")
    db.execute("CREATE INDEX audit_entries_agent ON audit_entries(agent)")
    db.execute(
        "CREATE TABLE merkle_tiles (level INTEGER NOT NULL, position INTEGER NOT NULL, "
        "hash BLOB NOT NULL, PRIMARY KEY (level, position)) STRICT, WITHOUT ROWID"
    )
    _create(db, "checkpoints", {"size": int, "note": str}, not_null={"note"})
    _work_tables(db)
    _learning_tables(db)
    _create(db, "agents", {"name": str, "paused": int, "body": bytes})
    _create(db, "meta", {"key": str, "value": str})


def _work_tables(db: "Database") -> None:
    _create(
        db,
        "requests",
        {
            "id": int,
            "agent": str,
            "request_id": str,
            "digest": str,
            "received_at": int,
            "expires_at": int,
            "state": str,
            "action": bytes,
            "verdict": bytes,
        },
        not_null={"agent", "request_id", "digest", "state"},
    )
    db.table("requests").create_index(["agent", "request_id"], unique=True)
    _create(
        db,
        "decisions",
        {
            "id": str,
            "agent": str,
            "request_id": str,
            "state": str,
            "due": int,
            "deadline": int,
            "version": int,
            "body": bytes,
        },
        not_null={"state", "body"},
    )
    db.execute(f"CREATE INDEX decisions_waiting ON decisions(due) WHERE {WAITING}")
    _create(
        db,
        "grants",
        {"id": str, "state": str, "until": int, "body": bytes},
        not_null={"state", "body"},
    )


def _learning_tables(db: "Database") -> None:
    _create(
        db,
        "experiences",
        {
            "id": int,
            "time": int,
            "request_id": str,
            "agent": str,
            "tool": str,
            "shape": str,
            "intent": str,
            "verdict": str,
            "decided_by": str,
            "status": str,
            "safety": float,
            "ethics": float,
            "duration_us": int,
            "body": bytes,
        },
        not_null={"time", "shape"},
    )
    db.table("experiences").create_index(["shape"])
    db.table("experiences").create_index(["time"])
    _create(db, "evolution_state", {"name": str, "up_to": int, "body": bytes})
    _create(
        db,
        "suggestions",
        {"id": str, "state": str, "time": int, "body": bytes},
        not_null={"state", "body"},
    )


def _create(
    db: "Database", name: str, columns: dict[str, type], not_null: Iterable[str] = ()
) -> None:
    """A STRICT table whose first column is its primary key."""
    key = next(iter(columns))
    db.create_table(name, columns, pk=key, not_null={key, *not_null}, strict=True)


def _monitor_tables(db: "Database") -> None:
    db.execute(
        "CREATE TABLE metric_buckets (level TEXT NOT NULL, operation TEXT NOT NULL, "
        "start INTEGER NOT NULL, calls INTEGER NOT NULL, failed INTEGER NOT NULL, "
        "timeouts INTEGER NOT NULL, total_ns INTEGER NOT NULL, p50_us REAL, p95_us REAL, "
        "p99_us REAL, p999_us REAL, sketch BLOB NOT NULL, "
        "PRIMARY KEY (level, operation, start)) STRICT, WITHOUT ROWID"
    )
    db.execute(
        "CREATE TABLE gauge_buckets (level TEXT NOT NULL, name TEXT NOT NULL, "
        "start INTEGER NOT NULL, count INTEGER NOT NULL, low REAL NOT NULL, "
        "total REAL NOT NULL, high REAL NOT NULL, "
        "PRIMARY KEY (level, name, start)) STRICT, WITHOUT ROWID"
    )
    _create(db, "alert_states", {"id": str, "body": bytes}, not_null={"body"})
    _create(
        db,
        "alert_history",
        {"id": int, "time": int, "rule": str, "series": str, "state": str, "body": bytes},
        not_null={"time", "rule", "series", "state", "body"},
    )
    db.table("alert_history").create_index(["time"])
    _create(
        db,
        "recommendations",
        {"id": str, "state": str, "time": int, "body": bytes},
        not_null={"state", "body"},
    )


def _routes(db: "Database") -> None:
    """By which way a request came, so that its verdict finds back after a restart."""
    db.execute("ALTER TABLE requests ADD COLUMN route TEXT NOT NULL DEFAULT ''")
    db.execute(
        "CREATE INDEX requests_outbox ON requests(route, received_at) "
        "WHERE route != '' AND state = 'decided'"
    )


def _answers(db: "Database") -> None:
    """What people answered, which is little of all that was experienced, by its shape."""
    db.execute(
        "CREATE INDEX experiences_answered ON experiences(shape, verdict) "
        "WHERE decided_by = 'operator'"
    )


MIGRATIONS: tuple[Migration, ...] = (_first, _monitor_tables, _routes, _answers)
NEWEST = len(MIGRATIONS)


def check_origin(connection: sqlite3.Connection, newest: int = NEWEST) -> int:
    """The version of the schema, by reading alone; 0 for a database in which nothing is yet.

    Raises `StoreForeign` when another program made the file, or a newer version of this one.
    """
    try:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        empty = not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_NOTADB:
            raise
        raise StoreForeign("This file is not an SQLite database. Choose another folder.") from error
    if application == APPLICATION_ID and version <= newest:
        return version
    if application == APPLICATION_ID:
        raise StoreForeign(
            f"The store has version {version}, this program knows up to {newest}. Install a newer "
            "version of Assent; the file was left as it is."
        )
    if application == 0 and version == 0 and empty:
        return 0
    raise StoreForeign(
        f"Another program made this database (application id {application:#x}). Choose another "
        "folder with ASSENT_HOME; the file was left as it is."
    )


def migrate(
    connection: sqlite3.Connection, version: int, migrations: Sequence[Migration] = MIGRATIONS
) -> None:
    """Bring the schema from `version` to the newest, in one transaction."""
    if version == len(migrations):
        return
    from sqlite_utils import Database  # takes 70 ms to import, and most starts migrate nothing

    db = Database(connection)
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        for migration in migrations[version:]:
            migration(db)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
