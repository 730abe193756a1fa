from collections.abc import Iterator
from pathlib import Path

import pytest

from components.clock import ManualClock
from components.evolution_core import EvolutionCore
from storage import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def troubles() -> list[str]:
    return []


@pytest.fixture
def core(store: Store, clock: ManualClock, troubles: list[str]) -> EvolutionCore:
    return EvolutionCore.open(store, clock, troubles.append)
