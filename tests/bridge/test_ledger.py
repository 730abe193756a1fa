"""Broker and node killed again and again under load: the books balance, nothing happens twice."""

import asyncio
import contextlib
import json
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import Struct

from app.home import NODE_PUB_NAME
from app.intake.client import Client, Elsewhere, NoNode, Permission
from app.intake.mqtt import Target
from components.actions import Action
from components.keys import parse_verifier_key
from storage import STORE_NAME
from tests.bridge.real_node import RealNode
from tests.broker import Mosquitto
from tests.support import until

KILLS = 20
AGENTS = 8
ASK_S = 15.0


class Done(Struct):
    """What an agent made of one request."""

    request_id: str
    verdict: str
    used: bool


async def work(
    where: Elsewhere, agent: str, ended: Callable[[], bool], effects: list[str]
) -> list[Done]:
    """Ask, use what is allowed, and ask again, until the killing ends."""
    done: list[Done] = []
    chance = random.Random(agent)
    async with Client(where, agent) as client:
        while not ended():
            done.append(await one(client, chance.random(), effects))
    return done


async def one(client: Client, chance: float, effects: list[str]) -> Done:
    if chance < 0.7:
        action, within_s = Action(tool="get_weather", arguments={"city": str(chance)}), ASK_S
    else:  # nobody answers: it expires
        action, within_s = Action(tool="query", arguments={"sql": f"DROP TABLE t{chance}"}), 2.0
    leave = await asked(client, action, within_s)
    used = False
    if leave and leave.allowed and await client.consume(leave):
        effects.append(leave.request_id)
        used = True
        await client.outcome(leave, "ok", 1)
    return Done(leave.request_id if leave else "", leave.verdict if leave else "refused", used)


async def asked(client: Client, action: Action, within_s: float) -> Permission | None:
    with contextlib.suppress(NoNode):
        return await client.ask(action, timeout_s=within_s)
    return None


async def kill_again_and_again(node: RealNode, broker: Mosquitto) -> None:
    for _ in range(KILLS):
        await asyncio.sleep(1.2)
        await asyncio.to_thread(node.end, signal.SIGKILL)
        node.start()
        await asyncio.sleep(1.2)
        broker.kill()
        await asyncio.to_thread(broker.start)


@pytest.mark.fault(37)
@pytest.mark.timeout(400)
def test_the_ledger_balances_over_twenty_kills_of_each(tmp_path: Path, broker: Mosquitto) -> None:
    node = RealNode(tmp_path / "home", broker)
    node.start()
    pin = tmp_path / "home" / NODE_PUB_NAME
    until(pin.exists, "the node's key")
    name = parse_verifier_key(pin.read_text().strip()).name
    assert name
    effects: list[str] = []

    async def run() -> list[Done]:
        killing = asyncio.create_task(kill_again_and_again(node, broker))
        places = [
            Elsewhere(Target(host="127.0.0.1", port=broker.port, client_id=f"a{n}"), pin)
            for n in range(AGENTS)
        ]
        found = await asyncio.gather(
            *(work(place, f"a{n}", killing.done, effects) for n, place in enumerate(places))
        )
        await killing
        return [one for some in found for one in some]

    done = asyncio.run(run())
    time.sleep(2.5)  # what nobody answers has expired by then
    node.stop()
    check_books(tmp_path / "home", done, effects)


def check_books(home: Path, done: list[Done], effects: list[str]) -> None:
    asked_for = [one for one in done if one.request_id]
    assert len({one.request_id for one in asked_for}) == len(asked_for)
    with contextlib.closing(sqlite3.connect(home / STORE_NAME)) as db:
        leaves = [json.loads(row[0]) for row in db.execute("SELECT leaf FROM audit_entries")]
        rows = dict(db.execute("SELECT request_id, state FROM requests"))
    verdicts = {leaf["request_id"]: leaf["verdict"] for leaf in leaves if leaf["kind"] == "verdict"}
    counted = Counter(leaf["request_id"] for leaf in leaves if leaf["kind"] == "verdict")
    consumed = Counter(leaf["request_id"] for leaf in leaves if leaf["kind"] == "consumed")

    # Every request that came has just one verdict, and one that waits no more.
    assert set(counted.values()) == {1}
    assert set(rows) == set(verdicts)
    assert "pending" not in rows.values()
    # No agent holds a leave that the log does not know; none was used twice.
    for one in asked_for:
        if one.verdict == "allow":
            assert verdicts[one.request_id] == "allow"
    assert len(set(effects)) == len(effects)
    assert set(effects) <= set(consumed)
    assert set(consumed.values()) <= {1}
    # Submitted = decided + refused + expired, and it was load.
    outcome = Counter(one.verdict for one in done)
    assert sum(outcome.values()) == len(done)
    assert set(outcome) <= {"allow", "deny", "expired", "refused"}
    assert outcome["allow"] > KILLS
    assert outcome["expired"] > 0
