"""What an operator makes of a proposal: accepted, it is in force; dismissed, it never comes back.

Both are recorded before they hold. A rule is written beside its pack first, so that what follows
its record is one renaming.
"""

import asyncio
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from app.node.learned_pack import CannotLearn, Written, with_rule
from app.rule_text import match_lines
from components.audit_system import Entry
from components.evolution_core.proposals import Proposal, Standing
from components.evolution_core.suggestion_book import Ending, settle
from components.gate import Refusal
from components.gate.commands import Carry, Order
from components.hitl import Grant
from components.intent_firewall import Rule
from storage import Tx

if TYPE_CHECKING:
    from app.node.engine import Engine

_MINUTE_US = 60_000_000


class By(Struct, frozen=True):
    """Who accepts or dismisses, and by which key."""

    operator: str
    key_id: str


class Accepting:
    """Carries out what operators make of proposals, one at a time; on the gate's thread."""

    def __init__(self, engine: "Engine") -> None:
        self._engine = engine
        self._one = asyncio.Lock()

    async def accept(self, proposal_id: str, mark: str, by: By) -> str:
        """Put a proposal in force, as it was shown; the sentence says what holds now.

        Raises `Refusal`: 404 where it does not stand any more, 409 where it changed since, or the
        rule cannot be written, 422 where there is nothing to accept.
        """
        return await asyncio.shield(self._accept(proposal_id, mark, by))

    async def dismiss(self, proposal_id: str, why: str, by: By) -> str:
        """Never show a proposal again."""
        return await asyncio.shield(self._dismiss(proposal_id, why, by))

    def orders(self) -> dict[Order, Carry]:
        """The same, as signed orders that come over the socket."""
        return {"accept": self._ordered_to_accept, "dismiss": self._ordered_to_dismiss}

    async def _ordered_to_accept(self, given: Mapping[str, str], operator: str, key_id: str) -> str:
        return await self.accept(given.get("id", ""), given.get("mark", ""), By(operator, key_id))

    async def _ordered_to_dismiss(
        self, given: Mapping[str, str], operator: str, key_id: str
    ) -> str:
        return await self.dismiss(given.get("id", ""), given.get("why", ""), By(operator, key_id))

    async def _accept(self, proposal_id: str, mark: str, by: By) -> str:
        async with self._one:
            proposal = self._standing(proposal_id)
            if not proposal.mark:
                raise Refusal(422, proposal.problem or "there is nothing to accept, or not yet")
            if proposal.mark != mark:
                raise Refusal(409, "the proposal changed since it was shown; look again")
            if proposal.rule is not None:
                return await self._accept_rule(proposal, proposal.rule, by)
            assert proposal.grant is not None, "what has a mark makes a rule or a grant"
            return await self._accept_grant(proposal, proposal.grant, by)

    async def _dismiss(self, proposal_id: str, why: str, by: By) -> str:
        async with self._one:
            proposal = self._standing(proposal_id)
            entry = _entry(proposal, "dismissed", by, {"reason": why})
            await self._engine.core.commit(self._job(proposal, "dismissed", entry))
            self._settled(proposal, "dismissed", entry)
            return "dismissed: it is not proposed again"

    def _standing(self, proposal_id: str) -> Proposal:
        found = self._engine.learning.proposal(proposal_id)
        if found is None:
            raise Refusal(404, "this is not proposed any more; look again")
        return found

    async def _accept_rule(self, proposal: Proposal, rule: Rule, by: By) -> str:
        engine = self._engine
        written = await self._written(rule)
        entry = _entry(proposal, "accepted", by, {"makes": match_lines(rule.match)}, rule.id)
        try:
            await engine.core.commit(self._job(proposal, "accepted", entry))
        except Exception:
            written.drop()
            raise
        before = engine.policy  # the node may take the file up by itself as soon as it is placed
        try:
            await asyncio.to_thread(written.place)
        except CannotLearn as problem:
            failed = _entry(proposal, "failed", by, {"reason": str(problem)}, rule.id)
            await engine.core.note(failed)
            raise Refusal(409, str(problem)) from problem
        self._settled(proposal, "accepted", entry)
        await engine.reload_rules()
        if engine.policy == before:
            raise Refusal(409, f"{rule.id} is written, but some rule pack is refused: see alerts")
        return f"{rule.id} is in force: what it matches is blocked"

    async def _written(self, rule: Rule) -> Written:
        try:
            return await asyncio.to_thread(with_rule, self._engine.learned_pack, rule)
        except CannotLearn as problem:
            raise Refusal(409, str(problem)) from problem

    async def _accept_grant(self, proposal: Proposal, grant: Standing, by: By) -> str:
        now = self._engine.clock.now()
        made = Grant(
            id=uuid.uuid4().hex[:12],
            agent=grant.agent,
            tool=grant.tool,
            shape=grant.likeness,
            verdict="allow",
            left=grant.uses,
            until=now + grant.minutes * _MINUTE_US,
            operator=by.operator,
            created_at=now,
            reason=f"proposed: approved {proposal.suggestion.count} times",
            rules=grant.rules,
        )
        makes = [f"{grant.likeness} to {grant.agent}, {grant.uses} uses, {grant.minutes} min"]
        entry = _entry(proposal, "accepted", by, {"makes": makes, "grant": made.id})
        job = self._job(proposal, "accepted", entry)
        await self._engine.operators.stand(made, grant.priority, grant.tier, job)
        self._settled(proposal, "accepted", entry)
        return f"{grant.agent} may: {grant.uses} uses at most within {grant.minutes} min"

    def _job(self, proposal: Proposal, ending: Ending, entry: Entry) -> Callable[[Tx], Any]:
        record = self._engine.core.ledger.note(entry)

        def job(tx: Tx) -> None:
            record(tx)
            settle(tx, proposal.suggestion, ending)

        return job

    def _settled(self, proposal: Proposal, ending: Ending, entry: Entry) -> None:
        """It is durable."""
        engine = self._engine
        engine.evolution.book.settled(proposal.id, ending)
        engine.learning.settle(proposal)
        engine.core.tell(entry.kind, entry.operator, text=proposal.suggestion.tool)


def _entry(proposal: Proposal, ending: str, by: By, more: dict[str, Any], rule: str = "") -> Entry:
    suggestion, found = proposal.suggestion, proposal.what_if
    detail: dict[str, Any] = {
        "proposal": proposal.id,
        "kind": suggestion.kind,
        "shape": suggestion.shape,
        "key_id": by.key_id,
        **more,
    }
    if found is not None:
        detail["what_if"] = {
            "seen": found.seen,
            "caught": found.caught,
            "allowed": found.allowed,
            "denied": found.denied,
        }
    return Entry(
        kind=f"proposal.{ending}",
        tool=suggestion.tool,
        rule=rule,
        operator=by.operator,
        detail=detail,
    )
