import pytest

from components.intent_firewall import Firewall, builtin_packs


@pytest.fixture(scope="session")
def firewall() -> Firewall:
    return Firewall(builtin_packs())
