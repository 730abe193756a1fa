"""Three nodes on one broker, two consoles over all of them, and one node killed."""

import contextlib
import secrets
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from app.home import NODE_PUB_NAME, SETTINGS_NAME
from app.intake.mqtt import Target
from app.node.identity import KEYRING_NAME, OPERATORS_FOLDER
from app.remote.desk import RemoteDesk
from app.remote.fleet import FleetDesk
from app.remote.heartbeat import heartbeat
from app.remote.mqtt_link import MqttConsoleLink
from components.clock import SystemClock
from components.keys import TrustedKey, parse_verifier_key, update_keyring
from tests.bridge.peer import Peer
from tests.bridge.real_node import RealNode
from tests.bridge.test_requests import QUESTION, verdict
from tests.broker import Mosquitto
from tests.support import PATIENCE_S, shown, until

NAMES = ("north", "east", "south")


@pytest.fixture
def nodes(tmp_path: Path, broker: Mosquitto) -> Iterator[dict[str, RealNode]]:
    made = {}
    for name in NAMES:
        home = tmp_path / name
        home.mkdir(mode=0o700)
        (home / SETTINGS_NAME).write_text(f'[node]\nname = "{name}"\n')
        made[name] = RealNode(home, broker)
        made[name].start()
    for name in NAMES:
        until((tmp_path / name / OPERATORS_FOLDER / KEYRING_NAME).exists, name)
    yield made
    for node in made.values():
        node.end(signal.SIGKILL)


@contextlib.contextmanager
def console(
    broker: Mosquitto, nodes: dict[str, RealNode], operator: str
) -> Iterator[dict[str, RemoteDesk]]:
    """A console at every node; the desks by the nodes' names."""
    key, desks = SigningKey.generate(), {}
    trusted = TrustedKey(principal=operator, public=bytes(key.verify_key), tier=2)
    for name, node in nodes.items():
        update_keyring(
            node.home / OPERATORS_FOLDER / KEYRING_NAME, lambda before: before.enrol(trusted)
        )
        vkey = parse_verifier_key((node.home / NODE_PUB_NAME).read_text().strip())
        target = Target(host="127.0.0.1", port=broker.port, client_id=f"c-{secrets.token_hex(6)}")
        link = MqttConsoleLink(target, name, operator)
        desks[name] = RemoteDesk(link, vkey, operator, key, SystemClock())
    fleet = FleetDesk(list(desks.values()), SystemClock())
    with heartbeat(fleet.tick, 0.05):
        for desk in desks.values():
            until(lambda desk=desk: desk.snapshot().health.state == "open", desk.node)
        yield desks
    fleet.close()


def approve(desk: RemoteDesk) -> str:
    def waiting() -> str:
        rows = desk.snapshot().waiting
        return rows[0].id if rows and desk.decision(rows[0].id) else ""

    view = desk.decision(until(waiting, f"a decision at {desk.node}"))
    assert view
    return desk.answer(shown(view), "approve", code=view.code).result(PATIENCE_S)


@pytest.mark.fault(51)
def test_one_of_three_nodes_is_killed_and_the_others_go_on(
    broker: Mosquitto, nodes: dict[str, RealNode]
) -> None:
    with console(broker, nodes, "grace") as hers, console(broker, nodes, "ada") as theirs:
        agents = {name: Peer(broker, name, client_id=f"agent-at-{name}") for name in NAMES}
        asked = {name: peer.submit(**QUESTION) for name, peer in agents.items()}
        for name, peer in agents.items():
            peer.reply(asked[name], "pending")
        nodes["east"].end(signal.SIGKILL)

        # The others are answered, each by another operator, and both consoles say who is gone.
        assert approve(hers["north"]) == "approved"
        assert approve(theirs["south"]) == "approved"
        for name in ("north", "south"):
            assert verdict(agents[name].reply(asked[name], "verdict"))["verdict"] == "allow"
        for desks in (hers, theirs):
            until(lambda desks=desks: desks["east"].silent, "the silence of the one that is gone")
            assert not desks["north"].silent
        assert agents["east"].replies(asked["east"])[-1]["kind"] == "pending"

        # It comes back with what waited, and that is decided once.
        nodes["east"].start()
        until(lambda: not hers["east"].silent, "its return")
        assert approve(hers["east"]) == "approved"
        assert verdict(agents["east"].reply(asked["east"], "verdict"))["verdict"] == "allow"
        time.sleep(0.5)  # what is sent twice is the same
        found = [one for one in agents["east"].replies(asked["east"]) if one["kind"] == "verdict"]
        assert len({str(one) for one in found}) == 1
        for peer in agents.values():
            peer.close()
