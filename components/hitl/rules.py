"""Who may answer what: pure checks that pass in silence or raise `Refused`."""

from components.actions import Answer, Decision
from components.hitl.change import Change, Refused
from components.hitl.policies import Policies
from components.hitl.transitions import Content, awaited_digest, timed_out


def check_unanswered(decision: Decision) -> None:
    """An approval that waits for its release has been given: it can only be undone."""
    if decision.state != "pending":
        raise Refused(f"already decided: approved by {_last(decision)}, leaves shortly")


def check_in_time(decision: Decision, policies: Policies, now: int) -> None:
    """At the end of its wait the policy of its class comes first."""
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
    decision: Decision, answer: Answer, content: Content, policies: Policies, current: str
) -> None:
    """All that binds an answer: content, tier, claim, policy version, form, and two people.

    `current` is the policy version in force; empty leaves it unchecked. A rejection is never
    refused over the policy version.
    """
    if answer.digest != awaited_digest(decision):
        raise Refused("the answer is to another content than the one that waits; look again")
    check_tier(decision, answer.operator, answer.tier)
    check_free(decision, answer.operator)
    if answer.answer == "reject":
        return
    shown = answer.policy_version or decision.policy_version
    if current and {shown, decision.policy_version} != {current}:
        raise Refused("policy changed, look again")
    _check_form(answer, content)
    if decision.tier >= policies.two_person_tier:
        _check_second_person(decision, answer)


def _check_form(answer: Answer, content: Content) -> None:
    modifies = answer.answer == "modify"
    if modifies != (answer.arguments is not None):
        raise Refused("only a modification carries arguments, and it must", 422)
    if modifies != (content.modified is not None) or not content.digest:
        raise Refused("a modification needs its action, screened anew, and the digest", 422)
    if content.modified is not None and content.modified.arguments != answer.arguments:
        raise Refused("what was screened is not what the operator answered", 422)


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
