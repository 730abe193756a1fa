"""A transport that loses, repeats, delays, reorders and forges: what is shown stays true."""

import base64
import json
import random
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

from app.remote.desk import RemoteDesk
from app.remote.sealing import Sealer
from app.remote.under_way import PATIENCE_S as COMMAND_PATIENCE_S
from app.remote.wire import Offered, Shot, Withdrawn, encode
from components.clock import ManualClock, SystemClock
from tests.remote.harness import DROP, MemoryLink, Remote, remote_node
from tests.support import PATIENCE_S, running_node, shown, until


def inside(envelope: bytes) -> dict[str, Any]:
    """The frame or command in an envelope."""
    body: dict[str, Any] = json.loads(base64.b64decode(json.loads(envelope)["payload"]))
    return body


def test_everything_twice_does_everything_once(remote: Remote) -> None:
    with remote.attached("ada") as ada:
        ada.link.up = ada.link.down = lambda message: [message, message]
        asking = remote.running.ask(DROP)
        view = ada.waiting("query")
        assert ada.desk.claim(view.id).result(PATIENCE_S) == "claimed"
        view = ada.waiting("query", lambda one: one.claimed_by == "ada")
        assert "approved" in ada.answer(view, "approve")
        assert asking.result().allowed
    kinds = [one.entry.kind for one in remote.entries(operator="ada")]
    assert kinds.count("decision.claim") == 1


@pytest.mark.fault(56)
def test_fault_56_a_replayed_answer_is_refused(remote: Remote) -> None:
    with remote.attached("ada") as ada:
        asking = remote.running.ask(DROP)
        view = ada.waiting("query")
        ada.answer(view, "reject", reason="no")
        asking.result()
        (kept,) = [one for one in ada.link.sent if inside(one)["method"] == "answer"]
        remote.running.ask(DROP)
        other = ada.waiting("query")
        before = len(remote.published)
        remote.hear("ada", kept)
        told = [inside(one) for _, _, one in remote.published[before:]]
        codes = [json.loads(one["piece"]).get("code") for one in told if one["stream"] == "result"]
        assert 410 in codes
        assert remote.node.engine.queue.get(other.id) is not None


@pytest.mark.parametrize("seed", range(3))
def test_what_is_lost_comes_later(remote: Remote, seed: int) -> None:
    dice = random.Random(seed)
    kept: list[bytes] = []

    def unsteady(message: bytes) -> list[bytes]:
        """Lose some, repeat some, and hold some back behind the next."""
        throw = dice.random()
        if throw < 0.25:
            return []
        if throw < 0.4:
            return [message, message]
        if throw < 0.6:
            kept.append(message)
            return []
        found = [message, *kept]
        kept.clear()
        return found

    with remote.attached("ada") as ada:
        ada.link.down = unsteady
        asked = [remote.running.ask(DROP, agent=f"agent-{n}") for n in range(6)]
        until(lambda: len(remote.node.engine.queue) == 6, "six questions")
        until(
            lambda: (
                len([1 for row in ada.desk.snapshot().waiting if ada.desk.decision(row.id)]) == 6
            ),
            "six decisions at the console",
        )
        for row in ada.desk.snapshot().waiting:
            view = ada.desk.decision(row.id)
            assert view == remote.running.desk.decision(row.id)
            assert view is not None
            remote.running.answer(view, "reject", reason="no")
        assert not any(one.result().allowed for one in asked)
        until(lambda: not ada.desk.snapshot().waiting, "an empty list")


def test_a_command_that_is_lost_is_given_up_with_what_to_do(remote: Remote) -> None:
    clock = ManualClock(SystemClock().now())
    remote.enrol("ada")
    desk = remote.desk("ada", clock)
    link = remote.links["ada"][-1]
    desk.tick()
    until(lambda: desk.snapshot().health.state != "frozen", "a snapshot")
    link.up = lambda _: []
    future = desk.stop_everything()
    clock.advance(COMMAND_PATIENCE_S - 0.1)
    desk.tick()
    assert not future.done()
    clock.advance(0.2)
    desk.tick()
    assert "may or may not have been done; look again" in str(future.exception(0))


def test_a_lost_answer_leaves_it_waiting_and_a_lost_reply_says_so(remote: Remote) -> None:
    with remote.attached("ada") as ada:
        asking = remote.running.ask(DROP)
        view = ada.waiting("query")
        ada.link.up = lambda one: [] if inside(one)["method"] == "answer" else [one]
        lost = ada.desk.answer(shown(view), "approve", code=view.code)
        assert "may or may not" in str(ada.refused(lost))
        assert remote.node.engine.queue.get(view.id) is not None
        ada.link.up = lambda one: [one]
        ada.answer(view, "approve")
        assert asking.result().allowed


def test_without_a_connection_nothing_is_sent(remote: Remote) -> None:
    with remote.attached("ada") as ada:
        ada.link.connected = False
        error = ada.refused(ada.desk.stop_everything())
        assert "nothing was sent" in str(error)
        ada.link.connected = True


def test_a_forged_message_is_not_shown_and_told(remote: Remote) -> None:
    forger = Sealer(remote.vkey.name, SigningKey.generate(), remote.consoles.epoch, SystemClock())
    with remote.attached("ada") as ada:
        remote.running.ask(DROP)
        view = ada.waiting("query")
        rows = ada.desk.snapshot().waiting
        health = ada.desk.snapshot()
        for message in (Withdrawn(view.id, "x"), Offered(view), Shot(health)):
            for envelope in forger.seal("ada", "item", message):
                ada.link.deliver(envelope)
        until(lambda: any("not believed" in one for one in ada.desk.snapshot().health.alerts))
        assert ada.desk.decision(view.id) == view
        assert ada.desk.snapshot().waiting == rows


def test_a_changed_item_is_not_shown_and_told(remote: Remote) -> None:
    def worse(message: bytes) -> list[bytes]:
        frame = inside(message)
        if frame["stream"] != "item":
            return [message]
        envelope = json.loads(message)
        frame["piece"] = frame["piece"].replace("customers", "harmless!")
        envelope["payload"] = base64.b64encode(encode(frame)).decode()
        return [encode(envelope)]

    with remote.attached("ada") as ada:
        ada.link.down = worse
        remote.running.ask(DROP)
        until(lambda: any("not believed" in one for one in ada.desk.snapshot().health.alerts))
        until(lambda: ada.desk.snapshot().health.waiting == 1)
        assert not ada.desk.snapshot().waiting, "only what can be read is listed"
        ada.link.down = lambda message: [message]
        assert "customers" in ada.waiting("query").headline


def test_another_operators_messages_are_not_believed(remote: Remote) -> None:
    with remote.attached("ada") as ada, remote.attached("grace") as grace:
        grace.link.down = lambda message: (ada.link.deliver(message), [message])[1]
        until(lambda: any("meant for grace" in one for one in ada.desk.snapshot().health.alerts))
        grace.link.down = lambda message: [message]


def test_a_silent_node_is_shown_as_silent_and_old_news_make_it_speak_no_more(
    remote: Remote,
) -> None:
    remote.enrol("ada")
    clock = ManualClock(SystemClock().now())
    desk = remote.desk("ada", clock)
    link = remote.links["ada"][-1]
    desk.tick()
    until(lambda: desk.snapshot().health.state != "frozen", "a snapshot")
    link.down = lambda _: []
    clock.advance(9)
    assert desk.snapshot().health.state == "open"
    clock.advance(2)
    kept = list(link.came)
    link.down = lambda message: [message]
    for message in kept:
        link.deliver(message)
    until(lambda: len(link.came) >= 2 * len(kept), "the old messages")
    health = desk.snapshot().health
    assert (health.state, "not heard for" in health.detail) == ("frozen", True)


def test_a_node_that_starts_anew_is_greeted_and_nothing_of_before_is_done(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with remote_node(home) as remote, remote.attached("ada") as ada:
        remote.running.ask(DROP)
        view = ada.waiting("query")
        epoch = remote.consoles.epoch
        held: list[bytes] = []
        ada.link.up = lambda message: (held.append(message), [])[1]
        future = ada.desk.claim(view.id)
        until(lambda: any(inside(one)["method"] == "claim" for one in held), "the command")
        old = [one for one in ada.link.came if inside(one)["stream"] == "snapshot"]
        remote.node.stop()
        with running_node(home) as again:
            remote.join(again)
            assert remote.consoles.epoch > epoch
            ada.link.up = lambda message: [message]
            for message in held:
                ada.link.send(message)
            error = ada.refused(future)
            assert (error.code, "started anew" in str(error)) == (409, True)
            until(lambda: ada.desk._session._opener.epoch == remote.consoles.epoch, "the new run")
            assert ada.waiting("query").id == view.id
            assert ada.waiting("query").claimed_by == ""
            for message in old:
                ada.link.deliver(message)
            ada.answer(ada.waiting("query"), "reject", reason="no")
            until(lambda: not ada.desk.snapshot().waiting, "its end")
            ada.desk.close()


def test_a_link_that_cannot_send_is_told(remote: Remote) -> None:
    class Broken(MemoryLink):
        def send(self, payload: bytes) -> None:
            raise OSError("the queue is full")

    key = remote.enrol("ada")
    link = Broken(lambda _: None)
    desk = RemoteDesk(link, remote.vkey, "ada", key, SystemClock())
    desk.tick()
    error = desk.stop_everything().exception(0)
    assert "has not been heard yet" in str(error)
    desk._session._opener.adopt(1, {})
    assert "the queue is full" in str(desk.stop_everything().exception(0))
