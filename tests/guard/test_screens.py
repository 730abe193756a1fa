"""What screening costs: linear in what is read, and nearly free of the number of rules."""

from collections.abc import Callable

import pytest

from app.presenter.decision import decision_view
from components.actions import Action
from components.canonical import digest
from components.intent_firewall import Firewall, PackHead, RulePack, builtin_packs
from components.love_engine import LoveEngine
from tests.guard import making
from tests.guard.counting import executed, peak
from tests.guard.growth import flat, linear
from tests.hitl.world import World

SIZE = 1_000
"""Characters; the longest are four times that."""

ACTIONS: dict[str, Callable[[int], Action]] = {
    "prose": lambda length: making.email(making.prose(length)),
    "context": lambda length: making.email("Done.", read=making.page(length)),
    "shell": lambda length: Action(tool="shell", arguments={"command": making.pipeline(length)}),
    "sql": lambda length: Action(tool="query", arguments={"sql": making.statement(length)}),
    "paths": lambda length: Action(tool="read_files", arguments={"paths": making.paths(length)}),
}


@pytest.fixture(scope="module")
def firewall() -> Firewall:
    made = Firewall(builtin_packs())
    for make in ACTIONS.values():
        made.validate(make(100))  # what is made at the first use is not part of the cost
    return made


@pytest.fixture(scope="module")
def love() -> LoveEngine:
    made = LoveEngine()
    made.check_ethics(making.email("Hello."))
    made.detect_hallucination("Hello.", ["Hello."])
    return made


@pytest.mark.parametrize("kind", ACTIONS)
def test_validate_is_linear_in_the_text(firewall: Firewall, kind: str) -> None:
    def cost(length: int) -> int:
        action = ACTIONS[kind](length)
        return executed(lambda: firewall.validate(action))

    linear(cost, SIZE)


@pytest.mark.parametrize("kind", ACTIONS)
def test_validate_needs_memory_in_proportion(firewall: Firewall, kind: str) -> None:
    def cost(length: int) -> int:
        action = ACTIONS[kind](length)
        return peak(lambda: firewall.validate(action))

    linear(cost, SIZE)


def test_validate_is_nearly_free_of_the_number_of_rules() -> None:
    text = making.prose(SIZE)

    def cost(count: int) -> int:
        rules = making.rare_rules(count)
        action = making.email(f"{text} {rules[7].id} 42")
        made = Firewall([RulePack(pack=PackHead("guard"), rules=tuple(rules))])
        made.validate(making.email("Hello."))  # which of the rules are for the tool is remembered
        found = executed(lambda: made.validate(action))
        assert made.validate(action).reasons
        return found

    flat(cost, 250)


def test_rules_are_compiled_in_proportion() -> None:
    def cost(count: int) -> int:
        pack = RulePack(pack=PackHead("guard"), rules=tuple(making.rare_rules(count)))
        return executed(lambda: Firewall([pack]))

    linear(cost, 100)


@pytest.mark.parametrize("kind", ACTIONS)
def test_ethics_are_linear_in_the_text(love: LoveEngine, kind: str) -> None:
    def cost(length: int) -> int:
        action = ACTIONS[kind](length)
        return executed(lambda: love.check_ethics(action))

    linear(cost, SIZE)


def test_ethics_of_lexicon_words_are_linear(love: LoveEngine) -> None:
    words = "you must act now, last chance, trust me, nobody needs to know. "

    def cost(length: int) -> int:
        action = making.email(words * (length // len(words)))
        return executed(lambda: love.check_ethics(action))

    linear(cost, SIZE)


def test_grounding_is_linear_in_output_and_evidence(love: LoveEngine) -> None:
    def cost(length: int) -> int:
        text = making.prose(length)
        return executed(lambda: love.detect_hallucination(text, [text]))

    linear(cost, SIZE)


def test_a_decision_is_shown_and_digested_in_proportion() -> None:
    def cost(length: int) -> int:
        action = making.email(making.prose(length), read=making.prose(length))
        decision = World().request(action=action)
        return executed(
            lambda: (
                decision_view(decision, "p1", 3),
                digest("node", "ada", action.tool, action.arguments),
            )
        )

    linear(cost, SIZE)
