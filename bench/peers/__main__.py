"""`python -m bench.peers`: ours beside what others have made, in one run.

What has a comparison of its own among the benches is taken from there.
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from bench.__main__ import QUIETLY
from bench.peers.known import COMPARISONS
from bench.peers.peer import GET, Peer, lacking

ROOM = Path(__file__).parent
BENCHES = {
    "test_append_beside_pymerkle": "test_audit.py",
    "test_ten_thousand_patterns": "test_firewall.py",
    "test_refresh_vs_datatable": "test_console.py",
    "test_round_trip": "test_mqtt.py",
    "test_gate_vs_skeleton": "test_gate.py",
}
"""Benches elsewhere that compare with a peer, and the files that they are in."""


def main(words: list[str]) -> int:
    """Say what is not installed, measure the rest, write the report; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds: worse, but sooner")
    parser.add_argument("--report", default="build/peers", help="where, without the ending")
    given = parser.parse_args(words)
    for line in absent(COMPARISONS):
        print(line, file=sys.stderr)
    options = [
        str(ROOM), *(str(ROOM.parent / file) for file in BENCHES.values()),
        "-k", " or ".join(("peers", *BENCHES)), f"--report={given.report}", *QUIETLY,
    ]  # fmt: skip
    return int(pytest.main(options + ["--quick"] * given.quick))


def absent(peers: Iterable[Peer]) -> list[str]:
    """Lines for a person on what is not installed, and how to get it; none where all is."""
    missing = lacking(peers)
    if not missing:
        return []
    return [f"Not installed, so left out: {', '.join(missing)}.", f"To get them: {GET}"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
