"""Every comparison of this room."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from bench.peers import decisions, durable, merkle, patterns, percentiles, rows
from bench.peers.peer import Peer, Sides

Opened = Callable[[Peer, bool], AbstractContextManager[Sides]]
"""Gives both sides of a peer; the flag says that it has to be quick."""

COMPARISONS: dict[Peer, Opened] = {
    peer: room.sides
    for room in (decisions, durable, merkle, rows, patterns, percentiles)
    for peer in room.PEERS
}
