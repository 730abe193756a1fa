"""Who may answer what: pure checks that pass in silence or raise `Refused`."""

from components.actions import Action, Answer, Decision
from components.hitl.change import Change, Refused
from components.hitl.policies import Policies
from components.hitl.transitions import awaited_digest, timed_out


def check_waiting(decision: Decision, policies: Policies, now: int) -> None:
    """It waits for an answer still.

    An approval that waits for its release has been given, and can only be undone. At the end of
    its wait the policy of its class comes first.
    """
    if decision.state != "pending":
        raise Refused(f"already decided: approved by {_last(decision)}, leaves shortly")
    if now < decision.due:
        return
    kind, _ = timed_out(decision, policies, now)
    if kind == "expire":
        raise Refused("too late: nobody answered in time, it expires", 408)
    raise Refused("its wait has just ended and its class goes on with it; look again")


def check_free(decision: Decision, operator: str) -> None:
    """A claim keeps all but its owner away."""
    if decision.claimed_by and decision.claimed_by != operator:
        raise Refused(f"claimed by {decision.claimed_by}")


def check_tier(decision: Decision, operator: str, tier: int) -> None:
    """An operator decides up to their own tier."""
    if tier < decision.tier:
        raise Refused(f"{operator} is of tier {tier}; this needs tier {decision.tier}", 403)


def check_version(decision: Decision, version: int | None) -> None:
    """Where a version was frozen with the answer, it must still be that one."""
    if version is not None and version != decision.version:
        raise Refused("it changed since it was marked; look again")


def check_answer(
    decision: Decision,
    answer: Answer,
    modified: Action | None,
    modified_digest: str,
    policies: Policies,
    current: str,
) -> None:
    """All that binds an answer: content, tier, claim, policy version, form, and two people.

    `current` is the policy version in force; empty leaves it unchecked. A rejection is never
    refused over the policy version.
    """
    if answer.digest != awaited_digest(decision):
        raise Refused("the answer is to another content than the one that waits; look again")
    if answer.nonce:
        _check_fresh(decision, answer)
    check_tier(decision, answer.operator, answer.tier)
    check_free(decision, answer.operator)
    if answer.answer == "reject":
        return
    if current:
        _check_policy(decision, answer, current)
    _check_form(answer, modified, modified_digest)
    if decision.tier >= policies.two_person_tier:
        _check_second_person(decision, answer)


def _check_fresh(decision: Decision, answer: Answer) -> None:
    """A signed answer counts once: not again after it was taken back."""
    given = (*decision.spent, *(earlier.nonce for earlier in decision.answers))
    if answer.nonce in given:
        raise Refused("this answer was given before; answer anew", 410)


def _check_policy(decision: Decision, answer: Answer, current: str) -> None:
    screened = decision.policy_version
    if screened != current or (answer.policy_version or screened) != current:
        raise Refused("policy changed, look again")


def _check_form(answer: Answer, modified: Action | None, modified_digest: str) -> None:
    if answer.answer == "approve":
        if modified or modified_digest or answer.arguments is not None:
            raise Refused("only a modification carries arguments", 422)
    elif answer.arguments is None or not modified or not modified_digest:
        raise Refused("a modification needs arguments, and their action screened anew", 422)
    elif modified.arguments != answer.arguments:
        raise Refused("what was screened anew is not what the operator answered", 422)


def _check_second_person(decision: Decision, answer: Answer) -> None:
    if not answer.operator or not answer.key_id:
        raise Refused("two people decide this: an approval must name its operator and key", 403)
    for earlier in decision.answers:
        if earlier.operator == answer.operator:
            raise Refused(f"{answer.operator} has approved already; another person must too", 403)
        if earlier.key_id == answer.key_id:
            raise Refused("this key has approved already; another person's must too", 403)


def busy(change: Change) -> Refused:
    """What is heard while another change of the same decision is being made durable."""
    if change.kind in {"approve", "reject", "modify"}:
        return Refused(f"{_last(change.after)} has just answered this; look again")
    return Refused(f"it is just being changed ({change.kind}); look again")


def _last(decision: Decision) -> str:
    return decision.answers[-1].operator or "an operator"
