"""A waiting decision as it is shown: every string made safe, once, here."""

import hashlib
import json
from typing import Any

import msgspec

from components.actions import Action, Concern, Decision, Reason
from components.canonical import Malformed, canonical
from components.hitl import awaited_digest
from components.likeness import likeness
from components.text import safe_text
from components.views import DecisionView, Section, WaitingRow

CODE_LENGTH = 4
"""How many characters of the digest a critical approval has to be typed with."""

_SUMMARY = 300
_EXCERPT = 120
_INDENTED = 20_000  # characters of JSON: deep nests of more are many times that with indents


def waiting_row(decision: Decision) -> WaitingRow:
    """The line of the waiting list."""
    action = _awaited(decision)
    return WaitingRow(
        id=decision.id,
        priority=decision.priority,
        tier=decision.tier,
        agent=safe_text(action.agent, limit=64),
        tool=safe_text(action.tool, limit=64),
        summary=summary(action),
        created_at=decision.created_at,
        due=decision.due,
        deadline=decision.deadline,
        claimed_by=safe_text(decision.claimed_by, limit=64),
        snoozed_until=decision.snoozed_until,
        answers=len(decision.answers),
        release_at=decision.release_at,
    )


def summary(action: Action) -> str:
    """What the action is about in one line, made safe."""
    return safe_text(in_one_line(action), limit=_SUMMARY)


def in_one_line(action: Action) -> str:
    """What the action is about in one line, raw: its arguments, or without any the request.

    Where there is but one argument its value says enough.
    """
    arguments = action.arguments
    if not arguments:
        return action.request
    if len(arguments) == 1:
        (value,) = arguments.values()
        return _in_words(value)
    return "  ".join(f"{name}={_in_words(value)}" for name, value in arguments.items())


def decision_view(decision: Decision, policy: str, two_person_tier: int) -> DecisionView:
    """The decision in full. `policy` is the version in force now, which the answer is bound to.

    Where a first person changed the action, it is the changed one that is up for approval.
    """
    action, digest = _awaited(decision), awaited_digest(decision)
    sections = tuple(_sections(decision))
    return DecisionView(
        id=decision.id,
        version=decision.version,
        digest=digest,
        display_digest=_display_digest(sections),
        policy_version=policy,
        priority=decision.priority,
        tier=decision.tier,
        agent=safe_text(action.agent, limit=64),
        tool=safe_text(action.tool, limit=200),
        headline=f"{safe_text(action.tool, limit=80)}  {summary(action)}",
        sections=sections,
        safety=decision.safety.score,
        ethics=decision.ethics.score,
        dimensions=tuple(msgspec.structs.asdict(decision.ethics.dimensions).items()),
        created_at=decision.created_at,
        due=decision.due,
        deadline=decision.deadline,
        claimed_by=safe_text(decision.claimed_by, limit=64),
        snoozed_until=decision.snoozed_until,
        release_at=decision.release_at,
        code=digest[:CODE_LENGTH] if decision.priority == "critical" else "",
        second_needed=decision.tier >= two_person_tier,
        answered_by=tuple(safe_text(answer.operator, limit=64) for answer in decision.answers),
        arguments_json=_indented(action.arguments, ensure_ascii=True),
        alike=safe_text(likeness(decision.action)),
    )


def _awaited(decision: Decision) -> Action:
    """What is up for approval: the action as asked, or as a first person changed it."""
    return decision.modified or decision.action


def _sections(decision: Decision) -> list[Section]:
    action = decision.action
    sections = [
        Section(f"argument {safe_text(name)}", _body(value), "action")
        for name, value in _awaited(decision).arguments.items()
    ] or [Section("arguments", "none", "action")]
    if decision.modified is not None:
        sections.append(_before_the_change(decision))
    sections += [_reason(reason) for reason in decision.safety.reasons]
    sections += [_concern(concern) for concern in decision.ethics.concerns]
    if others := _other_reasons(decision):
        sections.append(Section("why", _lines("\n".join(others)), "reason"))
    if action.request:
        sections.append(Section("the user asked", _lines(action.request), "request"))
    if action.narrative:
        sections.append(Section("the agent says", _lines(action.narrative), "narrative"))
    for piece in action.context:
        trust = "trusted" if piece.trusted else "untrusted"
        title = f"it had read, {trust}: {safe_text(piece.source, limit=120)}"
        sections.append(Section(title, _lines(piece.text), "context"))
    return sections


def _before_the_change(decision: Decision) -> Section:
    by = safe_text(decision.answers[0].operator, limit=64)  # those who agreed came after
    return Section(f"changed by {by}; asked was", _body(decision.action.arguments), "reason")


def _other_reasons(decision: Decision) -> list[str]:
    """Why it is asked beyond what the screens found in the action itself: its agent's history."""
    found = {reason.text for reason in decision.safety.reasons}
    found |= {concern.text for concern in decision.ethics.concerns}
    return [reason for reason in decision.reasons if reason not in found]


def _reason(reason: Reason) -> Section:
    return Section(
        f"{reason.severity}: {safe_text(reason.rule, limit=120)}",
        _with_place(reason.text, reason.where, reason.excerpt),
        "reason",
    )


def _concern(concern: Concern) -> Section:
    title = f"{concern.severity}: {concern.dimension.replace('_', ' ')}, {concern.feature}"
    return Section(title, _with_place(concern.text, concern.where, concern.excerpt), "concern")


def _with_place(text: str, where: str, excerpt: str) -> str:
    place = f"\nin {safe_text(where, limit=120)}" if where else ""
    quoted = f": {safe_text(excerpt, limit=_EXCERPT)}" if excerpt else ""
    return safe_text(text, limit=600) + place + quoted


def _body(value: Any) -> str:
    if isinstance(value, str | int | float | None):
        return _lines(_in_words(value))
    return _lines(_indented(value, ensure_ascii=False))


def _indented(value: Any, *, ensure_ascii: bool) -> str:
    """As JSON in lines; on one line where the indents could become most of it."""
    short = json.dumps(value, ensure_ascii=ensure_ascii)
    if len(short) > _INDENTED:
        return short
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=2)


def _lines(text: str) -> str:
    return safe_text(text, lines=True)


def _in_words(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _display_digest(sections: tuple[Section, ...]) -> str:
    shown = [[section.title, section.body] for section in sections]
    try:
        return hashlib.sha256(b"assent/display/v1\n" + canonical(shown)).hexdigest()
    except Malformed:  # safe_text leaves nothing that has no canonical form
        raise AssertionError("unsafe text in a view") from None
