"""Decoding an action, typed and checked, beside decoding it into dicts that nobody has checked."""

from collections.abc import Callable
from time import perf_counter_ns

import msgspec
import pytest

from app.intake import wire
from bench.inputs import actions, origin
from bench.measuring import Beside
from components.actions import Action

LINES = 500


@pytest.mark.figure("goal.typed_decode_vs_orjson_untyped")
def test_typed_decode(beside: Beside) -> None:
    """Also in `extra`: the whole line of the protocol, as strict as the gate takes it."""
    orjson = pytest.importorskip("orjson", reason="orjson is not installed")
    chosen = actions()[:LINES]
    bodies = [msgspec.json.encode(action) for action in chosen]
    lines = [_line(number, action) for number, action in enumerate(chosen)]
    typed = msgspec.json.Decoder(Action).decode
    strict: list[float] = []

    def ours() -> float:
        strict.append(_each_us(wire.decode, lines))
        return _each_us(typed, bodies)

    beside.turns(
        ours, lambda: _each_us(orjson.loads, bodies), "orjson.loads, untyped", rounds=60,
        unit="µs an action", note=f"Ours also checks names, types and bounds. {origin()}",
    )  # fmt: skip
    beside.extra("a line of the protocol, strict (µs)", sorted(strict)[len(strict) // 2])


def _line(number: int, action: Action) -> bytes:
    """What an agent sends, without its newline."""
    submit = wire.Submit(
        node="node-1", agent="bench", request_id=f"0193e9a6-2b5c-7000-8000-{number:012d}",
        attempt=1, nonce="n" * 22, issued_at=1, expires_at=2, action_digest="d" * 64,
        action=wire.ProposedAction(tool=action.tool, arguments=action.arguments),
        request=action.request, context=action.context, narrative=action.narrative,
    )  # fmt: skip
    return wire.encode(submit)[:-1]


def _each_us(call: Callable[[bytes], object], over: list[bytes]) -> float:
    started = perf_counter_ns()
    for one in over:
        call(one)
    return (perf_counter_ns() - started) / 1e3 / len(over)
