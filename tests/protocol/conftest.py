"""What goes over a real broker between a real node and an agent, once for all tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bridge.peer import BridgedNode, bridged_node
from tests.broker import Mosquitto, mosquitto
from tests.protocol.captured import Captured, capture


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path / "broker") as running:
        yield running


@pytest.fixture
def node(tmp_path: Path, broker: Mosquitto) -> Iterator[BridgedNode]:
    with bridged_node(tmp_path / "home", broker) as bridged:
        yield bridged


@pytest.fixture(scope="module")
def traffic(tmp_path_factory: pytest.TempPathFactory) -> Captured:
    return capture(tmp_path_factory.mktemp("traffic"))
