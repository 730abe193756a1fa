"""Decisions a second that are durable: the whole node beside LangGraph on its SQLite saver."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from time import perf_counter

from msgspec.structs import replace

from bench.peers.answering import AT_ONCE, answering, signing_us
from bench.peers.graphs import on_sqlite
from bench.peers.peer import Peer, Sides
from bench.places import scratch

OURS, QUICKLY, THEIRS, THREADS = 1_000, 250, 80, 8
WHOLE = Peer(
    figure="peer.decisions.langgraph_sqlite", name="langgraph-checkpoint-sqlite",
    package="langgraph-checkpoint-sqlite", goal="goal.decisions_vs_langgraph_sqlite",
    on=f"Decisions on a disk, every commit synced: ours with {AT_ONCE} under way, LangGraph's on "
    f"{THREADS} threads",
    theirs="checkpoints the state of a whole graph, so that any graph can go on from there",
    ours="screens the action, shows it in full, checks the operator's signature, and records "
    "question and verdict in a signed log",
    unit="/s", rounds=9,
)  # fmt: skip
RECORDS = replace(
    WHOLE, figure="peer.decisions.langgraph_sqlite_records", goal="",
    ours="records question and verdict in a signed log, and learns from them; screens, desk and "
    "the operator's signature are left out, which LangGraph has not either",
)  # fmt: skip
PEERS = (WHOLE, RECORDS)


@contextmanager
def sides(peer: Peer, quick: bool) -> Iterator[Sides]:
    """A node and a database in the same folder."""
    numbers, many = count(), QUICKLY if quick else OURS
    with (
        scratch("decisions") as folder,
        on_sqlite(folder / "graphs.db") as asking,
        answering(folder / "home") as node,
        ThreadPoolExecutor(THREADS) as threads,
    ):

        def theirs() -> float:
            started = perf_counter()
            list(threads.map(asking.decide, [next(numbers) for _ in range(THEIRS)]))
            return THEIRS / (perf_counter() - started)

        if peer is WHOLE:
            limit = {"an answer signed and checked once, and nothing else (µs)": signing_us}
            yield Sides(lambda: node.rate(many), theirs, limit)
        else:
            yield Sides(lambda: node.recorded_rate(many), theirs)
