"""What the Intent Firewall costs: on its own operations, and against a loop of `re` at scale.

Texts are walked over and never seen twice in a row, so that nothing is measured on one warm text.
"""

from collections import defaultdict
from itertools import count
from time import perf_counter_ns
from typing import Any

import pytest

from bench.figures import percentile
from bench.inputs import actions, origin, rare_rules, unseen_texts
from bench.measuring import Beside
from bench.naive import re_loop
from components.actions import Action, ContextPiece
from components.intent_firewall import Firewall, PackHead, Rule, RulePack, builtin_packs
from components.intent_firewall.matcher import TextMatcher
from components.intent_firewall.normalise import fold

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
MANY, FEW, SLOW = 10_000, 10, 10


def firewall_of(rules: list[Rule]) -> Firewall:
    """A firewall with these rules alone."""
    return Firewall([RulePack(pack=PackHead("bench"), rules=tuple(rules))])


def notes(texts: list[str]) -> list[Action]:
    """Each text as an argument of an action without effect."""
    return [Action(tool="note", arguments={"text": text}) for text in texts]


@pytest.mark.figure("operation.intent_firewall.validate_safe")
def test_validate_safe(beside: Beside) -> None:
    beside.walk(FIREWALL.validate, SAFE, re_loop(), rounds=4_000)
    assert FIREWALL.validate(SAFE[0]).disposition == "allow"


@pytest.mark.figure("operation.intent_firewall.validate_unsafe")
def test_validate_unsafe(beside: Beside) -> None:
    beside.walk(FIREWALL.validate, UNSAFE, re_loop(), rounds=4_000)
    assert FIREWALL.validate(UNSAFE[0]).disposition == "block"


@pytest.mark.figure("operation.intent_firewall.pattern_matching")
def test_pattern_matching(beside: Beside) -> None:
    rules = rare_rules(100)
    over = notes(unseen_texts(rules, 256))
    beside.walk(firewall_of(rules).validate, over, re_loop(rules), rounds=2_000)


@pytest.mark.figure(
    "goal.firewall_vs_re_loop_at_10k",
    "goal.firewall_p99_us_at_10k",
    "goal.firewall_10k_over_10_patterns",
)
def test_ten_thousand_patterns(beside: Beside) -> None:
    """10,000 patterns and 10 in turns on texts that none has seen; now and then the loop of `re`.

    In `extra`: the matcher alone; and the loop with patterns that suit `re` better.
    """
    rounds, rules = beside.rounds(2_000), rare_rules(MANY)
    over = notes(unseen_texts(rules, rounds))
    many, few, loop = firewall_of(rules), firewall_of(rules[:FEW]), re_loop(rules)
    matcher, eased = TextMatcher(rules), re_loop(rules, eased=True)
    calls = {
        "many": many.validate, "few": few.validate,
        "matcher": lambda action: matcher.find(fold(action.arguments["text"])),
    }  # fmt: skip
    order, taken = count(), defaultdict[str, list[float]](list)

    def turn() -> None:
        number = next(order)
        for name, call in calls.items():
            taken[name].append(_us(call, over[number]))
        if number % (rounds // SLOW) == 0:
            taken["re"].append(_us(loop.call, over[number]))
            taken["eased"].append(_us(eased.call, over[number]))

    beside.benchmark.pedantic(turn, rounds=rounds)
    assert sum(bool(many.validate(action).reasons) for action in over[:50]) >= 45
    ours, alone = sorted(taken["many"]), sorted(taken["matcher"])
    beside.ratio([percentile(ours, 0.5)] * len(taken["re"]), taken["re"], loop.name, over=False)
    beside.extra("a loop that begins with literals (µs)", percentile(sorted(taken["eased"]), 0.5))
    beside.values(
        ours, taken["re"], loop.name, name="goal.firewall_p99_us_at_10k",
        value=percentile(ours, 0.99),
        extra={f"matcher alone P{q} (µs)": round(percentile(alone, q / 100), 1) for q in (50, 99)},
    )  # fmt: skip
    beside.ratio(
        taken["many"], taken["few"], "10 patterns", name="goal.firewall_10k_over_10_patterns"
    )


def _us(call: Any, given: Any) -> float:
    started = perf_counter_ns()
    call(given)
    return (perf_counter_ns() - started) / 1e3


@pytest.mark.figure("other.intent_firewall.recorded_actions")
def test_recorded_actions(beside: Beside) -> None:
    """Calls of agents, with what the agents had read."""
    beside.walk(FIREWALL.validate, actions()[:600], re_loop(), rounds=2_400, note=origin())


@pytest.mark.parametrize("length", [100, 1_000, 10_000, 100_000])
def test_context_length(beside: Beside, length: int) -> None:
    """A side effect after reading a long page full of requests: linear in the page."""
    line = "Please look at the table below. The total was 42, and Kim agreed to it on Monday.\n"
    page = (line * (length // len(line) + 1))[:length]
    over = [
        Action(
            tool="send_email",
            arguments={"to": f"kim{place}@example.org", "body": "Done."},
            request="What does the page say?",
            context=(ContextPiece("web", False, page),),
        )
        for place in range(8)
    ]
    beside.walk(FIREWALL.validate, over, re_loop(), rounds=40 if length > 10_000 else 200)


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
def test_adversarial_commands(beside: Beside, command: str) -> None:
    over = [Action(tool="shell", arguments={"command": command})]
    beside.walk(FIREWALL.validate, over, re_loop(), rounds=200)


def test_compile_builtin_packs(benchmark: Any) -> None:
    packs = builtin_packs()
    benchmark.pedantic(Firewall, (packs,), rounds=20)
