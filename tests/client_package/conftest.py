import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from assent_client import Assent

from tests.broker import Mosquitto, mosquitto
from tests.support import RunningNode, running_node


@pytest.fixture
def home() -> Iterator[Path]:
    """A home with a path short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="as") as folder:
        yield Path(folder).resolve()


@pytest.fixture
def node(home: Path) -> Iterator[RunningNode]:
    with running_node(home) as running:
        yield running


@pytest.fixture
def assent(home: Path) -> Iterator[Assent]:
    with Assent(home, "tester") as client:
        yield client


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path / "broker") as running:
        yield running
