"""What both screens together cost: recorded lines by kind and length, long texts, near misses.

Each line is screened once in a round, so that nothing is measured on one warm text; percentiles
are over lines, in `extra_info`, in microseconds.
"""

import random
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
import pytest

from app.screening import Screener
from bench.quality.cases import action_line, message_line, request_line, rows, tool_output_line
from bench.test_firewall import _firewall, _rules
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


def _each(lines: Iterable[bytes]) -> list[float]:
    """How long each line takes, in microseconds."""
    taken: list[float] = []
    for line in lines:
        started = time.perf_counter_ns()
        SCREENER.line(line)
        taken.append((time.perf_counter_ns() - started) / 1000)
    return taken


def percentiles(taken: Sequence[float]) -> dict[str, float]:
    """P50, P95 and P99."""
    ordered = sorted(taken)
    return {f"p{q}": round(ordered[int(q / 100 * (len(ordered) - 1))], 1) for q in (50, 95, 99)}


def _by_length(lines: list[bytes]) -> dict[str, list[bytes]]:
    bounds = {"under 500": 500, "under 2,000": 2_000, "longer": 1 << 30}
    found: dict[str, list[bytes]] = defaultdict(list)
    for line in lines:
        found[next(name for name, most in bounds.items() if len(line) < most)].append(line)
    return found


@pytest.mark.parametrize("kind", list(_LINES))
def test_recorded_lines(benchmark: Any, kind: str) -> None:
    lines = _recorded().get(kind)
    if not lines:
        pytest.skip("../shared is not here, or holds none of this kind")
    benchmark.pedantic(_each, (lines,), rounds=3, warmup_rounds=1)
    benchmark.extra_info["all"] = percentiles(_each(lines))
    for name, some in _by_length(lines).items():
        benchmark.extra_info[f"{name} bytes"] = percentiles(_each(some))
    print(benchmark.extra_info)


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
def test_long_texts(benchmark: Any, field: str) -> None:
    """100,000 characters, beside a tenth of them: the ratio is ten where time is linear."""
    short, long = (msgspec.json.encode(_TEXTS[field](_page(size))) for size in (LONG // 10, LONG))
    benchmark.pedantic(SCREENER.line, (long,), rounds=5, warmup_rounds=1)
    tenth = min(_each([short] * 5))
    benchmark.extra_info |= {
        "ms": round(benchmark.stats.stats.min * 1e3, 1),
        "over_a_tenth": round(benchmark.stats.stats.min * 1e6 / tenth, 1),
    }
    print(benchmark.extra_info)


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
def test_near_misses(benchmark: Any, name: str) -> None:
    """Made to be dear: twice the length takes twice the time, or there is a cliff."""
    half, whole = (
        msgspec.json.encode({"tool": "bash", "arguments": {"command": _HARD[name](size)}})
        for size in (500, 1_000)
    )
    benchmark.pedantic(SCREENER.line, (whole,), rounds=5, warmup_rounds=1)
    least = min(_each([half] * 5))
    benchmark.extra_info |= {
        "ms": round(benchmark.stats.stats.min * 1e3, 2),
        "over_half": round(benchmark.stats.stats.min * 1e6 / least, 1),
    }
    print(benchmark.extra_info)


def test_memory_of_ten_thousand_patterns(benchmark: Any) -> None:
    """What is allocated by Python, and what the firewall weighs itself at, automaton included."""
    rules = _rules(10_000)
    tracemalloc.start()
    firewall = benchmark.pedantic(_firewall, (rules,), rounds=1)
    benchmark.extra_info["traced_mb"] = round(tracemalloc.get_traced_memory()[0] / 1e6, 1)
    tracemalloc.stop()
    benchmark.extra_info["weighed_mb"] = round(firewall.footprint().bytes / 1e6, 1)
    print(benchmark.extra_info)
