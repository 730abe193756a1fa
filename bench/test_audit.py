"""The audit log beside its references: pymerkle for appending, a bare loop for verifying."""

import sqlite3
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

import pymerkle
import pytest

from bench.entries import KEY, Sink, an_entry
from bench.measuring import Beside, Reference
from bench.places import bare_database, scratch, scratch_store
from components.audit_system import AuditLog, Entry, Query, check_proof, prove, query, verify
from components.audit_system.diagnosis import ROWS
from components.audit_system.leaf import NO_LEAF
from components.audit_system.merkle import Frontier, leaf_hash, root_of
from components.audit_system.walk import quick_look
from components.clock import SystemClock
from storage import Tx, open_reader, open_store

THOUSAND, TEN_THOUSAND, MANY = 1_000, 10_000, 100_000
AT_ONCE = 250
BARE = "CREATE TABLE log (seq INTEGER PRIMARY KEY, leaf TEXT, hash BLOB)"
LEAF = '{"agent":"agent-1","digest":"' + "d" * 64 + '","prev":"' + "e" * 64 + '"}' + " " * 200


def _append_some(log: AuditLog, start: int, tx: Tx) -> None:
    for number in range(start, start + AT_ONCE):
        log.append(tx, an_entry(number))


class Filled:
    """A log of so many entries, and a reader on it."""

    def __init__(self, folder: Path, size: int) -> None:
        self.size, self.folder = size, folder
        store = open_store(folder)
        log = AuditLog.open(store, KEY, "node-1", SystemClock())
        for start in range(0, size, AT_ONCE):
            store.writer.run(partial(_append_some, log, start))
        store.close()
        self.vkey = log.vkey
        self.reader = open_reader(folder)


@pytest.fixture(scope="module")
def logs() -> Iterator[Any]:
    """Makes a log of a size once, when it is first wanted."""
    made: dict[int, Filled] = {}
    with scratch("audit") as folder:

        def of(size: int) -> Filled:
            if size not in made:
                made[size] = Filled(folder / str(size), size)
            return made[size]

        yield of
        for one in made.values():
            one.reader.close()


def bare_loop(reader: sqlite3.Connection) -> None:
    """Every leaf selected and hashed, and no more."""
    for _, leaf in reader.execute("SELECT seq, leaf FROM audit_entries ORDER BY seq"):
        sha256(b"\x00" + leaf.encode()).digest()


def hash_only(reader: sqlite3.Connection) -> None:
    """Leaf hashes, stored hashes, sequence and chain, without tree and signatures."""
    reader.text_factory = bytes
    rows = reader.execute(ROWS, (0,))
    start, prev = 0, bytes.fromhex(NO_LEAF)
    while chunk := rows.fetchmany(256):
        hashes = quick_look(chunk, start, prev)
        assert hashes is not None
        start, prev = start + len(chunk), hashes[-1]
    reader.text_factory = str


@pytest.mark.figure("operation.audit_system.log_action")
def test_log_action(beside: Beside) -> None:
    """One entry in a transaction of its own: leaf, tree, signed checkpoint, commit and sync."""
    with scratch_store("audit") as store, bare_database(store.home / "bare.db", BARE) as bare:
        log = AuditLog.open(store, KEY, "node-1", SystemClock())
        row = (LEAF, b"h" * 32)

        def commit(_: Entry) -> None:
            bare.execute("INSERT INTO log (leaf, hash) VALUES (?, ?)", row)

        reference = Reference(
            "a bare sqlite3 insert, committed and synced", commit,
            "Ours also chains, adds to the tree, signs a checkpoint and changes threads twice",
        )  # fmt: skip
        beside.walk(
            lambda entry: store.writer.run(lambda tx: log.append(tx, entry)),
            [an_entry(number) for number in range(100)], reference, rounds=2_000,
        )  # fmt: skip


@pytest.mark.figure("goal.audit_append_vs_pymerkle")
def test_append_beside_pymerkle(beside: Beside) -> None:
    """A leaf hashed and added to the tree, in memory; in `extra` also the whole append."""
    count = 2_000 if beside.quick else 20_000
    leaves = [b"%d" % number + b"x" * 450 for number in range(count)]
    entries = [an_entry(number) for number in range(count)]
    whole: list[float] = []

    def ours() -> float:
        frontier, started = Frontier(), perf_counter()
        for leaf in leaves:
            frontier.add(leaf_hash(leaf))
        return 1e6 * (perf_counter() - started) / count

    def theirs() -> float:
        whole.append(appended())
        tree, started = pymerkle.InmemoryTree(algorithm="sha256"), perf_counter()
        for leaf in leaves:
            tree.append_entry(leaf)
        return 1e6 * (perf_counter() - started) / count

    with scratch_store("audit") as store:

        def appended() -> float:
            log, sink = AuditLog(store, KEY, "node-1", SystemClock()), Sink()
            started = perf_counter()
            for entry in entries:
                log.append(sink, entry)  # type: ignore[arg-type]
            return 1e6 * (perf_counter() - started) / count

        beside.turns(ours, theirs, "pymerkle in memory", rounds=7, unit="µs a leaf", over=False)
    beside.extra("whole append, encoded and chained (µs)", sorted(whole)[len(whole) // 2])


@pytest.mark.figure("operation.audit_system.verify_chain")
def test_verify_chain(beside: Beside, logs: Any) -> None:
    log = logs(THOUSAND)
    reference = Reference(
        "SELECT and SHA-256 of each leaf", lambda _: bare_loop(log.reader),
        "Ours also checks chain, sequence, tree, every stored checkpoint and its signature",
    )  # fmt: skip
    beside.walk(lambda _: verify(log.reader, log.vkey), [None], reference, rounds=200)
    assert verify(log.reader, log.vkey).ok


@pytest.mark.figure("goal.verify_vs_bare_loop")
def test_verify_vs_bare_loop(beside: Beside, logs: Any) -> None:
    log: Filled = logs(TEN_THOUSAND if beside.quick else MANY)
    reader, everything = log.reader, list[float]()

    def timed(call: Any) -> float:
        started = perf_counter()
        call()
        return 1e6 * (perf_counter() - started) / log.size

    def ours() -> float:
        everything.append(timed(lambda: verify(reader, log.vkey)))
        return timed(lambda: hash_only(reader))

    beside.turns(
        ours, lambda: timed(lambda: bare_loop(reader)), "a bare loop of SELECT and SHA-256",
        rounds=9, unit="µs an entry", note="Leaf hashes, stored hashes, sequence and chain",
    )  # fmt: skip
    beside.extra("with tree and signatures (µs an entry)", sorted(everything)[len(everything) // 2])


WANTED = {
    "newest": (Query(), "", ()),
    "agent": (Query(agent="agent-3"), "WHERE agent = ?", ("agent-3",)),
    "kind": (Query(kind="none"), "WHERE kind = ?", ("none",)),
    "text": (Query(text="nowhere"), "WHERE leaf LIKE ?", ("%nowhere%",)),
}


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(name, marks=pytest.mark.figure(
            "operation.audit_system.query_history" if name == "agent"
            else f"other.audit_system.query_history.{name}"))
        for name in WANTED
    ],
)  # fmt: skip
def test_query_history(beside: Beside, logs: Any, wanted: str) -> None:
    """A hundred entries of one agent, newest first, is what the operation is judged by."""
    reader, (asked, where, values) = logs(TEN_THOUSAND).reader, WANTED[wanted]
    sql = f"SELECT seq, leaf, leaf_hash FROM audit_entries {where} ORDER BY seq DESC LIMIT 100"
    reference = Reference(
        "the bare SELECT", lambda _: reader.execute(sql, values).fetchall(),
        "Ours also decodes each entry and checks it against its hash",
    )  # fmt: skip
    beside.walk(lambda _: query(reader, asked, None, 100), [None], reference, rounds=400)


@pytest.mark.figure("operation.audit_system.merkle_root")
def test_merkle_root(beside: Beside) -> None:
    """From nothing; the log itself keeps a frontier and has its root in a few steps."""
    leaves = [b"%d" % number + b"x" * 450 for number in range(THOUSAND)]

    def bare(_: Any) -> list[bytes]:
        return [sha256(b"\x00" + leaf).digest() for leaf in leaves]

    reference = Reference("a bare loop of SHA-256", bare, "Ours also hashes the tree above")
    beside.walk(lambda _: root_of(list(map(leaf_hash, leaves))), [None], reference, rounds=1_000)


@pytest.mark.figure("other.audit_system.merkle_root_of_frontier")
def test_root_of_frontier(beside: Beside) -> None:
    """After each append: it does not depend on the size."""
    frontier = Frontier()
    for number in range(THOUSAND):
        frontier.add(sha256(b"%d" % number).digest())
    one = Reference("one SHA-256", lambda _: sha256(LEAF.encode()).digest())
    beside.walk(lambda _: frontier.root(), [None], one, rounds=4_000)


@pytest.mark.figure("other.audit_system.prove_and_check")
def test_prove_and_check(beside: Beside, logs: Any) -> None:
    log = logs(TEN_THOUSAND)

    def both(_: Any) -> Any:
        return check_proof(prove(log.reader, log.size // 2), log.vkey)

    one = log.reader.execute
    sql = "SELECT leaf FROM audit_entries WHERE seq = ?"
    reference = Reference("the bare SELECT", lambda _: one(sql, (log.size // 2,)).fetchone())
    beside.walk(both, [None], reference, rounds=200)
    assert both(None).entry.seq == log.size // 2


@pytest.mark.figure("other.audit_system.open_an_old_log")
def test_open_an_old_log(beside: Beside, logs: Any) -> None:
    """What a restart costs with 10,000 entries; it does not depend on how long the log is."""
    log = logs(TEN_THOUSAND)
    store = open_store(log.folder)

    def newest(_: Any) -> Any:
        return log.reader.execute("SELECT max(seq) FROM audit_entries").fetchone()

    beside.walk(
        lambda _: AuditLog.open(store, KEY, "node-1", SystemClock()), [None],
        Reference("the bare SELECT of the newest", newest), rounds=100,
    )  # fmt: skip
    store.close()
