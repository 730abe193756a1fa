"""Consoles elsewhere over a real broker: they see, answer and race, and nothing is replayed."""

import contextlib
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from nacl.signing import SigningKey

from app.desk import DeskError
from app.intake.mqtt import Target
from app.node.identity import KEYRING_NAME, OPERATORS_FOLDER
from app.remote.desk import RemoteDesk
from app.remote.fleet import FleetDesk
from app.remote.heartbeat import heartbeat
from app.remote.mqtt_link import MqttConsoleLink
from components.clock import SystemClock
from components.keys import TrustedKey, parse_verifier_key, update_keyring
from components.views import DecisionView
from tests.bridge.peer import BridgedNode, Peer, bridged_node
from tests.bridge.test_requests import QUESTION, verdict
from tests.broker import Mosquitto
from tests.support import PATIENCE_S, shown, until


def enrolled(node: BridgedNode, name: str, *, observer: bool = False) -> SigningKey:
    key = SigningKey.generate()
    trusted = TrustedKey(
        principal=name, public=bytes(key.verify_key), tier=1 if observer else 2, observer=observer
    )
    ring = node.running.home / OPERATORS_FOLDER / KEYRING_NAME
    update_keyring(ring, lambda before: before.enrol(trusted))
    return key


@contextlib.contextmanager
def attached(
    broker: Mosquitto, node: BridgedNode, name: str, *, observer: bool = False
) -> Iterator[RemoteDesk]:
    desk = desk_at(broker, node, name, enrolled(node, name, observer=observer))
    with heartbeat(desk.tick, 0.05):
        until(lambda: desk.snapshot().health.state != "frozen", "a snapshot")
        yield desk
    desk.close()


def desk_at(broker: Mosquitto, node: BridgedNode, name: str, key: SigningKey) -> RemoteDesk:
    target = Target(host="127.0.0.1", port=broker.port, client_id=f"console-{secrets.token_hex(4)}")
    link = MqttConsoleLink(target, node.name, name)
    vkey = parse_verifier_key(node.running.node.identity.vkey)
    return RemoteDesk(link, vkey, name, key, SystemClock())


def offered(desk: RemoteDesk) -> DecisionView:
    def find() -> DecisionView | None:
        rows = desk.snapshot().waiting
        return desk.decision(rows[0].id) if rows else None

    return until(find, "a decision at the console")


def answer(desk: RemoteDesk, view: DecisionView, kind: Any) -> str:
    return desk.answer(shown(view), kind, code=view.code).result(PATIENCE_S)


def test_a_console_sees_and_answers(broker: Mosquitto, node: BridgedNode, peer: Peer) -> None:
    with attached(broker, node, "grace") as desk:
        request_id = peer.submit(**QUESTION)
        assert answer(desk, offered(desk), "approve") == "approved"
        found = verdict(peer.reply(request_id, "verdict"))
        assert (found["verdict"], found["decision"]["operator"]) == ("allow", "grace")
        assert [row.name for row in desk.snapshot().health.duty] == ["grace"]
    assert until(lambda: node.entries("operator.detached"), "the end")


@pytest.mark.fault(55, 88)
def test_of_two_consoles_the_second_is_told(
    broker: Mosquitto, node: BridgedNode, peer: Peer
) -> None:
    with attached(broker, node, "grace") as one, attached(broker, node, "ada") as two:
        request_id = peer.submit(**QUESTION)
        views = offered(one), offered(two)
        asked = [
            desk.answer(shown(view), kind, code=view.code)
            for desk, view, kind in zip((one, two), views, ("approve", "reject"), strict=True)
        ]
        errors = [future.exception(PATIENCE_S) for future in asked]
        (late,) = [error for error in errors if error is not None]
        assert isinstance(late, DeskError)
        assert late.code == 409
        assert "decided" in str(late) or "answered" in str(late)
        peer.reply(request_id, "verdict")
    assert len([leaf for leaf in node.entries("verdict") if leaf.get("operator")]) == 1


@pytest.mark.fault(56)
def test_a_replayed_answer_is_refused(broker: Mosquitto, node: BridgedNode, peer: Peer) -> None:
    topic = f"assent/1/{node.name}/op/grace/ans"
    peer.listen(topic)
    with attached(broker, node, "grace") as desk:
        peer.submit(**QUESTION)
        view = offered(desk)
        before = len(peer.heard)
        answer(desk, view, "reject")
        sent = [payload for name, payload, _ in peer.heard[before:] if name == topic]
        told = len(node.entries("verdict"))
        for payload in sent:
            peer.client.publish(topic, payload, qos=1)
        peer.reply(peer.submit())  # it came after
        assert len(node.entries("verdict")) == told + 1


def test_an_observer_changes_nothing(broker: Mosquitto, node: BridgedNode, peer: Peer) -> None:
    with attached(broker, node, "olga", observer=True) as desk:
        peer.submit(**QUESTION)
        view = offered(desk)
        error = desk.answer(shown(view), "approve", code=view.code).exception(PATIENCE_S)
        assert isinstance(error, DeskError)
        assert node.running.node.engine.queue.pending(1)


def test_a_broker_that_is_away_is_shown_and_the_console_goes_on_after(
    broker: Mosquitto, node: BridgedNode, peer: Peer
) -> None:
    with attached(broker, node, "grace") as desk:
        broker.stop()
        until(lambda: desk.snapshot().health.state == "frozen", "the loss")
        broker.start()
        until(lambda: desk.snapshot().health.state == "open", "the way back")
        request_id = peer.submit(**QUESTION)
        assert answer(desk, offered(desk), "approve") == "approved"
        peer.reply(request_id, "verdict")


def test_a_planted_retained_answer_is_ignored(
    broker: Mosquitto, node: BridgedNode, peer: Peer
) -> None:
    topic = f"assent/1/{node.name}/op/grace/ans"
    peer.client.publish(topic, b"{}", qos=1, retain=True)
    peer.listen(f"assent/1/{node.name}/op/grace/res")
    peer.reply(peer.submit())
    assert peer.on("op/grace/res") == []
    peer.client.publish(topic, b"", qos=1, retain=True)


def test_one_console_at_two_nodes(broker: Mosquitto, node: BridgedNode, tmp_path: Any) -> None:
    from app.settings import NodeSettings, Settings

    second = Settings(node=NodeSettings(name="second"))
    with bridged_node(tmp_path / "second", broker, settings=second) as other:
        desks = [desk_at(broker, one, "grace", enrolled(one, "grace")) for one in (node, other)]
        fleet = FleetDesk(desks, SystemClock())
        with heartbeat(fleet.tick, 0.05):
            until(lambda: all(d.snapshot().health.state != "frozen" for d in desks), "both")
            there = Peer(broker, other.name)
            there.submit(**QUESTION)
            until(lambda: desks[1].snapshot().waiting, "what waits at the second")
            assert not desks[0].snapshot().waiting
            there.close()
        fleet.close()
