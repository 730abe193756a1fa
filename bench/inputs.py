"""What is measured on: recorded actions and texts where they are at hand, made ones otherwise."""

import random
from functools import cache
from typing import Any

from bench.quality.cases import rows
from components.actions import Action, ContextPiece, Experience
from components.intent_firewall import Match, Rule

TEXT_LENGTH = 2_000
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@cache
def actions() -> tuple[Action, ...]:
    """Calls of agents, with what was asked of them and what they had read."""
    recorded = tuple(_action(row) for row in rows("traffic") if row["kind"] == "tool_call")
    return recorded or tuple(map(_made_action, range(600)))


@cache
def outputs() -> tuple[tuple[str, list[str]], ...]:
    """Outputs, each with the evidence that it should rest on."""
    recorded = tuple((row["output"], [row["context"]]) for row in rows("begin"))
    return recorded or tuple(
        (f"Tower {place} is {place} metres tall.", [f"Tower {place} has {place} metres. " * 8])
        for place in range(600)
    )


def origin() -> str:
    """Where the inputs are from, for the note of a figure."""
    return "recorded actions" if rows("traffic") else "made actions: no recorded ones are here"


def strings(action: Action) -> str:
    """All text of an action in one, as a naive screen would take it."""
    read = (piece.text for piece in action.context)
    return "\n".join((action.tool, str(action.arguments), action.request, action.narrative, *read))


def rare_rules(count: int) -> list[Rule]:
    """Rules of one kind: a rare word, and behind it a number; hardly any text meets one.

    They are bound to the start of a word, which is dear for `re` (see `bench.naive.re_loop`).
    """
    return [
        Rule(id=f"r{place}", reason="r", match=Match(literal=(word,), regex=rf"\b{word}\s+\d+\b"))
        for place, word in enumerate(_words(random.Random(1), count))
    ]


def unseen_texts(rules: list[Rule], count: int) -> list[str]:
    """Texts of ordinary length; each holds one rule's word, so that RE2 has to be asked."""
    chooser = random.Random(2)
    vocabulary = _words(chooser, 5_000)
    found: list[str] = []
    for _ in range(count):
        words = chooser.choices(vocabulary, k=TEXT_LENGTH // 8)
        words.insert(len(words) // 2, f"{chooser.choice(rules).match.literal[0]} 42")
        found.append(" ".join(words)[:TEXT_LENGTH])
    return found


def experiences(count: int, shapes: int = 200) -> list[Experience]:
    """Experiences of eight agents with twenty tools: some fail, some were denied by a person."""
    dice = random.Random(count)
    return [_experience(number, dice, dice.randrange(shapes)) for number in range(count)]


def _experience(number: int, dice: random.Random, shape: int) -> Experience:
    asked = dice.random() < 0.1
    denied = asked and shape % 7 == 0
    return Experience(
        time=1_700_000_000_000_000 + number,
        request_id=f"0193e9a6-2b5c-7000-8000-{number:012d}",
        agent=f"agent-{number % 8}",
        tool=f"tool-{shape % 20}",
        shape=f"tool-{shape % 20}(command=program-{shape},path=/srv/data/)",
        intent="execute",
        verdict="deny" if denied else "allow",
        decided_by="operator" if asked else "rule",
        safety=dice.random(),
        ethics=0.5 + dice.random() / 2,
        disposition="ask" if asked else "allow",
        rules=("shell.pipe-to-shell",),
        status="" if denied else dice.choice(("ok", "ok", "ok", "ok", "failed")),
        duration_us=0 if denied else round(dice.lognormvariate(9 + shape % 5, 1)),
        gate_us=90,
        reason="not on this machine" if denied else "",
    )


def _action(row: dict[str, Any]) -> Action:
    return Action(
        tool=row["tool"],
        arguments=row["parameters"] or {},
        request=row["content"] or "",
        narrative=row["expected_outcome"] or "",
        context=(ContextPiece("tool", False, row["context"]),) if row["context"] else (),
    )


def _made_action(place: int) -> Action:
    page = f"Order {place} from Kim was shipped to Oslo on day {place % 31}. " * (place % 30)
    return Action(
        tool=("send_email", "read_file", "bash")[place % 3],
        arguments=(
            {"to": f"kim{place}@example.org", "body": f"Report {place} is ready. " * 5},
            {"path": f"notes/{place}.txt"},
            {"command": f"ls -la /srv/data/{place} | grep report"},
        )[place % 3],
        request=f"Please tell Kim that report number {place} is ready for the board meeting.",
        context=(ContextPiece("web", False, page),) if page else (),
    )


def _words(chooser: random.Random, count: int) -> list[str]:
    return ["".join(chooser.choices(_LETTERS, k=chooser.randint(5, 10))) for _ in range(count)]
