import shutil

import pytest

from storage import open_reader
from tests.audit_system.making import Home


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path / "home")
    yield made
    made.close()


@pytest.fixture(scope="session")
def _pattern(tmp_path_factory):
    """A log of 700 entries in 14 batches, made once and copied."""
    made = Home(tmp_path_factory.mktemp("pattern") / "home")
    notes = made.fill(700)
    return made.folder, notes


@pytest.fixture
def filled(_pattern, tmp_path):
    folder, notes = _pattern
    shutil.copytree(folder, tmp_path / "filled")
    made = Home(tmp_path / "filled")
    made.clock.advance(100)
    made.notes = notes
    yield made
    made.close()


@pytest.fixture
def reader(filled):
    connection = open_reader(filled.folder)
    yield connection
    connection.close()
