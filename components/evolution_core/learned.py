"""A rule learned from what people rejected: the match that fits best, shown by examples. Pure."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from components.actions import Action
from components.evolution_core.common import in_common
from components.evolution_core.history import Past
from components.evolution_core.whatif import Judge, Trial, WhatIf
from components.intent_firewall import Firewall, PackHead, Rule, RulePack, check_rule
from components.intent_firewall.rules import Example
from components.intent_firewall.words import tool_words

PACK = PackHead("learned", "What people rejected again and again, and accepted to have blocked")
EXAMPLES = 3
LARGEST_EXAMPLE = 4_000
"""Bytes of JSON; a rule whose smallest example is larger is not made."""

_LARGEST_INTEGER = 2**63
_LONGEST_REASON = 160


class Attempt:
    """The rules that would catch all of some rejected actions, tried on past ones of their tool.

    `today` is the policy in force. Feed `look` with past actions, the newest first; `best` then
    tells the rule that would have caught the fewest actions that anybody allowed, people first.
    `pause` is called every few hundred microseconds of the work.
    """

    def __init__(
        self,
        rejected: Sequence[Past],
        today: Judge,
        workspace: Path | None = None,
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        self._rejected = rejected
        self._pause = pause
        rules = _rules(rejected)
        pause()
        firewall = Firewall([RulePack(PACK, rules)], workspace)
        kept = {rule.id for rule in rules}
        for past in rejected:
            kept &= _held(firewall, past.action)
            pause()
        self._rules = tuple(rule for rule in rules if rule.id in kept)
        self._trial = Trial(self._rules, today, workspace)
        self._firewall = Firewall([RulePack(PACK, self._rules)], workspace)
        self._allowed: list[Past] = []

    def look(self, past: Past) -> None:
        """Try the rules on one past action."""
        self._trial.look(past)
        self._pause()
        if past.verdict == "allow" and len(self._allowed) < _KEPT:
            self._allowed.append(past)

    def best(self, seen: int, since: int) -> tuple[Rule, WhatIf] | None:
        """The rule that fits best, with examples for and against, and what it would have done.

        None where no rule can be made of these actions, or be shown by examples.
        """
        told = {rule.id: self._trial.each[rule.id].told(seen, since) for rule in self._rules}
        for rule in sorted(self._rules, key=lambda one: _cost(told[one.id])):
            if finished := self._finished(rule):
                return finished, told[rule.id]
        return None

    def _finished(self, rule: Rule) -> Rule | None:
        free = []
        for past in self._allowed:
            if rule.id not in _held(self._firewall, past.action):
                free.append(past)
            self._pause()
        shown = _examples([past.action for past in self._rejected])
        against = _examples([past.action for past in free]) or ({"tool": "another tool"},)
        if not shown:
            return None
        made = replace(
            rule, id=_name(rule), reason=_reason(self._rejected),
            examples=shown, counterexamples=against,
        )  # fmt: skip
        return None if check_rule(RulePack(PACK), made).wrong else made


_KEPT = 50


def _rules(rejected: Sequence[Past]) -> tuple[Rule, ...]:
    matches = in_common([past.action for past in rejected])
    return tuple(
        Rule(id=f"tried.{place}", reason="tried", match=match, severity="high", effect="block")
        for place, match in enumerate(matches)
    )


def _held(firewall: Firewall, action: Action) -> frozenset[str]:
    return frozenset(reason.rule for reason in firewall.validate(action).reasons)


def _cost(found: WhatIf) -> tuple[int, int]:
    return found.allowed, found.passed


def _name(rule: Rule) -> str:
    """An id that says which tool, and is another where anything else is matched."""
    words = tool_words(rule.match.tool[0])[:3]
    of_match = hashlib.sha256(msgspec.json.encode(rule.match)).hexdigest()[:8]
    return f"learned.{'-'.join((*words, of_match))}"


def _reason(rejected: Sequence[Past]) -> str:
    said = "; ".join(dict.fromkeys(past.reason for past in rejected if past.reason))
    count = f"People rejected {len(rejected)} actions like this"
    return f"{count}: {said[:_LONGEST_REASON]}" if said else count


def _examples(actions: Sequence[Action]) -> tuple[Example, ...]:
    """The smallest different ones, without what a file of rules cannot hold."""
    found = {}
    for action in actions:
        example = {"tool": action.tool, "arguments": _writable(action.arguments)}
        text = json.dumps(example, sort_keys=True)
        if len(text) <= LARGEST_EXAMPLE:
            found[text] = example
    return tuple(found[text] for text in sorted(found, key=len)[:EXAMPLES])


def _writable(value: Any) -> Any:
    """A value without nulls and without integers beyond 64 bits, which TOML does not have."""
    if isinstance(value, dict):
        return {
            key: _writable(item)
            for key, item in value.items()
            if item is not None and not _is_huge(item)
        }
    if isinstance(value, list):
        return [_writable(item) for item in value if item is not None and not _is_huge(item)]
    return value


def _is_huge(value: Any) -> bool:
    return isinstance(value, int) and not -_LARGEST_INTEGER <= value < _LARGEST_INTEGER
