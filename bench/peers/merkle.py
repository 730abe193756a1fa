"""The Merkle tree and log beside pymerkle: appended, proved, verified."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.entries import KEY, Sink
from bench.peers.peer import Peer, Sides
from bench.places import scratch
from components.audit_system import AuditLog, Entry, check_proof, prove
from components.audit_system.leaf import encode_leaf
from components.clock import SystemClock
from storage import Store, open_reader, open_store

MEMORY, DURABLE, PROVED, PROOFS = 4_000, 200, 4_096, 50


def _pymerkle(what: str, on: str, theirs: str, ours: str) -> Peer:
    return Peer(
        figure=f"peer.merkle.{what}", name="pymerkle", package="pymerkle", on=on, theirs=theirs,
        ours=ours, unit="µs", rounds=15,
    )  # fmt: skip


APPENDED = _pymerkle(
    "append_memory",
    f"A leaf appended in memory, {MEMORY:,} from nothing: ours with the whole log's work",
    "keeps a node for each leaf and each pair above, so that it can prove from memory",
    "encodes the entry as a canonical leaf and chains it to the one before",
)
DURABLY = _pymerkle(
    "append_durable",
    f"A leaf appended on a disk, {DURABLE} submitted one by one, every commit synced: pymerkle's "
    "on its SQLite tree",
    "keeps its leaves from being changed or deleted by triggers, and commits each alone",
    "encodes, chains and keeps the tree's frontier, and signs a checkpoint for each commit",
)
PROVING = _pymerkle(
    "prove",
    f"A proof that a leaf is in a tree of {PROVED:,}, from SQLite on both sides",
    "keeps the roots of large subtrees in memory for the next proof, and trusts stored hashes",
    "hashes leaves anew, brings entry and signed checkpoint along, and checks the proof first",
)
VERIFYING = _pymerkle(
    "verify",
    f"A proof from a tree of {PROVED:,} verified",
    "compares with a root that it is given",
    "reads the proof from text, hashes the leaf, decodes it, and checks the Ed25519 signature",
)
PEERS = (APPENDED, DURABLY, PROVING, VERIFYING)


@contextmanager
def sides(peer: Peer, _quick: bool) -> Iterator[Sides]:
    """Each with stores of its own in a folder on a disk."""
    ways = {APPENDED: in_memory, DURABLY: durably, PROVING: proving, VERIFYING: verifying}
    with scratch("merkle") as folder, ways[peer](folder) as opened:
        yield opened


@contextmanager
def in_memory(folder: Path) -> Iterator[Sides]:
    """Appending, and nothing on a disk."""
    import pymerkle

    entries, leaves = [*map(entry, range(MEMORY))], [*map(leaf, range(MEMORY))]
    store = open_store(folder)

    def ours() -> float:
        log, sink = AuditLog(store, KEY, "node-1", SystemClock()), Sink()
        return _us_each(lambda one: log.append(sink, one), entries)  # type: ignore[arg-type]

    yield Sides(ours, lambda: _us_each(pymerkle.InmemoryTree().append_entry, leaves))
    store.close()


@contextmanager
def durably(folder: Path) -> Iterator[Sides]:
    """Appending, and each leaf durable."""
    with both(folder) as (store, log, tree):
        entries, leaves = [*map(entry, range(DURABLE))], [*map(leaf, range(DURABLE))]

        def submit(one: Entry) -> None:
            store.writer.submit(lambda tx: log.append(tx, one), _ignore)

        def ours() -> float:
            started = perf_counter()
            for one in entries[:-1]:
                submit(one)
            store.writer.run(lambda tx: log.append(tx, entries[-1]))
            return 1e6 * (perf_counter() - started) / DURABLE

        yield Sides(ours, lambda: _us_each(tree.append_entry, leaves))


@contextmanager
def proving(folder: Path) -> Iterator[Sides]:
    """Proving leaves here and there, others each time."""
    with both(folder, PROVED) as (_, _, tree):
        reader, ours, theirs = open_reader(folder), count(), count()
        yield Sides(
            lambda: _us_each(lambda at: prove(reader, at), _places(next(ours))),
            lambda: _us_each(lambda at: tree.prove_inclusion(at + 1), _places(next(theirs))),
        )
        reader.close()


@contextmanager
def verifying(folder: Path) -> Iterator[Sides]:
    """Verifying what was proved before."""
    import pymerkle

    with both(folder, PROVED) as (_, log, tree):
        reader, root = open_reader(folder), tree.get_root()
        texts = [prove(reader, at) for at in _places(0)]
        proofs = [(tree.get_leaf(at + 1), tree.prove_inclusion(at + 1)) for at in _places(0)]
        yield Sides(
            lambda: _us_each(lambda text: check_proof(text, log.vkey), texts),
            lambda: _us_each(lambda one: pymerkle.verify_inclusion(one[0], root, one[1]), proofs),
        )
        reader.close()


@contextmanager
def both(folder: Path, size: int = 0) -> Iterator[tuple[Store, AuditLog, Any]]:
    """A log and a tree of pymerkle's on SQLite, with so many leaves each."""
    import pymerkle

    store = open_store(folder)
    log = AuditLog.open(store, KEY, "node-1", SystemClock())
    with pymerkle.SqliteTree(str(folder / "tree.db")) as tree:
        tree.con.execute("PRAGMA journal_mode = WAL")
        tree.con.execute("PRAGMA synchronous = FULL")
        if size:
            tree.append_entries(map(leaf, range(size)))
            store.writer.run(lambda tx: [log.append(tx, entry(at)) for at in range(size)])
        yield store, log, tree
    store.close()


def entry(number: int) -> Entry:
    """A verdict, as most entries are."""
    return Entry(
        kind="verdict", agent=f"agent-{number % 16}", request_id=f"request-{number:08d}",
        tool="shell", digest=f"{number:064x}", verdict="allow", rule="default",
        policy_version="3f1c9a", safety=950, ethics=880, detail={"decided_by": "rule"},
    )  # fmt: skip


def leaf(number: int) -> bytes:
    """The same as the bytes that a tree has."""
    return encode_leaf(entry(number), number, 1_700_000_000_000_000 + number, "e" * 64, False)


def _places(turn: int) -> list[int]:
    return [(turn * PROOFS + at) * 1_597 % PROVED for at in range(PROOFS)]


def _us_each(call: Callable[[Any], object], over: Sequence[Any]) -> float:
    started = perf_counter()
    for one in over:
        call(one)
    return 1e6 * (perf_counter() - started) / len(over)


def _ignore(_result: Any, _error: Exception | None) -> None:
    pass
