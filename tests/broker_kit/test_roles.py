"""Every role at a real broker: its own topics, and none of anybody else's."""

import pytest

from app.bridge.topics import Topics
from app.broker.roles import access_list
from tests.broker import Mosquitto, settings_of
from tests.broker_kit.peer import Peer

NODE, NODE_2 = Topics("node"), Topics("node-2")
DONE = ("Success", "No matching subscribers")

FEED = (
    NODE.events("gate"), NODE.metrics("gate"), NODE.alert("p99"), NODE.status, NODE.checkpoint,
)  # fmt: skip

MAY = {
    "alice": ("assent/1/node/req/alice", "assent/1/node-2/req/alice"),
    "olga": ("assent/1/node/op/olga/ans",),
    "watcher": (),
    "node": (
        NODE.response("alice"), NODE.item("olga"), NODE.result("olga"), NODE.cosign("node-2"),
        *FEED,
    ),
}  # fmt: skip
MAY_NOT = {
    "alice": (
        "assent/1/node/req/bob", NODE.response("alice"), NODE.response("bob"), NODE.status,
        NODE.checkpoint, NODE.events("gate"), "assent/1/node/op/alice/ans",
        "assent/1/node/op/olga/ans", "assent/1/alice/status", "assent/2/node/req/alice",
        "assent/1/node/req/alice/more", "elsewhere",
    ),
    "olga": (
        "assent/1/node/op/otto/ans", NODE.item("olga"), NODE.result("olga"), NODE.status,
        "assent/1/node/req/olga", "assent/1/olga/status",
    ),
    "watcher": (
        "assent/1/node/req/watcher", "assent/1/node/op/watcher/ans", "assent/1/watcher/status",
        NODE.status,
    ),
    "node": (
        NODE_2.status, NODE_2.cosign("node"), NODE_2.response("alice"),
        "assent/1/node-2/req/node", "elsewhere",
    ),
}  # fmt: skip


def refused(broker: Mosquitto, name: str, topics: tuple[str, ...]) -> set[str]:
    with Peer(settings_of(broker, name)) as peer:
        answers = {topic: peer.publish(topic) for topic in topics}
    assert set(answers.values()) <= {*DONE, "Not authorized"}, answers
    return {topic for topic, answer in answers.items() if answer == "Not authorized"}


@pytest.mark.fault(44)
@pytest.mark.parametrize("name", MAY)
def test_a_principal_writes_to_its_own_topics_only(broker: Mosquitto, name: str) -> None:
    assert refused(broker, name, MAY[name]) == set()
    assert refused(broker, name, MAY_NOT[name]) == set(MAY_NOT[name])


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("alice", {NODE.response("alice")}),
        ("olga", {NODE.item("olga"), NODE.result("olga")}),
        ("watcher", set()),
        ("node-2", {NODE.cosign("node-2")}),
    ],
)
def test_a_principal_hears_its_own_topics_and_what_is_told_to_all(
    broker: Mosquitto, name: str, own: set[str]
) -> None:
    others = [NODE.response("bob"), NODE.item("otto"), NODE.result("otto"), NODE.cosign("node-3")]
    told = [*others, *own, *FEED]
    with Peer(settings_of(broker, name)) as peer, Peer(settings_of(broker, "node")) as node:
        peer.subscribe("#")
        for topic in told:
            node.publish(topic)
        heard = {peer.next()[0] for _ in range(len(own) + len(FEED))}
        assert heard == own | set(FEED)
        assert peer.received.empty()


def test_a_node_hears_requests_and_answers(broker: Mosquitto) -> None:
    with Peer(settings_of(broker, "node")) as node:
        node.subscribe(NODE.requests)
        node.subscribe(NODE.answers)
        with Peer(settings_of(broker, "alice")) as alice:
            alice.publish("assent/1/node/req/alice", b"ask")
        with Peer(settings_of(broker, "olga")) as olga:
            olga.publish("assent/1/node/op/olga/ans", b"yes")
        assert node.next() == ("assent/1/node/req/alice", b"ask")
        assert node.next() == ("assent/1/node/op/olga/ans", b"yes")


def test_an_agent_called_like_a_node_elsewhere_has_the_topics_of_an_agent() -> None:
    written = access_list([("node-9", "agent")])
    assert "assent/1/node-9/" not in written
    assert "pattern" not in [line.split()[0] for line in written.splitlines() if line]


def test_the_longest_verdict_passes_and_what_is_longer_is_told(broker: Mosquitto) -> None:
    from app.broker.configuration import LARGEST_PAYLOAD

    topic = NODE.response("alice")
    with Peer(settings_of(broker, "alice")) as alice, Peer(settings_of(broker, "node")) as node:
        alice.subscribe(topic)
        assert node.publish(topic, bytes(LARGEST_PAYLOAD)) == "Success"
        assert alice.next() == (topic, bytes(LARGEST_PAYLOAD))
        assert node.publish(topic, bytes(LARGEST_PAYLOAD + 1)) not in DONE
