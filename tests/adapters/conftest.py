import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from assent_client import Assent, AsyncAssent

from tests.support import RunningNode, running_node


@pytest.fixture
def home() -> Iterator[Path]:
    """A home with a path short enough for a socket, and no node in it."""
    with tempfile.TemporaryDirectory(prefix="as") as folder:
        yield Path(folder).resolve()


@pytest.fixture
def node(home: Path) -> Iterator[RunningNode]:
    """A node in that home."""
    with running_node(home) as running:
        yield running


@pytest.fixture
def assent(home: Path) -> Iterator[Assent]:
    """An agent at the home, whether a node is in it or not."""
    with Assent(home, "tidy", timeout_s=60) as connected:
        yield connected


@pytest.fixture
def awaited(assent: Assent) -> AsyncAssent:
    """The same agent, to be awaited."""
    return AsyncAssent.sharing(assent)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No framework sends traces anywhere."""
    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
        monkeypatch.setenv(name, "false")
    monkeypatch.setenv("OPENAI_AGENTS_DISABLE_TRACING", "1")
