"""Each peer is a bench of its own, so that what one lacks takes nothing from the others."""

import pytest

from bench.measuring import Beside
from bench.peers.known import COMPARISONS
from bench.peers.peer import Peer, compare

CASES = [
    pytest.param(
        peer, id=peer.figure.removeprefix("peer."),
        marks=[
            pytest.mark.figure(*filter(None, (peer.figure, peer.goal))),
            pytest.mark.skipif(bool(peer.absence), reason=peer.absence),
        ],
    )
    for peer in COMPARISONS
]  # fmt: skip


@pytest.mark.parametrize("peer", CASES)
def test_beside(beside: Beside, peer: Peer) -> None:
    with COMPARISONS[peer](peer, beside.quick) as sides:
        compare(beside, peer, sides)
