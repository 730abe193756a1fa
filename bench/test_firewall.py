"""What the Intent Firewall costs: on its own operations, and against a loop of `re` at scale.

Texts are walked over and never seen twice in a row, so that nothing is measured on one warm text.
"""

import json
import random
import re
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from components.actions import Action, ContextPiece
from components.intent_firewall import (
    Firewall,
    Match,
    PackHead,
    Rule,
    RulePack,
    builtin_packs,
)

DATA = Path(__file__).parents[1].parent / "shared" / "data"
FIREWALL = Firewall(builtin_packs())
SAFE = [
    Action(tool="read_file", arguments={"path": f"notes/{place}.txt"}) for place in range(200)
] + [
    Action(tool="send_message", arguments={"to": "kim", "text": f"Report {place} is ready."})
    for place in range(200)
]  # fmt: skip
UNSAFE = [
    Action(tool="shell", arguments={"command": f"sudo rm -rf /home/u{place} /etc"})
    for place in range(200)
] + [
    Action(tool="query", arguments={"sql": f"DELETE FROM t{place}"}) for place in range(200)
]  # fmt: skip
TEXT_LENGTH = 2_000
TEXTS = 256


def _words(chooser: random.Random, count: int) -> list[str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return ["".join(chooser.choices(letters, k=chooser.randint(5, 10))) for _ in range(count)]


def _rules(count: int) -> list[Rule]:
    """Rules of one kind: a rare word, and behind it a number; hardly any text meets one."""
    return [
        Rule(id=f"r{place}", reason="r", match=Match(literal=(word,), regex=rf"\b{word}\s+\d+\b"))
        for place, word in enumerate(_words(random.Random(1), count))
    ]


def _texts(rules: list[Rule]) -> list[str]:
    """Texts of ordinary length; each holds one rule's word, so that RE2 has to be asked."""
    chooser = random.Random(2)
    vocabulary = _words(chooser, 5_000)
    found: list[str] = []
    for _ in range(TEXTS):
        words = chooser.choices(vocabulary, k=TEXT_LENGTH // 8)
        words.insert(len(words) // 2, f"{chooser.choice(rules).match.literal[0]} 42")
        found.append(" ".join(words)[:TEXT_LENGTH])
    return found


def _actions(texts: list[str]) -> list[Action]:
    return [Action(tool="note", arguments={"text": text}) for text in texts]


def _firewall(rules: list[Rule]) -> Firewall:
    return Firewall([RulePack(pack=PackHead("bench"), rules=tuple(rules))])


def _walk(benchmark: Any, work: Callable[[Any], Any], over: list[Any]) -> None:
    following = cycle(over)
    benchmark.pedantic(
        work, setup=lambda: ((next(following),), {}), rounds=4 * len(over), warmup_rounds=20
    )


def _traffic() -> list[Action]:
    path = DATA / "traffic.jsonl"
    if not path.is_file():
        pytest.skip("../shared is not here")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [
        Action(
            tool=row["tool"], arguments=row["parameters"], request=row["content"],
            narrative=row["expected_outcome"],
            context=(ContextPiece("tool", False, row["context"]),) if row["context"] else (),
        )
        for row in rows
        if row["kind"] == "tool_call"
    ]  # fmt: skip


@pytest.mark.benchmark(group="intent_firewall.validate_safe")
def test_validate_safe(benchmark: Any) -> None:
    _walk(benchmark, FIREWALL.validate, SAFE)
    assert FIREWALL.validate(SAFE[0]).disposition == "allow"


@pytest.mark.benchmark(group="intent_firewall.validate_unsafe")
def test_validate_unsafe(benchmark: Any) -> None:
    _walk(benchmark, FIREWALL.validate, UNSAFE)
    assert FIREWALL.validate(UNSAFE[0]).disposition == "block"


@pytest.mark.benchmark(group="intent_firewall.pattern_matching")
def test_pattern_matching(benchmark: Any) -> None:
    """The predecessor's size: 100 patterns."""
    rules = _rules(100)
    _walk(benchmark, _firewall(rules).validate, _actions(_texts(rules)))


@pytest.mark.benchmark(group="intent_firewall.scale")
@pytest.mark.parametrize("count", [10, 100, 1_000, 10_000])
def test_patterns(benchmark: Any, count: int) -> None:
    rules = _rules(count)
    firewall = _firewall(rules)
    actions = _actions(_texts(rules))
    assert any(firewall.validate(action).reasons for action in actions)
    _walk(benchmark, firewall.validate, actions)


@pytest.mark.benchmark(group="intent_firewall.scale")
def test_patterns_in_a_loop_of_re(benchmark: Any) -> None:
    """The reference in the same run: 10,000 compiled patterns, one after another."""
    rules = _rules(10_000)
    patterns = [re.compile(rule.match.regex) for rule in rules]
    texts = _texts(rules)[:4]
    _walk(benchmark, lambda text: [one for one in patterns if one.search(text)], texts)


@pytest.mark.benchmark(group="intent_firewall.traffic")
def test_traffic(benchmark: Any) -> None:
    """Recorded calls of real agents, with what the agents had read."""
    _walk(benchmark, FIREWALL.validate, _traffic()[:600])


@pytest.mark.benchmark(group="intent_firewall.length")
@pytest.mark.parametrize("length", [100, 1_000, 10_000, 100_000])
def test_context_length(benchmark: Any, length: int) -> None:
    """A side effect after reading a long page full of requests: linear in the page."""
    line = "Please look at the table below. The total was 42, and Kim agreed to it on Monday.\n"
    page = (line * (length // len(line) + 1))[:length]
    actions = [
        Action(
            tool="send_email",
            arguments={"to": f"kim{place}@example.org", "body": "Done."},
            request="What does the page say?",
            context=(ContextPiece("web", False, page),),
        )
        for place in range(8)
    ]
    _walk(benchmark, FIREWALL.validate, actions)


@pytest.mark.benchmark(group="intent_firewall.near_misses")
@pytest.mark.parametrize(
    "command",
    [
        "echo " + "$(echo " * 60 + "x" + ")" * 60,
        "rm " + "-r " * 2_000,
        "echo '" + "rm -rf / " * 1_000 + "'",
        "a=" + "b" * 20_000 + "; $a",
        "|".join(["cat"] * 500),
    ],
    ids=["nested", "flags", "quoted", "variable", "pipes"],
)
def test_adversarial_commands(benchmark: Any, command: str) -> None:
    actions = [Action(tool="shell", arguments={"command": command})]
    _walk(benchmark, FIREWALL.validate, actions)


@pytest.mark.benchmark(group="intent_firewall.compile")
def test_compile_builtin_packs(benchmark: Any) -> None:
    packs = builtin_packs()
    benchmark(Firewall, packs)
