import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.demo.sandbox import Sandbox
from app.demo.site import serving


@pytest.fixture
def home() -> Iterator[Path]:
    """A home with a path short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="as") as folder:
        yield Path(folder).resolve()


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    return Sandbox(tmp_path / "sandbox")


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    with serving() as address:
        yield address
