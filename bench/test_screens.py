"""What both screens together cost: recorded lines by kind and length, long texts, near misses.

Each line is screened once in a round, so that nothing is measured on one warm text; percentiles
are over lines, in microseconds.
"""

import random
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from app.screening import Screener
from bench.figures import Limits
from bench.inputs import rare_rules
from bench.measuring import Beside, Reference
from bench.quality.cases import action_line, message_line, request_line, rows, tool_output_line
from bench.quality.naive import keywords
from bench.test_firewall import firewall_of
from components.intent_firewall import Firewall, builtin_packs
from components.love_engine import LoveEngine

SCREENER = Screener(Firewall(builtin_packs()), LoveEngine())
LONG = 100_000
_LINES = {"tool_call": action_line, "tool_output": tool_output_line, "text": request_line,
          "ethics": message_line}  # fmt: skip


def _recorded() -> dict[str, list[bytes]]:
    """The recorded mix as encoded lines, by kind."""
    found: dict[str, list[bytes]] = defaultdict(list)
    for row in rows("traffic"):
        if line := _LINES.get(row["kind"]):
            found[row["kind"]].append(msgspec.json.encode(line(row)))
    return found


def _us(call: Callable[[Any], object], given: Any) -> float:
    started = time.perf_counter_ns()
    call(given)
    return (time.perf_counter_ns() - started) / 1e3


def _naively(line: bytes) -> float:
    return keywords(msgspec.json.decode(line))


def _by_length(lines: list[bytes]) -> dict[str, list[bytes]]:
    bounds = {"under 500 bytes": 500, "under 2,000 bytes": 2_000, "longer": 1 << 30}
    found: dict[str, list[bytes]] = defaultdict(list)
    for line in lines:
        found[next(name for name, most in bounds.items() if len(line) < most)].append(line)
    return found


@pytest.mark.parametrize(
    "kind", [pytest.param(k, marks=pytest.mark.figure(f"other.screens.{k}")) for k in _LINES]
)
def test_recorded_lines(beside: Beside, kind: str) -> None:
    """Each line once, and its naive screen behind it; also by length."""
    lines = _recorded().get(kind)
    if not lines:
        pytest.skip("no recorded lines of this kind are here")
    if beside.quick:
        lines = lines[:: len(lines) // 200 or 1]
    taken: dict[bytes, tuple[float, float]] = {}

    def each() -> None:
        for line in lines:
            taken[line] = _us(SCREENER.line, line), _us(_naively, line)

    beside.benchmark.pedantic(each, rounds=1, warmup_rounds=1)
    every = {"": lines, **{f" {name}": some for name, some in _by_length(lines).items()}}
    for name, some in every.items():
        ours, theirs = zip(*(taken[line] for line in some), strict=True)
        beside.values(ours, theirs, "one re of keywords", name=f"other.screens.{kind}{name}")


def _page(length: int) -> str:
    """A page of facts, mails and requests; no two paragraphs alike."""
    chooser = random.Random(3)
    parts: list[str] = []
    while sum(map(len, parts)) < length:
        number = chooser.randrange(10**6)
        parts.append(
            f"Please look at table {number} below. Kim{number} wrote: could you send it by Monday? "
            f"| {number} | {number + 1} |\nThe total was {number}, and nobody objected to it.\n"
        )
    return "".join(parts)[:length]


_TEXTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "context": lambda text: {
        "tool": "send_email", "arguments": {"to": "kim@example.org", "body": "Done."},
        "request": "What does the page say?",
        "context": [{"source": "web", "trusted": False, "text": text}],
    },
    "argument": lambda text: {"tool": "write_file", "arguments": {"path": "a.txt", "text": text}},
    "command": lambda text: {"tool": "bash", "arguments": {"command": f"cat <<'X'\n{text}\nX"}},
    "tool_output": lambda text: {"kind": "tool_output", "text": text, "request": "Read the page."},
    "request": lambda text: {"kind": "request", "text": text},
    "message": lambda text: {"kind": "message", "text": text},
    "output": lambda text: {"kind": "output", "text": text[:2000], "evidence": [text]},
}  # fmt: skip


@pytest.mark.parametrize("field", list(_TEXTS))
def test_long_texts(beside: Beside, field: str) -> None:
    """100,000 characters, beside a tenth of them: the ratio is ten where time is linear."""
    short, long = (msgspec.json.encode(_TEXTS[field](_page(size))) for size in (LONG // 10, LONG))
    tenth = Reference("a tenth of the text", lambda _: SCREENER.line(short))
    beside.walk(SCREENER.line, [long], tenth, rounds=7)


_HARD = {
    "nested quotes": lambda size: "echo " + "\"$(echo '" * size + "x" + "')\"" * size,
    "nested shells": lambda size: "bash -c '" * size + "ls" + "'" * size,
    "open brackets": lambda size: "$((" * size,
    "backslashes": lambda size: "\\" * size * 4,
    "half a pattern": lambda size: "curl http://a.test/x | ba " * size,
    "base64 in base64": lambda size: "echo " + "QUJD" * size * 2 + " | base64 -d | base64 -d | x",
    "look-alikes": lambda size: "ｒｍ －ｒｆ " * size,
    "orders": lambda size: "please send please forward " * size,
}


@pytest.mark.parametrize("name", list(_HARD))
def test_near_misses(beside: Beside, name: str) -> None:
    """Made to be dear: twice the length takes twice the time, or there is a cliff."""
    half, whole = (
        msgspec.json.encode({"tool": "bash", "arguments": {"command": _HARD[name](size)}})
        for size in (1_000, 2_000)
    )
    reference = Reference("half of the text", lambda _: SCREENER.line(half))
    beside.walk(SCREENER.line, [whole], reference, rounds=7)


@pytest.mark.figure("other.screens.memory_of_ten_thousand_patterns")
def test_memory_of_ten_thousand_patterns(beside: Beside) -> None:
    """What the firewall weighs itself at, automaton included; and what Python allocated."""
    rules = rare_rules(10_000)
    tracemalloc.start()
    firewall = beside.benchmark.pedantic(firewall_of, (rules,), rounds=1)
    traced = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    beside.number(firewall.footprint().bytes / 1e6, bound=Limits(unit="MB"))
    beside.extra("traced (MB)", traced)
