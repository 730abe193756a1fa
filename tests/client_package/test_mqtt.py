"""The client against a real node, over a real broker."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from assent_client import Assent, AsyncAssent, gated
from nacl.signing import SigningKey
from paho.mqtt import publish
from paho.mqtt.client import MQTTv5

from app.broker.settings import located
from app.home import NODE_PUB_NAME
from components.clock import SystemClock
from components.keys import key_id, sign_dsse, verifier_key
from tests.bridge.peer import BridgedNode, Peer, bridged_node
from tests.broker import Mosquitto, mosquitto, secured, settings_of
from tests.client_package.asking import ASKED, BLOCKED, HARMLESS, Under
from tests.support import until

STATUS_TYPE = "application/vnd.assent.status.v1+json"


@pytest.fixture
def bridged(home: Path, broker: Mosquitto) -> Iterator[BridgedNode]:
    with bridged_node(home, broker) as node:
        yield node


@pytest.fixture
def assent(home: Path, broker: Mosquitto, bridged: BridgedNode) -> Iterator[Assent]:
    with connected(home, broker, bridged.name) as client:
        yield client


def connected(home: Path, broker: Mosquitto, node: str, **more: Any) -> Assent:
    options = {"key": home / NODE_PUB_NAME, "agent": "tester", "timeout_s": 60.0} | more
    return Assent(broker.url, node=node, **options)


def test_the_real_gate_answers_by_rule(bridged: BridgedNode, assent: Assent) -> None:
    allowed, denied = assent.ask(*HARMLESS), assent.ask(*BLOCKED)
    assert allowed.allowed
    assert denied.verdict == "deny"
    assert denied.rule != "client"
    assert [assent.consume(allowed) for _ in range(2)] == [True, False]
    assert assent.outcome(allowed, True, 1200)
    assert not assent.outcome(denied, True, 1200)


def test_a_person_answers_and_changes(bridged: BridgedNode, assent: Assent) -> None:
    asking = Under(lambda: assent.ask(*ASKED))
    view = bridged.running.waiting("query")
    bridged.running.answer(view, "modify", arguments={"sql": "SELECT 1"})
    permission = asking.result()
    assert (permission.allowed, permission.modified) == (True, True)
    assert permission.arguments == {"sql": "SELECT 1"}


async def test_async_and_gated_alike_and_many_at_once(
    bridged: BridgedNode, home: Path, broker: Mosquitto
) -> None:
    key = home / NODE_PUB_NAME
    async with AsyncAssent(broker.url, "tester", node=bridged.name, key=key) as assent:
        found = await asyncio.gather(*(assent.ask(*HARMLESS) for _ in range(50)))
        assert all(permission.allowed for permission in found)

        @gated(assent=assent, consume=True)
        async def get_weather(city: str) -> str:
            return city

        assert await get_weather("Oslo") == "Oslo"
        asking = asyncio.create_task(assent.ask(*ASKED))
        await asyncio.to_thread(bridged.running.waiting, "query")
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    assert not bridged.running.node.engine.queue.pending(10)


def test_requests_carry_what_the_protocol_says(
    bridged: BridgedNode, assent: Assent, broker: Mosquitto
) -> None:
    watcher = Peer(broker, bridged.name, "watcher")
    watcher.listen(f"assent/1/{bridged.name}/req/+")
    permission = assent.ask(*HARMLESS, timeout_s=40)
    topic, payload, message = until(lambda: list(watcher.heard), "the request")[0]
    watcher.close()
    assert (topic, message.qos, message.retain) == (f"assent/1/{bridged.name}/req/tester", 1, False)
    found = message.properties
    assert found is not None
    assert found.ContentType == "application/vnd.assent.v1+json"
    assert found.PayloadFormatIndicator == 1
    assert found.CorrelationData.decode() == permission.request_id
    assert found.ResponseTopic == f"assent/1/{bridged.name}/res/tester"
    assert 1 <= found.MessageExpiryInterval <= 40
    assert json.loads(payload)["attempt"] == 1


def test_a_node_that_restarts_in_mid_wait_answers_the_same_request_once(
    home: Path, broker: Mosquitto
) -> None:
    with bridged_node(home, broker) as first:
        assent = connected(home, broker, first.name)
        asking = Under(lambda: assent.ask(*ASKED))
        before = first.running.waiting("query")
    with bridged_node(home, broker) as second:
        after = second.running.waiting("query")
        assert after.id == before.id
        second.running.answer(after, "approve")
        permission = asking.result()
        assert permission.allowed
        assert assent.consume(permission)
        assent.close()


@pytest.mark.fault(36, 38)
def test_fault_36_a_broker_killed_in_mid_wait_forgets_and_is_told_again(
    bridged: BridgedNode, assent: Assent, broker: Mosquitto
) -> None:
    asking = Under(lambda: assent.ask(*ASKED))
    view = bridged.running.waiting("query")
    broker.kill()
    bridged.running.answer(view, "approve")
    broker.start()
    assert asking.result().allowed
    with contextlib.closing(bridged.running.node.store.reader()) as reader:
        assert reader.execute("SELECT count(*) FROM requests").fetchone() == (1,)


@pytest.mark.fault(51)
def test_fault_51_no_broker_no_node_or_a_node_gone_denies_at_the_deadline(
    home: Path, broker: Mosquitto
) -> None:
    with bridged_node(home, broker) as node:
        name = node.name
    with connected(home, broker, name) as assent:
        permission = assent.ask(*HARMLESS, timeout_s=1)
        assert (permission.verdict, permission.rule) == ("expired", "client")
        assert "the node is offline" in permission.reasons[0]
        assert not assent.consume(permission)
        broker.stop()
        permission = assent.ask(*HARMLESS, timeout_s=1)
        assert permission.verdict == "expired"
        assert "the broker cannot be reached" in permission.reasons[0]
        broker.start()
        with bridged_node(home, broker):
            assert assent.ask(*HARMLESS).allowed


def status(node: str, signer: SigningKey, **changed: Any) -> bytes:
    now = SystemClock().now()
    said = {
        "v": 1, "node": node, "state": "open", "epoch": 5, "valid_until": now + 30_000_000,
        "key": verifier_key(node, signer),
    } | changed  # fmt: skip
    return sign_dsse(
        STATUS_TYPE, json.dumps(said).encode(), signer, key_id(bytes(signer.verify_key))
    )


class Stage:
    """A broker on which nobody is but who says what the node's status is."""

    def __init__(self, home: Path, broker: Mosquitto) -> None:
        self.key = SigningKey.generate()
        self.broker = broker
        self.heard = Peer(broker, "n1", "watcher")
        self.heard.listen("assent/1/n1/req/tester")
        (home / NODE_PUB_NAME).write_text(verifier_key("n1", self.key))

    def say(self, payload: bytes) -> None:
        publish.single(
            "assent/1/n1/status", payload, qos=1, retain=True, port=self.broker.port,
            hostname="127.0.0.1", protocol=MQTTv5,
        )  # fmt: skip

    def asked(self) -> set[str]:
        """The ids of the submissions that came."""
        bodies = [json.loads(payload) for _, payload, _ in tuple(self.heard.heard)]
        return {body["request_id"] for body in bodies if body.get("kind") == "submit"}


@pytest.fixture
def stage(home: Path, broker: Mosquitto) -> Iterator[Stage]:
    made = Stage(home, broker)
    yield made
    made.heard.close()


@pytest.mark.parametrize(
    "made",
    [
        lambda key: status("n1", SigningKey.generate()),
        lambda key: status("n2", key),
        lambda key: status("n1", key, key="another"),
        lambda key: status("n1", key, valid_until=1),
        lambda key: status("n1", key, valid_until=2**60),
        lambda key: status("n1", key, state="offline"),
        lambda key: status("n1", key, v=2),
        lambda key: b'{"v":1,"state":"open","node":"n1","epoch":9,"valid_until":9000000000000000}',
        lambda key: b'{"v":1,"state":"offline"}',
        lambda key: b"[]",
        lambda key: b"\xff",
    ],
)
def test_what_is_no_open_status_of_the_pinned_node_opens_nothing(
    home: Path, broker: Mosquitto, stage: Stage, made: Callable[[SigningKey], bytes]
) -> None:
    stage.say(made(stage.key))
    with connected(home, broker, "n1", timeout_s=0.7) as assent:
        permission = assent.ask(*HARMLESS)
    assert (permission.verdict, permission.rule) == ("expired", "client")
    assert not stage.asked()


def test_an_older_epoch_is_refused_and_a_will_only_closes(
    home: Path, broker: Mosquitto, stage: Stage
) -> None:
    stage.say(status("n1", stage.key))
    with connected(home, broker, "n1") as assent:
        Under(lambda: assent.ask(*HARMLESS))
        until(stage.asked, "a submission")
        stage.say(b'{"v":1,"state":"offline"}')
        stage.say(status("n1", stage.key, epoch=4))
        while (refused := assent.ask(*HARMLESS, timeout_s=0.5)).request_id in stage.asked():
            pass  # the will has not arrived yet
        assert "the node is offline" in refused.reasons[0]
        stage.say(status("n1", stage.key, epoch=6))
        before = stage.asked()
        Under(lambda: assent.ask(*HARMLESS))
        until(lambda: stage.asked() - before, "another submission")


def test_a_verdict_that_was_kept_by_the_broker_or_is_anothers_is_no_answer(
    home: Path, broker: Mosquitto, stage: Stage
) -> None:
    stage.say(status("n1", stage.key))
    with connected(home, broker, "n1", timeout_s=1) as assent:
        asking = Under(lambda: assent.ask(*HARMLESS))
        until(stage.asked)
        stage.heard.send(
            {"kind": "verdict", "request_id": "x", "envelope": {}},
            topic="assent/1/n1/res/tester",
        )
        stage.heard.send(b"\xff", "y", topic="assent/1/n1/res/tester")
        assert asking.result().verdict == "expired"


def test_a_wrong_password_is_denied_at_once(home: Path, tmp_path: Path) -> None:
    with mosquitto(tmp_path / "locked", passwords={"tester": "right"}) as broker:
        (home / NODE_PUB_NAME).write_text(verifier_key("n1", SigningKey.generate()))
        with connected(home, broker, "n1", password="wrong") as assent:
            permission = assent.ask(*HARMLESS)
        assert permission.verdict == "deny"
        assert "the broker refuses" in permission.reasons[0]


def test_what_the_broker_does_not_let_through_is_denied_at_once(home: Path, tmp_path: Path) -> None:
    acl = "pattern readwrite assent/1/n1/status\npattern read assent/1/n1/res/%u\n"
    with mosquitto(tmp_path / "strict", acl=acl) as broker:
        stage = Stage(home, broker)
        stage.say(status("n1", stage.key))
        with connected(home, broker, "n1") as assent:
            permission = assent.ask(*HARMLESS, timeout_s=20)
        stage.heard.close()
    assert permission.verdict == "deny"
    assert "the broker refuses what tester sends" in permission.reasons[0]


def test_the_key_of_another_node_is_told_at_once(home: Path, broker: Mosquitto) -> None:
    (home / NODE_PUB_NAME).write_text(verifier_key("n2", SigningKey.generate()))
    with connected(home, broker, "n1") as assent:
        assert "is the key of n2, not of n1" in assent.ask(*HARMLESS).reasons[0]


# paho leaves a socket to the collector when the handshake over it fails.
@pytest.mark.filterwarnings("ignore:unclosed <ssl:ResourceWarning")
@pytest.mark.fault(54)
def test_over_tls_with_a_certificate_and_not_without(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "secured"
    with secured(folder, node="n1", principals=[("tester", "agent")]) as broker:
        made = settings_of(broker, "tester")
        files = {
            "ca": str(located(folder, made.ca)),
            "cert": str(located(folder, made.cert)),
            "keyfile": str(located(folder, made.key)),
        }
        (home / NODE_PUB_NAME).write_text(verifier_key("n1", SigningKey.generate()))
        with connected(home, broker, "n1", timeout_s=3, **files) as assent:
            assert "the node is offline" in assent.ask(*HARMLESS).reasons[0]
        with connected(home, broker, "n1", timeout_s=2, ca=files["ca"]) as assent:
            assert "the broker" in assent.ask(*HARMLESS).reasons[0]
        with connected(home, broker, "n1", timeout_s=2) as assent:
            assert "CERTIFICATE_VERIFY_FAILED" in assent.ask(*HARMLESS).reasons[0]
        with connected(home, broker, "n1", ca="missing.pem") as assent:
            assert "certificate cannot be used" in assent.ask(*HARMLESS).reasons[0]


def test_behind_a_broker_node_and_key_are_named(broker: Mosquitto) -> None:
    with pytest.raises(TypeError, match="node"):
        Assent(broker.url, "tester")


@pytest.mark.parametrize("url", ["mqtts://", "mqtt://:1883", "mqtts://h:99999", "mqtt://h:x"])
def test_a_url_that_names_no_broker_is_told_at_once(url: str) -> None:
    with pytest.raises(ValueError, match=r"names no broker|[Pp]ort"):
        Assent(url, "tester", node="n1", key="node.pub")


@pytest.mark.parametrize("node", ["", "a/b", "n1#", "n" * 65])
def test_what_can_name_no_node_is_told_at_once(node: str) -> None:
    with pytest.raises(ValueError, match="cannot name a node"):
        Assent("mqtts://broker.example", "tester", node=node, key="node.pub")
