from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import Store, open_store
from tests.storage.conftest import gather as gather  # the fixture holds the writer


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "home")
    yield opened
    opened.close()
