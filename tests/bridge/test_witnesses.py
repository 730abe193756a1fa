"""Nodes that cosign each other's logs over a broker."""

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest

from app.bridge.cosigning import Pace
from app.broker.settings import MqttSettings
from app.cli import main
from app.home import WITNESS_FOLDER
from app.settings import NodeSettings, Settings
from components.actions import Action
from components.audit_system import Cosigned, conflicts, cosignatures, parse_witness_key
from components.clock import SystemClock
from components.keys import load_or_create_key, parse_verifier_key
from tests.bridge.peer import BridgedNode, Peer, bridged_node
from tests.broker import Mosquitto
from tests.support import running_node, until

QUICK = Pace(every_s=0.2)
WEATHER = Action(tool="get_weather", arguments={"city": "Oslo"}, request="weather")


class Place:
    """A home whose key is made, and its node when it is bridged."""

    def __init__(self, folder: Path, name: str) -> None:
        self.home = folder / name
        self.name = name
        self.pub = self.home / "node.pub"
        with running_node(self.home, self.settings()):
            pass

    def settings(self, **mqtt: Any) -> Settings:
        return Settings(node=NodeSettings(name=self.name), mqtt=MqttSettings(**mqtt))

    @contextlib.contextmanager
    def bridged(
        self,
        broker: Mosquitto,
        *,
        witnesses: tuple["Place", ...] = (),
        of: tuple["Place", ...] = (),
        pace: Pace = QUICK,
    ) -> Iterator[BridgedNode]:
        settings = self.settings(
            witnesses=tuple(str(one.pub) for one in witnesses),
            witness_of=tuple(str(one.pub) for one in of),
        )
        with bridged_node(self.home, broker, settings=settings, pace=pace) as node:
            yield node

    def cosigned(self, *witnesses: "Place") -> int:
        """Of how many entries the log was when all of these had last cosigned it."""
        kept = Cosigned(self.home / WITNESS_FOLDER).newest()
        if kept is None:
            return 0
        keys = [parse_witness_key(one.pub.read_text()) for one in witnesses]
        return kept.size if len(cosignatures(kept.note, keys)) == len(keys) else 0


@pytest.fixture
def log(tmp_path: Path) -> Place:
    return Place(tmp_path, "log")


@pytest.fixture
def witness(tmp_path: Path) -> Place:
    return Place(tmp_path, "w1")


def grow(node: BridgedNode, by: int = 3) -> int:
    """Let a log grow; its size then."""
    for _ in range(by):
        assert node.running.ask(WEATHER).result().allowed
    return node.running.node.audit.head.size


def test_a_log_is_cosigned_while_it_grows(
    broker: Mosquitto, tmp_path: Path, log: Place, witness: Place,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    other = Place(tmp_path, "w2")
    with (
        log.bridged(broker, witnesses=(witness, other)) as node,
        witness.bridged(broker, of=(log,)),
        other.bridged(broker, of=(log,)),
    ):
        for _ in range(3):
            size = grow(node)
            until(lambda size=size: log.cosigned(witness, other) >= size, "both cosignatures")
        assert node.bridge.ignored == 0
        told = Peer(broker, "log", "watcher")
        told.listen("assent/1/log/checkpoint", "assent/1/+/cosign/log")
        until(lambda: told.on("checkpoint"), "the checkpoint")
        assert set(told.on("checkpoint")[0]["proofs"]) == {"w1", "w2"}
        assert told.heard[0][2].retain
        told.close()
    monkeypatch.setenv("ASSENT_HOME", str(log.home))
    both = ["--witness", str(witness.pub), "--witness", str(other.pub)]
    assert main(["audit", "verify", *both, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["cosigned"] >= size
    assert {one["name"] for one in found["witnesses"]} == {"w1", "w2"}


def test_two_nodes_cosign_each_other(broker: Mosquitto, log: Place, witness: Place) -> None:
    with (
        log.bridged(broker, witnesses=(witness,), of=(witness,)) as one,
        witness.bridged(broker, witnesses=(log,), of=(log,)) as other,
    ):
        sizes = grow(one), grow(other)
        until(lambda: log.cosigned(witness) >= sizes[0], "one")
        until(lambda: witness.cosigned(log) >= sizes[1], "the other")


def test_without_witnesses_the_checkpoint_has_no_proofs(broker: Mosquitto, log: Place) -> None:
    with log.bridged(broker) as node:
        peer = Peer(broker, "log", "watcher")
        peer.listen("assent/1/log/checkpoint")
        size = grow(node)
        until(
            lambda: (
                peer.on("checkpoint")
                and f"log\n{size}\n" in peer.on("checkpoint")[-1]["checkpoint"]
            ),
            "the newest",
        )
        assert all(set(one) == {"v", "node", "checkpoint"} for one in peer.on("checkpoint"))
        peer.close()


def test_a_witness_that_was_away_goes_on_where_it_was(
    broker: Mosquitto, log: Place, witness: Place
) -> None:
    with log.bridged(broker, witnesses=(witness,)) as node:
        for _ in range(2):
            with witness.bridged(broker, of=(log,)):
                size = grow(node)
                until(lambda size=size: log.cosigned(witness) >= size, "the cosignature")
            grow(node, 10)
    # Both were away, and the log has grown meanwhile.
    with witness.bridged(broker, of=(log,)), log.bridged(broker, witnesses=(witness,)) as node:
        size = grow(node)
        until(lambda: log.cosigned(witness) >= size, "the cosignature")
    assert conflicts(witness.home / WITNESS_FOLDER) == ()


def test_a_broker_that_forgot_and_a_witness_that_forgot(
    broker: Mosquitto, log: Place, witness: Place
) -> None:
    with log.bridged(broker, witnesses=(witness,)) as node:
        with witness.bridged(broker, of=(log,)):
            size = grow(node)
            until(lambda: log.cosigned(witness) >= size, "the cosignature")
            broker.stop()
            (broker.folder / "mosquitto.db").unlink()
            broker.start()
            until(lambda: node.bridge.connected, "the bridge")
            more = grow(node)
            until(lambda: log.cosigned(witness) >= more, "the cosignature after that")
        shutil.rmtree(witness.home / WITNESS_FOLDER)
        with witness.bridged(broker, of=(log,)):
            most = grow(node)
            until(lambda: log.cosigned(witness) >= most, "one of a witness that begins anew")


@pytest.mark.parametrize("longer", [False, True])
def test_a_log_that_was_rewritten_is_caught(
    broker: Mosquitto, tmp_path: Path, log: Place, witness: Place, longer: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Its key is the same, and what it signs now leaves out what was cosigned."""
    with witness.bridged(broker, of=(log,)) as watching:
        with log.bridged(broker, witnesses=(witness,)) as node:
            size = grow(node, 10)
            until(lambda: log.cosigned(witness) >= size, "the cosignature")
        other = tmp_path / "again" / "log"
        other.mkdir(parents=True)
        for name in ("node.key", "node.pub"):
            shutil.copy2(log.home / name, other / name)
        again = Place(tmp_path / "again", "log")
        if longer:
            with running_node(again.home, again.settings()) as running:
                for _ in range(size):
                    assert running.ask(WEATHER).result().allowed
        with again.bridged(broker, witnesses=(witness,)) as node:
            grow(node, 1)
            text = until(lambda: watching.conditions().get("witness.log"), "the condition")
            assert "shows two histories" in text
            if not longer:
                text = until(lambda: node.conditions().get("log-shorter"), "its own condition")
                assert f"{again.cosigned(witness)} entries of this log were cosigned" in text
        monkeypatch.setenv("ASSENT_HOME", str(again.home))
        assert main(["audit", "verify", "--witness", str(witness.pub)]) == 1
    (caught,) = conflicts(witness.home / WITNESS_FOLDER)
    assert caught.origin == "log"


def test_a_witness_that_is_late_is_told_of_until_it_comes(
    broker: Mosquitto, log: Place, witness: Place
) -> None:
    pace = Pace(every_s=0.2, late_s=1.0)
    with log.bridged(broker, witnesses=(witness,), pace=pace) as node:
        text = until(lambda: node.conditions().get("witness-late"), "the condition")
        assert "by w1 no more" in text
        with witness.bridged(broker, of=(log,)):
            until(lambda: "witness-late" not in node.conditions(), "its end")


RUBBISH = [
    b"", b"[]", b"\xff\xfe", b"{" * 5000, b'{"v":1}', b"x" * 300_000,
    b'{"v":1,"node":"w1","size":-1,"note":""}',
    b'{"v":1,"node":"w1","size":1,"size":2,"note":""}',
    b'{"v":2,"node":"w1","size":1,"note":""}',
    b'{"v":1,"node":"other","size":1,"note":""}',
    b'{"v":1,"node":"w1","size":1,"note":"no note"}',
    b'{"v":1,"node":"log","checkpoint":"no note"}',
    b'{"v":1,"node":"log","checkpoint":"no note","proofs":{"w1":"old x\\n"}}',
    b'{"v":1,"node":"log","checkpoint":"no note","proofs":[]}',
]  # fmt: skip


def test_bodies_that_cannot_be_read_are_counted_and_do_no_harm(
    broker: Mosquitto, log: Place, witness: Place
) -> None:
    hostile = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    hostile.connect("127.0.0.1", broker.port)
    hostile.loop_start()
    with (
        log.bridged(broker, witnesses=(witness,)) as node,
        witness.bridged(broker, of=(log,)) as watching,
    ):
        quiet = grow(node)
        until(lambda: log.cosigned(witness) >= quiet, "the cosignature")
        for body in RUBBISH:
            before = node.bridge.ignored, watching.bridge.ignored
            for place in ("w1/cosign/log", "log/checkpoint"):
                hostile.publish(f"assent/1/{place}", body, 1, retain=True)
            until(
                lambda before=before: (
                    node.bridge.ignored > before[0] and watching.bridge.ignored > before[1]
                ),
                f"{body[:60]!r}",
            )
        size = grow(node)
        until(lambda: log.cosigned(witness) >= size, "the cosignature")
        assert "bridge" not in {**node.conditions(), **watching.conditions()}
    hostile.disconnect()
    hostile.loop_stop()


def test_a_witness_that_lies_about_its_size_is_only_unproved(
    broker: Mosquitto, log: Place, witness: Place
) -> None:
    """It can spoil its own cosignatures and nothing else: the log tells its checkpoint to all."""
    other = Place(log.home.parent, "w2")
    hostile = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    hostile.connect("127.0.0.1", broker.port)
    hostile.loop_start()
    with (
        log.bridged(broker, witnesses=(witness, other)) as node,
        other.bridged(broker, of=(log,)),
    ):
        lie = b'{"v":1,"node":"w1","size":9007199254740991,"note":""}'
        hostile.publish("assent/1/w1/cosign/log", lie, 1, retain=True).wait_for_publish(10)
        size = grow(node)
        until(lambda: log.cosigned(other) >= size, "the cosignature of the other")
    hostile.disconnect()
    hostile.loop_stop()


def test_a_cosignature_by_another_key_is_not_kept(
    broker: Mosquitto, tmp_path: Path, log: Place, witness: Place
) -> None:
    from components.audit_system import Witness

    stranger = load_or_create_key(tmp_path / "stranger.key", may_create=True)
    with log.bridged(broker, witnesses=(witness,)) as node:
        head = node.running.node.audit.head
        vkey = str(parse_verifier_key(log.pub.read_text()))
        forged = Witness(tmp_path / "x", "w1", stranger, SystemClock()).cosign(head.note, vkey)
        peer = Peer(broker, "w1", "w1")
        body = {"v": 1, "node": "w1", "size": head.size, "note": forged}
        peer.client.publish("assent/1/w1/cosign/log", json.dumps(body), 1, retain=True)
        until(lambda: node.bridge.ignored == 1, "the refusal")
        assert log.cosigned(witness) == 0
        peer.close()
