from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.remote.harness import Remote, remote_node


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[Remote]:
    with remote_node(tmp_path / "home") as made:
        yield made
