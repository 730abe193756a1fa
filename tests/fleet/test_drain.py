"""A node that is drained: nothing new is taken, what waits is decided, and only operators may."""

import base64
import json
import threading
import time

import pytest
from nacl.signing import SigningKey

from app.cli.node_actions import exchange, status
from app.intake import wire
from app.intake.client import new_request_id
from components.actions import Action
from components.audit_system import Query, query
from components.canonical import digest
from components.gate import COMMAND_TYPE, TurnedAway, sign_command
from components.keys import TrustedKey, key_id, sign_dsse, update_keyring
from storage import open_reader
from tests.support import running_node, until, with_client

SAFE = Action(tool="read_file", arguments={"path": "notes.txt"})
DESTRUCTIVE = Action(tool="query", arguments={"sql": "DROP TABLE customers"})


@pytest.fixture
def node(tmp_path):
    with running_node(tmp_path) as running:
        yield running


def now():
    return time.time_ns() // 1000


def submit(node, action=SAFE, **changes):
    """A submission as it goes over the wire, without a client that tries again."""
    name = node.node.identity.node
    body = {
        "node": name, "agent": "raw", "request_id": new_request_id(now()), "attempt": 1,
        "nonce": "n" * 22, "issued_at": now(), "expires_at": now() + 30_000_000,
        "action": wire.ProposedAction(action.tool, action.arguments),
        "action_digest": digest(name, "raw", action.tool, action.arguments),
    } | changes  # fmt: skip
    return exchange(node.home, wire.Submit(**body))


def operate(node, envelope):
    message = wire.Operate(request_id=new_request_id(now()), envelope=json.loads(envelope))
    return exchange(node.home, message)


def an_order(at, order="drain", /, **changes):
    """An order of the console's own operator; changed, it is signed all the same."""
    identity = at.node.identity
    key = changes.pop("key", identity.operator_key)
    envelope = sign_command(identity.node, order, identity.operator, key, now())
    if not changes:
        return envelope
    payload = json.loads(base64.b64decode(json.loads(envelope)["payload"])) | changes
    return sign_dsse(COMMAND_TYPE, json.dumps(payload).encode(), key, key_id(bytes(key.verify_key)))


def entries(node, kind):
    reader = open_reader(node.home)
    try:
        return query(reader, Query(kind=kind), None, 100_000)
    finally:
        reader.close()


def test_a_drained_node_takes_nothing_new_and_says_so(assent, node):
    first = submit(node)
    assert isinstance(first, wire.VerdictReply)
    said, out, _ = assent(node.home, "node", "drain", "--json")
    found = json.loads(out)
    assert (said, found["state"], found["waiting"]) == (0, "draining", 0)
    assert found["head"]["entries"] == node.node.audit.head.size
    assert node.node.fresh_snapshot().health.state == "draining"
    refused = submit(node)
    assert isinstance(refused, wire.ErrorReply)
    assert (refused.code, refused.reason) == (429, "this node is draining")
    assert refused.retryable
    assert refused.retry_after_ms > 0
    assert any(isinstance(event, TurnedAway) for event in node.events)
    # What was decided is answered again, and may be used.
    again = submit(node, request_id=first.request_id, attempt=2)
    assert bytes(again.envelope) == bytes(first.envelope)
    (entry,) = entries(node, "node.draining")
    assert entry.entry.operator == node.node.identity.operator
    assert entry.entry.detail["key_id"] == key_id(bytes(node.node.identity.operator_key.verify_key))
    assert assent(node.home, "node", "resume")[0] == 0
    assert isinstance(submit(node), wire.VerdictReply)
    assert len(entries(node, "node.resumed")) == 1


def test_what_waits_is_decided_while_the_drain_is_waited_for(assent, node):
    asking = [node.ask(DESTRUCTIVE, agent=f"agent-{number}") for number in range(3)]
    until(lambda: status(node.home).waiting == 3)

    def decide():
        until(lambda: status(node.home).state == "draining")
        for _ in asking:
            node.answer(node.waiting(), "approve")

    deciding = threading.Thread(target=decide)
    deciding.start()
    said, out, err = assent(node.home, "node", "drain", "--wait", "--json")
    deciding.join()
    assert (said, json.loads(out)["waiting"], err) == (0, 0, "")
    assert all(one.result().allowed for one in asking)
    assert status(node.home).waiting == 0


def test_what_nobody_decides_expires_and_the_drain_ends(assent, node):
    asking = node.ask(DESTRUCTIVE, timeout_s=1.0)
    until(lambda: status(node.home).waiting == 1)
    assert assent(node.home, "node", "drain", "--wait")[0] == 0
    assert asking.result().verdict == "expired"


def test_under_load_each_submission_is_decided_or_refused(assent, node):
    answered = []
    drained = threading.Event()

    def load():
        while not drained.is_set():
            answered.append(submit(node, agent="raw"))
        answered.append(submit(node, agent="raw"))

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    until(lambda: len(answered) > 20)
    assert assent(node.home, "node", "drain", "--wait")[0] == 0
    at = node.node.audit.head.size
    drained.set()
    for thread in threads:
        thread.join()
    assert node.node.audit.head.size == at
    verdicts = [one for one in answered if isinstance(one, wire.VerdictReply)]
    refused = [one for one in answered if isinstance(one, wire.ErrorReply)]
    assert len(verdicts) + len(refused) == len(answered)
    assert {one.code for one in refused} == {429}
    assert len(entries(node, "verdict")) == len(verdicts)


def test_a_drain_does_not_survive_a_restart(assent, tmp_path):
    with running_node(tmp_path) as node:
        assert assent(tmp_path, "node", "drain")[0] == 0
        order = an_order(node, "drain")
    with running_node(tmp_path) as node:
        assert status(tmp_path).state == "open"
        late = operate(node, order)
        assert (late.code, status(tmp_path).state) == (408, "open")


def test_who_is_no_operator_cannot_drain(node):
    other = SigningKey(b"x" * 32)
    name = node.node.identity.operator
    update_keyring(
        node.node.identity.keyring_path,
        lambda ring: ring.enrol(
            TrustedKey(principal="eve", public=bytes(SigningKey(b"e" * 32).verify_key))
        ),
    )
    agent = sign_command(node.node.identity.node, "drain", name, other, now())
    forged = json.loads(an_order(node))
    forged["payload"] = base64.b64encode(
        base64.b64decode(forged["payload"]).replace(b"drain", b"resume")
    ).decode()
    for envelope, code in (
        (agent, 401),
        (json.dumps(forged), 401),
        (an_order(node, key=SigningKey(b"e" * 32)), 401),
        (an_order(node, node="other"), 404),
        (an_order(node, operator="eve"), 401),
        (an_order(node, issued_at=now() - 61_000_000), 408),
        (an_order(node, issued_at=now() + 61_000_000), 408),
        (an_order(node, order="stop"), 422),
        (an_order(node, more=1), 422),
        (an_order(node, nonce="short"), 422),
        ("{}", 401),
    ):
        refused = operate(node, envelope)
        assert isinstance(refused, wire.ErrorReply), envelope
        assert refused.code == code, envelope
    assert status(node.home).state == "open"
    assert entries(node, "node.draining") == []


@pytest.mark.fault(56)
def test_a_command_that_is_replayed_is_refused(node):
    order = an_order(node, "drain")
    assert isinstance(operate(node, order), wire.Operated)
    assert isinstance(operate(node, an_order(node, "resume")), wire.Operated)
    again = operate(node, order)
    assert (again.code, status(node.home).state) == (410, "open")


@pytest.mark.fault(67)
def test_a_revoked_or_observing_key_commands_nothing(node):
    identity = node.node.identity
    mine = key_id(bytes(identity.operator_key.verify_key))
    update_keyring(identity.keyring_path, lambda ring: ring.revoke(mine))
    assert operate(node, an_order(node)).code == 401
    watcher = SigningKey(b"v" * 32)
    update_keyring(
        identity.keyring_path,
        lambda ring: ring.enrol(
            TrustedKey(principal="vera", public=bytes(watcher.verify_key), observer=True)
        ),
    )
    assert operate(node, an_order(node, key=watcher, operator="vera")).code == 401
    assert status(node.home).state == "open"


def test_the_command_without_a_node_or_a_key_says_so(assent, tmp_path):
    assert assent(tmp_path, "node", "status")[0] == 5
    assert assent(tmp_path, "node", "drain")[0] == 2
    with running_node(tmp_path):
        said, out, _ = assent(tmp_path, "node", "status")
        assert (said, "is open" in out) == (0, True)
        (key,) = (tmp_path / "operators").glob("*.key")
        key.rename(key.with_suffix(".gone"))
        said, out, _ = assent(tmp_path, "node", "drain", "--json")
        assert (said, json.loads(out)["ok"]) == (2, False)
        pub = tmp_path / "node.pub"
        pub.write_text("another\n")
        assert assent(tmp_path, "node", "status")[0] == 5


def test_a_client_waits_for_a_node_that_drains(assent, node):
    assert assent(node.home, "node", "drain")[0] == 0
    denied = with_client(node.home, lambda client: client.ask(SAFE, timeout_s=0.5))
    assert not denied.allowed
    asking = node.ask(SAFE)
    until(lambda: any(isinstance(one, TurnedAway) and one.agent == "tester" for one in node.events))
    assert assent(node.home, "node", "resume")[0] == 0
    assert asking.result().allowed


@pytest.mark.parametrize("order", ["accept", "dismiss"])
def test_an_order_about_no_proposal_is_refused(node, order):
    reply = operate(node, an_order(node, order, arguments={"id": "x", "mark": "y", "why": "z"}))
    assert isinstance(reply, wire.ErrorReply)
    assert (reply.code, "not proposed" in reply.reason) == (404, True)
    assert isinstance(operate(node, an_order(node, order)), wire.ErrorReply)
    assert not entries(node, f"proposal.{order}ed")


def test_a_drain_that_could_not_be_recorded_is_in_force_and_recorded_when_ordered_again(node):
    writer = node.node.store.writer
    writer.freeze("a test says so")
    refused = operate(node, an_order(node))
    assert isinstance(refused, wire.ErrorReply)
    assert "not recorded" in refused.reason
    assert node.node.engine.core.draining
    writer.thaw(node.node.audit.reload)
    assert entries(node, "node.draining") == []
    operate(node, an_order(node))
    assert len(entries(node, "node.draining")) == 1
    operate(node, an_order(node))
    assert len(entries(node, "node.draining")) == 1
