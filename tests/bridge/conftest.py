from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bridge.peer import BridgedNode, Peer, bridged_node
from tests.broker import Mosquitto, mosquitto


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path / "broker") as running:
        yield running


@pytest.fixture
def node(tmp_path: Path, broker: Mosquitto) -> Iterator[BridgedNode]:
    with bridged_node(tmp_path / "home", broker) as bridged:
        yield bridged


@pytest.fixture
def peer(broker: Mosquitto, node: BridgedNode) -> Iterator[Peer]:
    made = Peer(broker, node.name)
    yield made
    made.close()
