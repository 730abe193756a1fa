"""What a change of the rules would have done to past actions. Pure.

Rules on sequences of calls are left out: what an agent did before an action is not stored with it.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from components.actions import Action, Disposition, Effect
from components.evolution_core.history import Past
from components.intent_firewall import Firewall, PackHead, Rule, RulePack

EXAMPLES = 5
"""So many past actions at most are named of each kind, the newest."""

Judge = Callable[[Action], Disposition]
"""How an action is disposed of under some policy."""

_GRAVITY: dict[Disposition, int] = {"allow": 0, "ask": 1, "block": 2}
_MEANS: dict[Effect, Disposition] = {"flag": "allow", "ask": "ask", "block": "block"}


class Case(Struct, frozen=True):
    """A past action that would have been caught. Strings hold agent text, for `safe_text`."""

    request_id: str
    time: int
    agent: str
    tool: str
    operator: str
    verdict: str


class WhatIf(Struct, frozen=True, kw_only=True):
    """What would have become of `seen` past actions, the oldest of `since` (µs since 1970 UTC).

    Of the `caught`, people had `allowed` and `denied` so many; `passed` were allowed by anybody,
    people and rules. Against today's disposition so many would be `newly_blocked`, `newly_asked`,
    and `eased`: asked or allowed where today they are blocked or asked.
    """

    seen: int = 0
    since: int = 0
    caught: int = 0
    allowed: int = 0
    denied: int = 0
    passed: int = 0
    newly_blocked: int = 0
    newly_asked: int = 0
    eased: int = 0
    allowed_examples: tuple[Case, ...] = ()
    denied_examples: tuple[Case, ...] = ()


class Count:
    """Counts past actions one by one, the newest first."""

    def __init__(self) -> None:
        self._caught = self._allowed = self._denied = self._passed = 0
        self._blocked = self._asked = self._eased = 0
        self._pardoned: list[Case] = []
        self._refused: list[Case] = []

    def catch(self, past: Past) -> None:
        """One that would have been caught."""
        self._caught += 1
        self._passed += past.verdict == "allow"
        if past.allowed_by_people:
            self._allowed += 1
            _remember(self._pardoned, past)
        elif past.denied_by_people:
            self._denied += 1
            _remember(self._refused, past)

    def turn(self, now: Disposition, then: Disposition) -> None:
        """One that is disposed of in one way today, and would be in another."""
        if _GRAVITY[then] < _GRAVITY[now]:
            self._eased += 1
        elif now != then:
            self._blocked += then == "block"
            self._asked += then == "ask"

    def told(self, seen: int, since: int) -> WhatIf:
        """What was counted, of so many that were looked at."""
        return WhatIf(
            seen=seen,
            since=since,
            caught=self._caught,
            allowed=self._allowed,
            denied=self._denied,
            passed=self._passed,
            newly_blocked=self._blocked,
            newly_asked=self._asked,
            eased=self._eased,
            allowed_examples=tuple(self._pardoned),
            denied_examples=tuple(self._refused),
        )


def _remember(examples: list[Case], past: Past) -> None:
    if len(examples) < EXAMPLES:
        one = past.action
        examples.append(Case(one.id, past.time, one.agent, one.tool, past.operator, past.verdict))


class Trial:
    """Rules tried on past actions: `each` for itself, by its id, and `whole` for all together.

    `today` is the policy in force, asked only where a rule holds. Where the rules take the place
    of others (`replaced`), `then` is the policy with them; else they only add to it.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        today: Judge,
        workspace: Path | None = None,
        replaced: Sequence[Rule] = (),
        then: Judge | None = None,
    ) -> None:
        self._firewall = _of(rules, workspace)
        self._before = _of(replaced, workspace) if replaced else None
        self._replaced = frozenset(rule.id for rule in replaced)
        self._today, self._then = today, then
        self.each = {rule.id: Count() for rule in rules}
        self.whole = Count()

    def look(self, past: Past) -> None:
        """Try the rules on one past action; the newest first."""
        reasons = self._firewall.validate(past.action).reasons
        held = {one.rule: _MEANS[one.effect] for one in reasons if one.rule in self.each}
        if not held and not self._held_before(past.action):
            return
        now = self._today(past.action)
        for name, means in held.items():
            if means != "allow":
                self.each[name].catch(past)
                self.each[name].turn(now, _graver(now, means))
        if any(means != "allow" for means in held.values()):
            self.whole.catch(past)
        then = now
        for means in held.values():
            then = _graver(then, means)
        self.whole.turn(now, self._then(past.action) if self._then else then)

    def _held_before(self, action: Action) -> bool:
        return self._before is not None and any(
            reason.rule in self._replaced for reason in self._before.validate(action).reasons
        )


def _of(rules: Sequence[Rule], workspace: Path | None) -> Firewall:
    return Firewall([RulePack(PackHead("tried"), tuple(rules))], workspace)


def _graver(one: Disposition, other: Disposition) -> Disposition:
    return max(one, other, key=_GRAVITY.__getitem__)
