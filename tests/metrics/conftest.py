"""Prometheus for the tests: Debian's package, installed where that is possible, else a skip."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.debian import missing
from tests.metrics.prometheus import Prometheus


@pytest.fixture(scope="session")
def promtool() -> str:
    """Where promtool is; with it there is prometheus itself, both of one package."""
    if why := missing("prometheus", "prometheus", "promtool"):
        pytest.skip(why)
    found = shutil.which("promtool")
    assert found
    return found


@pytest.fixture
def prometheus(promtool: str, tmp_path: Path) -> Iterator[Prometheus]:
    """A server of the test's own, which scrapes what it is told to."""
    server = Prometheus(tmp_path / "prometheus")
    try:
        yield server
    finally:
        server.stop()
