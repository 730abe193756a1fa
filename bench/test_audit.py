"""The audit log beside its references: pymerkle for appending, a bare loop for verifying.

The ratios are in each benchmark's `extra_info` (`--benchmark-json`).
"""

import sqlite3
from hashlib import sha256
from pathlib import Path
from time import perf_counter

import pymerkle
import pytest
from nacl.signing import SigningKey

from components.audit_system import AuditLog, Entry, Query, check_proof, prove, query, verify
from components.audit_system.diagnosis import ROWS
from components.audit_system.leaf import NO_LEAF
from components.audit_system.merkle import Frontier, leaf_hash, root_of
from components.audit_system.walk import quick_look
from components.clock import SystemClock
from storage import open_reader, open_store

KEY = SigningKey(b"k" * 32)
SIZES = [1_000, 10_000, 100_000]


def an_entry(number):
    return Entry(
        kind="verdict",
        agent=f"agent-{number % 16}",
        request_id=f"0190a6c2-7e1f-7abc-8def-{number:012d}",
        tool="shell",
        digest=sha256(b"%d" % number).hexdigest(),
        verdict="allow",
        rule="default",
        policy_version="3f1c9a",
        rules=("read-only",),
        safety=950,
        ethics=880,
        detail={"decided_by": "rule", "gate_us": 180},
    )


class _Sink:
    """A transaction that stores nothing: what is left is the log's own work."""

    def insert(self, table, row):
        pass


def _fill(folder: Path, size: int):
    store = open_store(folder)
    log = AuditLog.open(store, KEY, "node-1", SystemClock())
    for start in range(0, size, 250):
        entries = [an_entry(number) for number in range(start, start + 250)]
        store.writer.run(lambda tx, entries=entries: [log.append(tx, e) for e in entries])
    store.close()
    return log.vkey


@pytest.fixture(scope="module", params=SIZES)
def filled(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("audit") / str(request.param)
    vkey = _fill(folder, request.param)
    reader = open_reader(folder)
    yield request.param, vkey, reader
    reader.close()


def _best(call, rounds=5):
    times = []
    for _ in range(rounds):
        started = perf_counter()
        call()
        times.append(perf_counter() - started)
    return min(times)


def _bare_loop(reader: sqlite3.Connection) -> None:
    for _, leaf in reader.execute("SELECT seq, leaf FROM audit_entries ORDER BY seq"):
        sha256(b"\x00" + leaf.encode()).digest()


def _hash_only(reader: sqlite3.Connection) -> None:
    """Leaf hashes, stored hashes, sequence and chain, without tree and signatures."""
    reader.text_factory = bytes
    rows = reader.execute(ROWS, (0,))
    start, prev = 0, bytes.fromhex(NO_LEAF)
    while chunk := rows.fetchmany(256):
        hashes = quick_look(chunk, start, prev)
        assert hashes is not None
        start, prev = start + len(chunk), hashes[-1]
    reader.text_factory = str


def test_log_action(benchmark, tmp_path):
    """One entry in a transaction of its own: leaf, tree, signed checkpoint, commit and sync."""
    store = open_store(tmp_path)
    log = AuditLog.open(store, KEY, "node-1", SystemClock())
    entry = an_entry(1)
    benchmark(store.writer.run, lambda tx: log.append(tx, entry))
    store.close()


def test_append_beside_pymerkle(benchmark, tmp_path):
    """A leaf hashed and added to the tree, in memory, against pymerkle's; and the whole append.

    The whole also encodes the entry and chains it, which pymerkle does not do.
    """
    count = 20_000
    leaves = [b"%d" % number + b"x" * 450 for number in range(count)]
    entries = [an_entry(number) for number in range(count)]
    store = open_store(tmp_path)

    def tree():
        frontier = Frontier()
        for leaf in leaves:
            frontier.add(leaf_hash(leaf))

    def whole():
        log, sink = AuditLog(store, KEY, "node-1", SystemClock()), _Sink()
        for entry in entries:
            log.append(sink, entry)

    def theirs():
        tree = pymerkle.InmemoryTree(algorithm="sha256")
        for leaf in leaves:
            tree.append_entry(leaf)

    reference, alone = _best(theirs, 3), _best(tree)
    benchmark.pedantic(whole, rounds=5)
    everything = benchmark.stats.stats.min
    benchmark.extra_info |= {
        "pymerkle_us": reference / count * 1e6,
        "tree_us": alone / count * 1e6,
        "append_us": everything / count * 1e6,
        "tree_times_faster": reference / alone,
        "append_times_faster": reference / everything,
    }
    store.close()


def test_verify_beside_a_bare_loop(benchmark, filled):
    """Everything; and, in `extra_info`, hashes and chain alone, as multiples of the bare loop."""
    size, vkey, reader = filled
    bare, hash_only = _best(lambda: _bare_loop(reader)), _best(lambda: _hash_only(reader))
    assert benchmark(verify, reader, vkey).ok
    benchmark.extra_info |= {
        "entries": size,
        "us_an_entry": benchmark.stats.stats.min / size * 1e6,
        "hash_only_over_bare": hash_only / bare,
        "everything_over_bare": benchmark.stats.stats.min / bare,
    }


@pytest.mark.parametrize(
    "wanted",
    [Query(), Query(agent="agent-3"), Query(kind="none"), Query(text="nowhere"), Query(since=1)],
    ids=["newest", "agent", "kind-none", "text-none", "since"],
)
def test_query_history(benchmark, filled, wanted):
    _, _, reader = filled
    benchmark(query, reader, wanted, None, 100)


def test_merkle_root(benchmark, filled):
    """The root after each append comes from the frontier; it does not depend on the size."""
    size, _, _ = filled
    frontier = Frontier()
    for number in range(size):
        frontier.add(sha256(b"%d" % number).digest())
    benchmark(frontier.root)


def test_merkle_root_of_a_thousand_leaves_from_nothing(benchmark):
    hashes = [sha256(b"%d" % number).digest() for number in range(1000)]
    benchmark(root_of, hashes)


def test_prove_and_check(benchmark, filled):
    size, vkey, reader = filled

    def both():
        return check_proof(prove(reader, size // 2), vkey)

    assert benchmark(both).entry.seq == size // 2


def test_open_an_old_log(benchmark, filled, tmp_path):
    """What a restart costs, however long the log is."""
    size, _, reader = filled
    folder = Path(reader.execute("PRAGMA database_list").fetchone()[2]).parent
    store = open_store(folder)
    log = benchmark(AuditLog.open, store, KEY, "node-1", SystemClock())
    assert log.head.size == size
    store.close()
