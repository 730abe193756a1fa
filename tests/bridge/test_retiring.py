"""A node that runs elsewhere too: the earlier one steps down, and its agents are denied."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.desk import DeskError
from app.intake.client import Client, NoNode, Permission
from app.intake.wire import STATUS_TYPE, StatusReply, encode
from app.moving import backup, restore
from components.actions import Action
from components.clock import SystemClock
from components.keys import sign_dsse
from components.views import Health
from tests.bridge.peer import BridgedNode, Peer, bridged_node
from tests.bridge.test_requests import verdict
from tests.broker import Mosquitto
from tests.support import running_node, shown, until, with_client

CLOCK = SystemClock()
WEATHER = Action(tool="get_weather", arguments={"city": "Oslo"}, request="weather")
DROP = Action(tool="query", arguments={"sql": "DROP TABLE customers"}, request="tidy up")
WHY = "this node was replaced: it runs elsewhere"


@contextlib.contextmanager
def a_copy(node: BridgedNode, folder: Path) -> Iterator[Path]:
    """What was a node's home a moment ago, restored elsewhere."""
    backup(node.running.home, folder / "copy", CLOCK)
    restore(folder / "copy", folder / "new", CLOCK)
    yield folder / "new"


def health(node: BridgedNode) -> Health:
    return node.running.node.fresh_snapshot().health


def told_epoch(peer: Peer) -> int:
    """The epoch of the status that was told last; 0 where it says offline."""
    found = peer.on("status")[-1]
    return int(verdict({"envelope": found})["epoch"]) if "payload" in found else 0


def check_retired(node: BridgedNode) -> None:
    """It denies, decides nothing, and says why."""
    running = node.running
    until(lambda: node.entries("node.retired"), "the entry")
    assert node.conditions()["superseded"] == WHY
    assert (health(node).state, health(node).detail) == ("retired", WHY)
    decided = len(node.entries("verdict"))
    denied = running.ask(WEATHER).result()
    assert (denied.verdict, denied.reasons) == ("deny", (f"{WHY} (error 423)",))
    with pytest.raises(DeskError, match="was replaced"):
        running.desk.pause_agent("tester").result(30)
    assert len(node.entries("verdict")) == decided
    (entry,) = node.entries("node.retired")
    assert json.loads(entry["detail"]["shown_by"])["signatures"]
    until(lambda: not node.bridge._thread.is_alive(), "the end of its bridge")
    assert not {"bridge", "bridge-takeover"} & set(node.conditions())


@pytest.mark.fault(43)
def test_the_old_one_retires_when_its_copy_starts(tmp_path: Path, broker: Mosquitto) -> None:
    with bridged_node(tmp_path / "old", broker) as old:
        allowed = with_client(old.running.home, lambda client: client.ask(WEATHER))
        waits = old.running.ask(DROP)
        view = old.running.waiting("query")
        with a_copy(old, tmp_path) as home, bridged_node(home, broker) as new:
            until(lambda: health(old).state == "retired", "that the old one steps down")
            check_retired(old)
            assert waits.result().reasons == (f"{WHY} (error 423)",)
            with pytest.raises(DeskError, match="was replaced"):
                old.running.desk.answer(shown(view), "approve", code=view.code).result(30)
            assert not with_client(old.running.home, lambda client: used(client, allowed))

            until(lambda: new.bridge.connected, "the new one's bridge")
            peer = Peer(broker, new.name)
            peer.listen(f"assent/1/{new.name}/status")
            epoch = new.running.node.engine.status().epoch
            until(lambda: peer.on("status") and told_epoch(peer) == epoch, "its status")
            assert verdict(peer.reply(peer.submit()))["verdict"] == "allow"
            # What waited at the old one waits at the new one, whose operator answers it.
            new.running.answer(new.running.waiting("query"), "approve")
            # The old one ends, and takes nothing from the new one.
            heard = len(peer.on("status"))
            old.bridge.stop()
            old.running.node.stop()
            until(lambda: len(peer.on("status")) > heard, "the next status")
            assert told_epoch(peer) == epoch
            peer.close()
            assert new.conditions().get("superseded") is None


async def used(client: Client, leave: Permission) -> bool:
    return await client.consume(leave)


def test_the_old_one_started_beside_its_copy_retires_at_once(
    tmp_path: Path, broker: Mosquitto
) -> None:
    with bridged_node(tmp_path / "old", broker) as old, a_copy(old, tmp_path) as home:
        pass
    with bridged_node(home, broker) as new:
        with bridged_node(tmp_path / "old", broker, connected=False) as old:
            until(lambda: health(old).state == "retired", "that the old one steps down")
            check_retired(old)
        until(lambda: new.bridge.connected, "the new one's bridge")
        agent = Peer(broker, new.name)
        assert verdict(agent.reply(agent.submit()))["verdict"] == "allow"
        agent.close()


def test_what_the_broker_kept_for_the_later_one_is_not_judged_by_the_old_one(
    tmp_path: Path, broker: Mosquitto
) -> None:
    """It comes to whoever has the place, before the status that tells them apart."""
    home = tmp_path / "home"
    with bridged_node(home, broker) as node:
        name, identity = node.name, node.running.node.identity
    status = StatusReply(node=name, state="open", key=identity.vkey, epoch=2**53 - 1, valid_until=0)
    later = Peer(broker, name, "later", client_id=f"assent-{name}")
    sealed = sign_dsse(STATUS_TYPE, encode(status), identity.key, identity.key_id)
    later.client.publish(f"assent/1/{name}/status", sealed, 1, retain=True).wait_for_publish(30)
    later.close()
    agent = Peer(broker, name)
    asked = [agent.submit(arguments={"city": f"c{number}"}) for number in range(200)]
    until(lambda: broker.log.count("Received PUBLISH from agent-tester") == 200, "the requests")
    with bridged_node(home, broker, connected=False) as node:
        until(lambda: health(node).state == "retired", "that it steps down")
        check_retired(node)
        assert node.entries("verdict") == []
        assert [agent.replies(one) for one in asked] == [[]] * len(asked)
    agent.close()


def test_a_client_believes_no_older_run_than_it_has_seen(tmp_path: Path) -> None:
    place = tmp_path / "place"
    with running_node(tmp_path / "old") as old:
        backup(tmp_path / "old", tmp_path / "copy", CLOCK)
        restore(tmp_path / "copy", tmp_path / "new", CLOCK)
        with running_node(tmp_path / "new"):
            place.symlink_to(tmp_path / "new")

            async def ask_of_both(client: Client) -> Permission:
                first = await client.ask(WEATHER)
                assert first.allowed
                place.unlink()
                place.symlink_to(tmp_path / "old")
                await client.close()
                with pytest.raises(NoNode, match="older run"):
                    await client.ask(WEATHER)
                return first

            with_client(place, ask_of_both)
        assert with_client(old.home, lambda client: client.ask(WEATHER)).allowed


def test_a_client_remembers_epochs_without_a_store() -> None:
    code = "import sys, app.intake.client; print('sqlite3' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
