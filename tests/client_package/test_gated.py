"""`@gated`: what is not allowed is not run; what is run is what was allowed."""

import asyncio
import contextlib
import dataclasses
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from assent_client import Assent, AsyncAssent, Denied, gated

from tests.client_package.asking import Under
from tests.support import RunningNode


def totals(node: RunningNode) -> tuple[int, int]:
    node.node.engine.evolution.flush()
    found = node.node.engine.evolution.metrics.totals()
    return found.ok, found.failed


def test_an_allowed_call_runs_and_its_outcome_is_reported(
    node: RunningNode, assent: Assent
) -> None:
    @gated("get_weather", assent=assent, request="how is the weather")
    def weather(city: str, *, days: int = 1) -> str:
        """What it is like."""
        return f"{city}: {days}"

    assert weather("Oslo") == "Oslo: 1"
    assert weather("Oslo", days=2) == "Oslo: 2"
    assert (weather.__name__, weather.__doc__) == ("weather", "What it is like.")
    assert totals(node) == (2, 0)


def test_a_denied_call_is_not_run(node: RunningNode, assent: Assent) -> None:
    ran = []

    @gated(assent=assent)
    def shell(command: str) -> None:
        ran.append(command)

    with pytest.raises(Denied, match="shell: deny: ") as caught:
        shell(":(){ :|:& };:")
    assert caught.value.permission.verdict == "deny"
    assert not ran
    assert totals(node) == (0, 0)


def test_the_operators_arguments_are_those_it_runs_with(node: RunningNode, assent: Assent) -> None:
    @gated(assent=assent)
    def query(sql: str, *args: int, limit: int = 9, **more: str) -> tuple[object, ...]:
        return sql, args, limit, more

    asking = Under(lambda: query("DROP TABLE t", 1, 2, x="y"))
    view = node.waiting("query")
    changed = {"sql": "SELECT 1", "args": [3], "limit": 5, "more": {"z": "w"}}
    node.answer(view, "modify", arguments=changed)
    assert asking.result() == ("SELECT 1", (3,), 5, {"z": "w"})


@pytest.mark.parametrize("arguments", [{"sql": "SELECT 1", "force": True}, {"sql": "SELECT 1"}])
def test_arguments_that_do_not_fit_the_function_are_not_half_taken(
    node: RunningNode, assent: Assent, arguments: dict[str, Any]
) -> None:
    ran = []

    @gated(assent=assent)
    def query(sql: str, limit: int = 9) -> None:
        ran.append(sql)

    asking = Under(lambda: query("DROP TABLE t"))
    node.answer(node.waiting("query"), "modify", arguments=arguments)
    with pytest.raises(TypeError, match="does not take"):
        asking.result()
    assert not ran
    assert totals(node) == (0, 1)


def test_a_failure_is_reported_and_raised(node: RunningNode, assent: Assent) -> None:
    @gated("get_weather", assent=assent)
    def weather(city: str) -> None:
        raise LookupError(city)

    with pytest.raises(LookupError, match="Oslo"):
        weather("Oslo")
    assert totals(node) == (0, 1)


def test_what_is_not_json_is_a_type_error_and_nothing_is_asked(
    node: RunningNode, assent: Assent
) -> None:
    @gated(assent=assent)
    def keep(what: object) -> None: ...

    for what in (object(), b"bytes", float("nan"), {1: 2}, 2**53):
        with pytest.raises(TypeError, match="cannot be asked about"):
            keep(what)
    with pytest.raises(TypeError):
        keep()  # type: ignore[call-arg]
    with contextlib.closing(node.node.store.reader()) as reader:
        assert reader.execute("SELECT count(*) FROM requests").fetchone() == (0,)


@pytest.mark.parametrize("face", [Assent, AsyncAssent])
async def test_an_async_function_is_gated_alike(
    node: RunningNode, home: Path, face: type[Assent | AsyncAssent]
) -> None:
    client = face(home, "tester")

    @gated(assent=client, consume=True)
    async def get_weather(city: str) -> str:
        if city == "Bergen":
            raise LookupError(city)
        return city

    @gated(assent=client)
    async def shell(command: str) -> None: ...

    assert await get_weather("Oslo") == "Oslo"
    with pytest.raises(LookupError):
        await get_weather("Bergen")
    with pytest.raises(Denied):
        await shell(":(){ :|:& };:")
    assert await asyncio.to_thread(totals, node) == (1, 1)
    client.session.close()


def test_a_sync_function_may_share_an_async_client(node: RunningNode, home: Path) -> None:
    client = AsyncAssent(home, "tester")

    @gated(assent=client)
    def get_weather(city: str) -> str:
        return city

    assert get_weather("Oslo") == "Oslo"
    client.session.close()


def test_with_consume_the_one_use_is_claimed_before_it_runs(
    node: RunningNode, assent: Assent, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = []

    @gated(assent=assent, consume=True)
    def get_weather(city: str) -> str:
        with contextlib.closing(node.node.store.reader()) as reader:
            states.extend(row[0] for row in reader.execute("SELECT state FROM requests"))
        return city

    assert get_weather("Oslo") == "Oslo"
    assert states == ["consumed"]
    judged, calls = node.node.engine.gate.submit, []

    async def used_meanwhile(sub: Any, *more: Any) -> Any:
        released = await judged(sub, *more)
        await node.node.engine.gate.consume("tester", sub.action.id, sub.digest)
        calls.append(sub)
        return released

    monkeypatch.setattr(node.node.engine.gate, "submit", used_meanwhile)
    with pytest.raises(Denied, match="could not be claimed") as caught:
        get_weather("Oslo")
    assert calls
    assert not caught.value.permission.allowed
    assert states == ["consumed"]


def test_without_a_client_there_is_one_at_the_node_of_this_machine(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSENT_HOME", str(node.home))

    @gated(agent="by-default", request=lambda: "as the user says")
    def get_weather(city: str) -> str:
        return city

    assert get_weather("Oslo") == "Oslo"
    with contextlib.closing(node.node.store.reader()) as reader:
        assert reader.execute("SELECT agent FROM requests").fetchall() == [("by-default",)]


def test_what_cannot_be_gated_is_told_when_it_is_decorated() -> None:
    with pytest.raises(TypeError, match="parentheses"):
        gated(len)  # type: ignore[arg-type]

    def numbers() -> Iterator[int]:
        yield 1

    async def later() -> AsyncIterator[int]:
        yield 1

    for function in (numbers, later):
        with pytest.raises(TypeError, match="generator"):
            gated()(function)  # type: ignore[arg-type]


def test_the_example_is_an_agent_that_works(node: RunningNode, tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "a.txt").write_text("a")
    package = Path(__file__).parents[2] / "clients/python"
    said = subprocess.run(
        [sys.executable, package / "examples/agent.py", folder],
        env={**os.environ, "ASSENT_HOME": str(node.home), "PYTHONPATH": str(package)},
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    assert said == "a.txt: moved\n"
    assert (folder / "txt/a.txt").exists()
    assert totals(node) == (2, 0)


def test_what_is_gated_wrongly_is_told_where_it_is_written(assent: Assent) -> None:
    with pytest.raises(TypeError, match="or an agent"):
        gated("noop", assent=assent, agent="other")
    with pytest.raises(TypeError, match="name the tool"):
        gated(assent=assent)(partial(print, "x"))


async def test_an_object_whose_call_is_async_is_gated_to_its_end(
    node: RunningNode, assent: Assent
) -> None:
    class Weather:
        async def __call__(self, city: str) -> str:
            await asyncio.sleep(0)
            raise OSError(f"no weather in {city}")

    before = totals(node)
    with pytest.raises(OSError, match="no weather in Bonn"):
        await gated("get_weather", assent=assent)(Weather())("Bonn")
    assert totals(node) == (before[0], before[1] + 1)


def test_what_runs_later_than_its_call_is_reported_as_failed(
    node: RunningNode, assent: Assent
) -> None:
    async def later() -> None: ...

    @gated("get_weather", assent=assent)
    def weather(city: str) -> object:
        return later() if city == "Oslo" else (letter for letter in city)

    for city in ("Oslo", "Bergen"):
        with pytest.raises(TypeError, match="returns what runs later"):
            weather(city)
    assert totals(node) == (0, 2)


@pytest.mark.usefixtures("node")
def test_a_leave_that_lapsed_before_it_is_used_is_none(
    assent: Assent, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = []
    asked = assent.ask

    def slowly(*args: Any, **more: Any) -> Any:
        return dataclasses.replace(asked(*args, **more), until=1)

    monkeypatch.setattr(assent, "ask", slowly)
    monkeypatch.setattr(Assent, "sharing", classmethod(lambda _, client: client))

    @gated("get_weather", assent=assent)
    def weather(city: str) -> None:
        ran.append(city)

    with pytest.raises(Denied, match="lapsed") as caught:
        weather("Oslo")
    assert caught.value.permission.verdict == "expired"
    assert not ran
