"""Decisions a second in memory: asked, listed, approved."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from bench.busy import Busy
from bench.peers.deferred import Deferring
from bench.peers.graphs import Asking
from bench.peers.peer import Peer, Sides

OURS, THEIRS = 4_000, 40
ON = "One decision after another in memory, on one thread: asked, listed, approved"
BESIDES = (
    "keeps deadlines, priorities, tiers and digests, lists what waits in order, and refuses an "
    "answer that does not fit"
)
LANGGRAPH = Peer(
    figure="peer.decisions.langgraph_memory", name="langgraph", package="langgraph",
    goal="goal.decisions_vs_langgraph_memory", on=ON, ours=BESIDES, unit="/s", rounds=15,
    theirs="checkpoints the state of a whole graph, so that any graph can go on from there, and "
    "runs the node that asked once more",
)  # fmt: skip
PYDANTIC_AI = Peer(
    figure="peer.decisions.pydantic_ai", name="pydantic-ai", package="pydantic-ai-slim",
    on=ON, ours=BESIDES, unit="/s", rounds=15,
    theirs="goes through two runs of an agent, builds the messages to its model (a function here), "
    "validates arguments and calls the tool",
)  # fmt: skip
PEERS = (LANGGRAPH, PYDANTIC_AI)


@contextmanager
def sides(peer: Peer, _quick: bool) -> Iterator[Sides]:
    """All in memory."""
    yield Sides(in_queue, in_graphs if peer is LANGGRAPH else in_runs)


def in_queue() -> float:
    """Ours: the queue as the gate has it."""
    busy, started = Busy(), perf_counter()
    for _ in range(OURS):
        busy.request()
        (waiting,) = busy.queue.pending(1)
        busy.approve(waiting)
    rate = OURS / (perf_counter() - started)
    assert busy.queue.counts().ended == {"allowed": OURS}
    return rate


def in_graphs() -> float:
    """LangGraph's: each decision a thread of its own, in a saver that begins empty."""
    from langgraph.checkpoint.memory import InMemorySaver

    asking = Asking(InMemorySaver())
    started = perf_counter()
    for number in range(THEIRS):
        asking.decide(number)
    return THEIRS / (perf_counter() - started)


def in_runs() -> float:
    """Pydantic AI's: each decision two runs of an agent."""
    agent = Deferring()

    async def decide() -> float:
        started = perf_counter()
        for _ in range(THEIRS):
            await agent.decide()
        return THEIRS / (perf_counter() - started)

    return asyncio.run(decide())
