"""The broker dies, forgets, hangs, or is taken over: nothing is lost, and nothing is done twice."""

import contextlib
import socket
import time
from pathlib import Path

import pytest

from app.bridge.bridge import Bridge
from app.intake.mqtt import Target
from tests.bridge.peer import BridgedNode, Peer, bridged_node
from tests.bridge.test_requests import QUESTION, verdict, verdicts
from tests.broker import Mosquitto
from tests.support import until


def start_again(node: BridgedNode, broker: Mosquitto) -> None:
    target = Target(host="127.0.0.1", port=broker.port, client_id=f"assent-{node.name}")
    node.bridge.stop()
    node.bridge = Bridge(node.running.node, target)
    node.bridge.start()


@pytest.mark.fault(36)
def test_a_broker_killed_after_its_acknowledgement_costs_a_resubmission(
    broker: Mosquitto, node: BridgedNode, peer: Peer
) -> None:
    node.bridge.stop()
    body = peer.body("get_weather", {"city": "Oslo"})
    peer.send(body)
    until(lambda: not peer.client._out_messages, "the acknowledgement")
    broker.kill()
    broker.start()
    start_again(node, broker)
    until(lambda: node.bridge.connected, "the bridge")

    def resubmitted() -> bool:
        body["attempt"] += 1
        peer.send(body)
        time.sleep(0.2)
        return bool(verdicts(peer, body["request_id"]))

    until(resubmitted, "the verdict")
    assert len(node.entries("verdict")) == 1


@pytest.mark.fault(38)
def test_a_broker_that_forgot_the_session_gets_everything_anew(
    broker: Mosquitto, node: BridgedNode, peer: Peer
) -> None:
    request_id = peer.submit(**QUESTION)
    peer.reply(request_id, "pending")
    broker.stop()
    until(lambda: not node.bridge.connected, "the loss")
    until(lambda: "bridge" in node.conditions(), "the condition")
    node.running.answer(node.running.waiting("query"), "approve")
    for kept in broker.folder.glob("*.db"):
        kept.unlink()
    broker.start()
    until(lambda: node.bridge.connected, "the bridge")
    assert verdict(peer.reply(request_id, "verdict"))["verdict"] == "allow"
    assert "bridge" not in node.conditions()
    assert peer.reply(peer.submit())["kind"] == "verdict"


def test_what_was_decided_before_a_restart_is_sent_after_it(
    tmp_path: Path, broker: Mosquitto
) -> None:
    with bridged_node(tmp_path / "home", broker) as node:
        peer = Peer(broker, node.name)
        request_id = peer.submit(**QUESTION)
        peer.reply(request_id, "pending")
        node.bridge.stop()
        node.running.answer(node.running.waiting("query"), "approve")
    with bridged_node(tmp_path / "home", broker):
        assert verdict(peer.reply(request_id, "verdict"))["verdict"] == "allow"
    peer.close()


@pytest.mark.fault(43)
def test_another_client_under_the_nodes_id_raises_an_alert(
    broker: Mosquitto, node: BridgedNode
) -> None:
    thief = Peer(broker, node.name, "thief", client_id=f"assent-{node.name}")
    until(lambda: "bridge-takeover" in node.conditions(), "the condition")
    thief.close()
    until(lambda: node.bridge.connected, "the bridge again")


@pytest.mark.fault(52)
def test_a_connection_that_is_half_open_is_noticed(tmp_path: Path, broker: Mosquitto) -> None:
    """Within one and a half keep-alive times, of two seconds here."""
    with bridged_node(tmp_path / "home", broker, keep_alive_s=2) as node:
        broker.pause()
        until(lambda: not node.bridge.connected, "the loss")
        assert "broker" in until(lambda: node.conditions().get("bridge"), "the condition")
        broker.resume()
        until(lambda: node.bridge.connected, "the bridge")


@pytest.mark.fault(53)
def test_sockets_that_say_nothing_hold_up_nobody(broker: Mosquitto, peer: Peer) -> None:
    with contextlib.ExitStack() as opened:
        for _ in range(200):
            opened.enter_context(
                contextlib.closing(socket.create_connection(("127.0.0.1", broker.port)))
            )
        assert peer.reply(peer.submit())["kind"] == "verdict"


def test_local_work_goes_on_while_the_broker_is_away(broker: Mosquitto, node: BridgedNode) -> None:
    from components.actions import Action

    broker.stop()
    until(lambda: not node.bridge.connected, "the loss")
    action = Action(tool="get_weather", arguments={"city": "Oslo"}, request="weather")
    assert node.running.ask(action).result().allowed
    broker.start()
    until(lambda: node.bridge.connected, "the bridge")


def test_a_node_whose_broker_was_never_there_runs_and_says_so(tmp_path: Path) -> None:
    from tests.support import running_node

    with running_node(tmp_path / "home") as running:
        name = running.node.identity.node
        with contextlib.closing(socket.socket()) as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            bridge = Bridge(running.node, Target(host="127.0.0.1", port=port, client_id=name))
            bridge.start()
            conditions = running.node.engine.conditions
            until(
                lambda: [one for one in conditions.active() if one.name == "bridge"],
                "the condition",
            )
            assert running.node.engine.monitor.gauges()["bridge.down"] == 1.0
            bridge.stop()
