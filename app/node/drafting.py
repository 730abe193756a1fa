"""Suggestions worked out into proposals: the rule or the grant, and what it would have done.

On a worker thread, one a call and in small pieces, so that the gate does not feel it. Nothing
here changes anything.
"""

import contextlib
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from components.actions import Action
from components.clock import Clock
from components.evolution_core import Suggestion, suggestion_id
from components.evolution_core.history import Past, answered, pages, span, tiers
from components.evolution_core.learned import Attempt
from components.evolution_core.proposals import Proposal, Standing
from components.evolution_core.suggestions import APPROVALS, REJECTIONS
from components.evolution_core.whatif import Count, WhatIf
from components.gate import Ruling
from components.hitl import Grant, Policies
from components.likeness import likeness
from components.monitor.breath import breathe
from components.monitor.footprint import Held, deep_size
from storage import Store, StoreError

LOOKED_BACK = 20_000
"""The newest past actions; of these at most `TRIED` of the suggestion's tool are tried."""

TRIED = 2_000
ANSWERS = 24
"""The newest answers of people that a proposal is made of."""

MOST_GROUPS = 3
_BREATHS = 3

MOST = 50
"""So many suggestions are worked out; others wait until some of these are settled."""

FRESH_US = 600 * 1_000_000
"""A what-if is worked out anew after this long, or as soon as its evidence changed."""


class Policy(Struct, frozen=True):
    """The policy in force, by its version, and how it rules on an action."""

    version: str
    rules: Callable[[Action], Ruling]
    workspace: Path | None = None


class _Draft(Struct, frozen=True):
    evidence: tuple[int, int, str]
    at: int
    proposals: tuple[Proposal, ...]


class Drafting:
    """Keeps what was worked out of each suggestion. Used by one worker thread at a time."""

    def __init__(
        self, store: Store, policies: Policies, clock: Clock, dismissed: Callable[[str], bool]
    ) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock
        self._dismissed = dismissed
        self._drafts: dict[str, _Draft] = {}

    def proposals(
        self, suggestions: Sequence[Suggestion], policy: Policy, grants: Iterable[Grant]
    ) -> tuple[Proposal, ...]:
        """What can be proposed now; of what is new or has changed, one is worked out each time.

        A suggestion that needs nothing more is left out: what was rejected is blocked already,
        what was approved is allowed, or a grant for it is in force.
        """
        wanted = {one.id: one for one in suggestions if one.kind in _WORKED_OUT}
        self._drafts = {found: draft for found, draft in self._drafts.items() if found in wanted}
        if due := self._due(wanted.values(), policy):
            self._drafts[due.id] = self._draft(due, policy)
        given = {(grant.agent, grant.tool, grant.shape) for grant in grants}
        return tuple(
            proposal
            for one in suggestions
            for proposal in self._made(one)
            if not self._dismissed(proposal.id) and _key(proposal) not in given
        )

    def footprint(self) -> Held:
        """What was worked out, and is kept."""
        return Held(len(self._drafts), deep_size(self._drafts))

    def _made(self, suggestion: Suggestion) -> tuple[Proposal, ...]:
        draft = self._drafts.get(suggestion.id)
        return (Proposal(suggestion=suggestion),) if draft is None else draft.proposals

    def _due(self, wanted: Iterable[Suggestion], policy: Policy) -> Suggestion | None:
        """One that was never worked out, else one whose evidence changed, else the stalest."""
        now, due = self._clock.now(), []
        full = sum(bool(draft.proposals) for draft in self._drafts.values()) >= MOST
        for one in wanted:
            draft = self._drafts.get(one.id)
            if draft is None:
                if full:
                    continue
                return one
            if draft.evidence != _evidence(one, policy):
                due.append((0, one))
            elif now - draft.at > FRESH_US:
                due.append((draft.at, one))
        return min(due, key=lambda pair: pair[0])[1] if due else None

    def _draft(self, suggestion: Suggestion, policy: Policy) -> _Draft:
        work = _rule if suggestion.kind == "block_rule" else self._grants
        with contextlib.closing(self._store.reader()) as reader:
            try:
                found = work(reader, suggestion, policy)
            except (StoreError, sqlite3.Error):
                raise
            except Exception:  # of agents' values; the other suggestions are worked out
                found = (Proposal(suggestion=suggestion, problem=NO_RULE),)
        return _Draft(_evidence(suggestion, policy), self._clock.now(), found)

    def _grants(
        self, reader: sqlite3.Connection, suggestion: Suggestion, policy: Policy
    ) -> tuple[Proposal, ...]:
        """A grant for each agent and likeness that was approved often enough and is asked today."""
        groups: dict[tuple[str, str], list[Past]] = defaultdict(list)
        for past in answered(reader, suggestion.shape, "allow", ANSWERS):
            groups[past.action.agent, likeness(past.action)].append(past)
            _pause()
        standing = {}
        for (agent, like), approved in groups.items():
            ruling = policy.rules(approved[0].action)
            tier = max(tiers(reader, [past.action for past in approved]), default=1)
            if (
                len(approved) >= APPROVALS
                and ruling.disposition == "ask"
                and ruling.priority != "critical"
                and tier < self._policies.two_person_tier
            ):
                bounds = self._bounds(suggestion)
                standing[agent, like] = Standing(
                    agent=agent, tool=suggestion.tool, likeness=like, uses=bounds[0],
                    minutes=bounds[1], tier=tier, priority=ruling.priority, rules=ruling.asked_by,
                )  # fmt: skip
        counts = _answered_alike(reader, suggestion.tool, set(standing))
        return tuple(
            Proposal(
                suggestion=_for_one(suggestion, grant, len(groups[key])),
                grant=grant,
                what_if=counts[key],
            )
            for key, grant in standing.items()
        )

    def _bounds(self, suggestion: Suggestion) -> tuple[int, int]:
        """Uses and minutes, as far as the policies of the home let them go."""
        longest = round(self._policies.grant_longest_s / 60)
        uses = min(suggestion.uses, self._policies.grant_most)
        return uses, max(1, min(suggestion.minutes, longest))


NO_RULE = "No rule can be made of these actions."
MIXED = "It would block more that was allowed than people denied."
_PEOPLE_COUNT = 2
"""What people allowed themselves counts so much more than what rules did."""

_WORKED_OUT = frozenset({"block_rule", "standing_grant"})


def _key(proposal: Proposal) -> tuple[str, str, str] | None:
    grant = proposal.grant
    return None if grant is None else (grant.agent, grant.tool, grant.likeness)


def _pause() -> None:
    """There is no hurry, and the gate is to feel nothing of it."""
    breathe(_BREATHS)


def _evidence(suggestion: Suggestion, policy: Policy) -> tuple[int, int, str]:
    return suggestion.count, suggestion.of, policy.version


def _rule(
    reader: sqlite3.Connection, suggestion: Suggestion, policy: Policy
) -> tuple[Proposal, ...]:
    """A rule over what was rejected and is not blocked by now, if that is often enough."""
    rejected = []
    for past in answered(reader, suggestion.shape, "deny", ANSWERS):
        _pause()
        if policy.rules(past.action).disposition != "block":
            rejected.append(past)
    if len(rejected) < REJECTIONS:
        return ()
    today = lambda action: policy.rules(action).disposition  # noqa: E731
    attempts = [Attempt(some, today, policy.workspace, _pause) for some in _alike(rejected)]
    seen, since = _try(attempts, reader, suggestion.tool)
    found = [best for attempt in attempts if (best := attempt.best(seen, since))]
    if not found:
        return (Proposal(suggestion=suggestion, problem=NO_RULE),)
    rule, what_if = max(found, key=lambda one: _worth(one[1]))
    problem = MIXED if what_if.passed > what_if.denied else ""
    return (Proposal(suggestion=suggestion, rule=rule, what_if=what_if, problem=problem),)


def _worth(found: WhatIf) -> int:
    """How much a rule would have done right, less what it would have done wrong."""
    return found.denied - found.passed - _PEOPLE_COUNT * found.allowed


def _alike(rejected: Sequence[Past]) -> list[Sequence[Past]]:
    """All of them, and those among them that are like each other more closely."""
    groups: dict[str, list[Past]] = defaultdict(list)
    for past in rejected:
        groups[likeness(past.action)].append(past)
        _pause()
    closer = [some for some in groups.values() if REJECTIONS <= len(some) < len(rejected)]
    return [rejected, *sorted(closer, key=len, reverse=True)[:MOST_GROUPS]]


def _try(attempts: Sequence[Attempt], reader: sqlite3.Connection, tool: str) -> tuple[int, int]:
    """Try them on the past actions of a tool: how many actions were looked at, since when."""
    seen = since = tried = 0
    for looked, page in _history(reader, tool):
        for past in page:
            for attempt in attempts:
                attempt.look(past)
            since = past.time
        seen, tried = seen + looked, tried + len(page)
        if tried >= TRIED:
            break
    return seen, since


def _answered_alike(
    reader: sqlite3.Connection, tool: str, wanted: set[tuple[str, str]]
) -> dict[tuple[str, str], WhatIf]:
    """What people answered to actions that are like these, by agent and likeness."""
    counts = {key: Count() for key in wanted}
    agents = {agent for agent, _ in wanted}
    seen = since = tried = 0
    for looked, page in _history(reader, tool) if wanted else ():
        for past in page:
            since = past.time
            if past.by != "person" or past.action.agent not in agents:
                continue
            tried += 1
            _pause()
            if count := counts.get((past.action.agent, likeness(past.action))):
                count.catch(past)
        seen += looked
        if tried >= TRIED:
            break
    return {key: count.told(seen, since) for key, count in counts.items()}


def _history(reader: sqlite3.Connection, tool: str) -> Iterator[tuple[int, list[Past]]]:
    return pages(reader, span(reader, 0, LOOKED_BACK), tool)


def _for_one(suggestion: Suggestion, grant: Standing, approved: int) -> Suggestion:
    return replace(
        suggestion,
        id=suggestion_id("standing_grant", f"{grant.agent}\n{grant.likeness}"),
        shape=grant.likeness,
        text=f"Grant {grant.agent} {grant.likeness} for {grant.minutes} minutes or {grant.uses} "
        f"uses: people approved it {approved} times and never rejected it.",
        count=approved,
        of=approved,
        agents=(grant.agent,),
        uses=grant.uses,
        minutes=grant.minutes,
    )
