"""Rules tried on their own examples."""

import json

from msgspec import Struct

from components.intent_firewall.firewall import Firewall
from components.intent_firewall.rules import Example, Rule, RulePack
from components.intent_firewall.vetting import example_action


class Checked(Struct, frozen=True):
    """One rule after its examples were tried: how many there are, and which went wrong.

    The texts in `wrong` quote examples: pass them through `safe_text` before they are shown.
    """

    pack: str
    rule: str
    effect: str
    examples: int
    counterexamples: int
    wrong: tuple[str, ...] = ()


def check_rule(pack: RulePack, rule: Rule) -> Checked:
    """Try one rule, alone, on its examples and counterexamples."""
    firewall = Firewall([RulePack(pack=pack.pack, rules=(rule,))])

    def fires(example: Example) -> bool:
        reasons = firewall.validate(example_action(rule, example)).reasons
        return any(reason.rule == rule.id for reason in reasons)

    wrong = [f"does not catch: {_text(one)}" for one in rule.examples if not fires(one)]
    wrong += [f"catches, and must not: {_text(one)}" for one in rule.counterexamples if fires(one)]
    return Checked(
        pack.pack.name, rule.id, rule.effect, len(rule.examples), len(rule.counterexamples),
        tuple(wrong),
    )  # fmt: skip


def check_pack(pack: RulePack) -> tuple[Checked, ...]:
    """Try every rule of a pack on its examples."""
    return tuple(check_rule(pack, rule) for rule in pack.rules)


def _text(example: Example) -> str:
    return example if isinstance(example, str) else json.dumps(example, ensure_ascii=True)
