"""What becomes of a decision, step by step: pure functions from one state to the next.

Nothing here refuses; `components.hitl.rules` has looked before. Every step raises the version.
"""

from typing import Any

from msgspec.structs import replace

from components.actions import PRIORITIES, Action, Answer, Decision, DecisionState, Priority
from components.hitl.change import ChangeKind
from components.hitl.policies import TOP_TIER, Policies

TERMINAL: frozenset[DecisionState] = frozenset({"allowed", "denied", "expired", "cancelled"})
"""The states that never change."""

RANK: dict[Priority, int] = {priority: rank for rank, priority in enumerate(PRIORITIES)}

RELEASE_MARGIN_US = 200_000
"""An approval leaves at least this long before its deadline, delay or not."""

Step = tuple[ChangeKind, Decision]


def moment(decision: Decision) -> int:
    """When time alone changes this decision next."""
    if decision.state == "releasing":
        return min(decision.release_at, decision.deadline)
    return decision.snoozed_until or decision.due


def brought_by_time(decision: Decision, policies: Policies, now: int) -> Step:
    """What time has brought at the decision's moment or later."""
    if now >= decision.deadline or (now >= decision.due and decision.state == "pending"):
        return timed_out(decision, policies, now)
    if decision.state == "releasing":
        return "release", replace(decision, version=decision.version + 1, state="allowed")
    return "wake", replace(decision, version=decision.version + 1, snoozed_until=0)


def timed_out(decision: Decision, policies: Policies, now: int) -> Step:
    """What the policy of its class makes of a decision that nobody answered in time."""
    if now < decision.deadline:
        on_timeout = policies.of(decision.priority).on_timeout
        if on_timeout == "escalate" and decision.tier < TOP_TIER:
            return "escalate", escalated(decision, policies, now)
        if on_timeout == "hold":
            return "hold", replace(
                decision, version=decision.version + 1, due=decision.deadline, snoozed_until=0
            )
    return "expire", replace(decision, version=decision.version + 1, state="expired")


def escalated(decision: Decision, policies: Policies, now: int) -> Decision:
    """One tier and one priority up, with a new wait. Approvals of the lower tier do not count."""
    priority = PRIORITIES[max(0, RANK[decision.priority] - 1)]
    return replace(
        decision,
        version=decision.version + 1,
        tier=decision.tier + 1,
        priority=priority,
        due=min(now + policies.of(priority).wait_us, decision.deadline),
        claimed_by="",
        snoozed_until=0,
        escalations=decision.escalations + 1,
        answers=(),
        spent=_spent(decision, decision.answers),
        modified=None,
        modified_digest="",
    )


def _spent(decision: Decision, fallen: tuple[Answer, ...]) -> tuple[str, ...]:
    """The nonces that no answer may carry again, once these answers fell away."""
    if not fallen:
        return decision.spent
    return (*decision.spent, *(answer.nonce for answer in fallen if answer.nonce))


def awaited_digest(decision: Decision) -> str:
    """The digest of what is up for approval: the action as asked, or as first modified."""
    return decision.modified_digest or decision.digest


def answered(
    decision: Decision,
    answer: Answer,
    modified: Action | None,
    modified_digest: str,
    policies: Policies,
    now: int,
) -> Decision:
    """One answer more.

    Any rejection denies at once. `answers` keeps the approvals of the content that is up: where
    an answer modifies it, earlier approvals fall away.
    """
    if answer.answer == "reject":
        return replace(
            decision,
            version=decision.version + 1,
            state="denied",
            answers=(*decision.answers, answer),
            snoozed_until=0,
        )
    if not modified_digest or modified_digest == awaited_digest(decision):
        return _approved(decision, (*decision.answers, answer), policies, now)
    as_asked = modified_digest == decision.digest
    changed = replace(
        decision,
        spent=_spent(decision, decision.answers),
        modified=None if as_asked else modified,
        modified_digest="" if as_asked else modified_digest,
    )
    return _approved(changed, (answer,), policies, now)


def _approved(
    decision: Decision, answers: tuple[Answer, ...], policies: Policies, now: int
) -> Decision:
    """With these approvals of the content that is up."""
    state, release_at = _released(decision, len(answers), policies, now)
    return replace(
        decision,
        version=decision.version + 1,
        state=state,
        answers=answers,
        release_at=release_at,
        claimed_by="" if state == "pending" else decision.claimed_by,
        snoozed_until=0,
    )


def _released(
    decision: Decision, approvals: int, policies: Policies, now: int
) -> tuple[DecisionState, int]:
    """State and release time after so many approvals of the same content."""
    if approvals < 2 and decision.tier >= policies.two_person_tier:
        return "pending", 0
    policy = policies.of(decision.priority)
    if not policy.release_delay_s:
        return "allowed", 0
    release_at = min(now + policy.release_delay_us, decision.deadline - RELEASE_MARGIN_US)
    return ("releasing", release_at) if release_at > now else ("allowed", 0)


def undone(decision: Decision) -> Decision:
    """Back to pending, without the last answer."""
    kept = decision.answers[:-1]
    return replace(
        decision,
        version=decision.version + 1,
        state="pending",
        release_at=0,
        answers=kept,
        spent=_spent(decision, decision.answers[-1:]),
        modified=decision.modified if kept else None,
        modified_digest=decision.modified_digest if kept else "",
    )


def claimed(decision: Decision, operator: str) -> Decision:
    """Claimed by an operator; an empty name gives it back."""
    return replace(decision, version=decision.version + 1, claimed_by=operator)


def snoozed(decision: Decision, until: int, now: int) -> Decision:
    """Hidden until then; the last quarter of what is left of its wait is never slept through."""
    until = min(until, decision.due - (decision.due - now) // 4)
    return replace(
        decision, version=decision.version + 1, snoozed_until=until if until > now else 0
    )


def cancelled(decision: Decision) -> Decision:
    """Withdrawn by its agent."""
    return replace(decision, version=decision.version + 1, state="cancelled")


def denied(decision: Decision) -> Decision:
    """Denied by no person: by the policy, or because nobody is there to answer."""
    return replace(decision, version=decision.version + 1, state="denied")


def deciding(decision: Decision) -> tuple[Answer, ...]:
    """The answers that decided it: none where a rule or time did.

    Of one denied none but a last rejection: who had approved it before did not deny it.
    """
    if decision.state == "denied":
        return tuple(one for one in decision.answers[-1:] if one.answer == "reject")
    return decision.answers if decision.state == "allowed" else ()


def rescreened(decision: Decision, **findings: Any) -> Decision:
    """With new findings; approvals given on the old ones do not count."""
    return replace(
        decision,
        version=decision.version + 1,
        answers=(),
        spent=_spent(decision, decision.answers),
        modified=None,
        modified_digest="",
        **findings,
    )
