"""Brokers of this room: one with certificates and one with passwords, for all that only look."""

from collections.abc import Iterator

import pytest

from tests.broker import Mosquitto, secured

PRINCIPALS = (
    ("alice", "agent"), ("bob", "agent"), ("olga", "operator"), ("otto", "operator"),
    ("watcher", "observer"), ("node-2", "node"),
)  # fmt: skip


@pytest.fixture(scope="module", params=["certificate", "password"])
def broker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mosquitto]:
    """A broker with principals of every role, besides its node `node`."""
    folder = tmp_path_factory.mktemp("a place") / "the broker"
    with secured(folder, auth=request.param, principals=PRINCIPALS) as running:
        yield running
