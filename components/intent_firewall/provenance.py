"""Provenance: whether a call does what the user asked, or what some text the agent read told it.

Two links from an order in untrusted text to the call are looked for. By value: an argument (a
recipient, an account, a host, a name) stands in the order and nowhere in the user's request. By
deed: what the tool does, and to what, is what the order says, and the request says nothing of it.
Where there is no such link, `drift` looks at the request alone.
"""

from functools import lru_cache

from components.actions import Action, Reason
from components.intent_firewall.asked import Asked
from components.intent_firewall.drift import can_drift, drift, is_inward, shown
from components.intent_firewall.orders import Order, Read
from components.intent_firewall.provenance_deed import GRAVE, Deed
from components.intent_firewall.provenance_origins import Origin, origins
from components.intent_firewall.provenance_values import (
    Value,
    known_text,
    named,
    pieces_of,
    values_of,
)
from components.intent_firewall.subject import Subject

__all__ = ["Origin", "origins", "trace"]

_WEB = frozenset({"web"})
_LONGEST = 4_000
_remembered = lru_cache(maxsize=256)(Asked)


def _asked_in(known: str) -> Asked:
    """What a text asks for; of short ones it is remembered, as a task has many calls."""
    return _remembered(known) if len(known) <= _LONGEST else Asked(known)


def trace(action: Action, subject: Subject) -> Reason | None:
    """The reason to think that untrusted text, and not the user, asked for this call."""
    pieces = pieces_of(subject)
    if is_inward(subject) or not (pieces or can_drift(action, subject)):
        return None
    known = known_text(action)
    deed = Deed(subject, _asked_in(known), values_of(subject, known))
    for piece in pieces:
        present = [value for value in deed.values if value.text in piece.folded]
        if not present and not deed.can_match(piece.folded):
            continue
        found = _link(piece, present, deed)
        if found is not None:
            return found
    return drift(action, deed, pieces) if action.request else None


def _link(piece: Read, values: list[Value], deed: Deed) -> Reason | None:
    """The first order in a text that is linked to the call; the dear tests come last."""
    for order in piece.orders:
        name = named(piece.folded, order, values)
        told = deed.told(piece.folded[order.start : order.reach])
        if not name and not told:
            continue
        if deed.intent == "read":
            if _leads(piece, order, name, told, deed):
                return _reason(piece, order, name, False)
            continue
        override = piece.overrides(order)
        if not override and _is_users_own(piece, order, name, deed):
            continue
        return _reason(piece, order, name, override)
    return None


def _is_users_own(piece: Read, order: Order, name: Value | None, deed: Deed) -> bool:
    """Whether a call that an order tells of is more likely what the user asked for."""
    asked = deed.asked
    if deed.asked_for or asked.as_told:
        strong = name is not None and name.strong
        return not strong or asked.delegated or not deed.same_verb(piece.folded, order)
    if deed.intent not in GRAVE:
        return deed.is_said or not asked.is_plain
    return name is None and deed.names_somebody


def _leads(piece: Read, order: Order, name: Value | None, told: bool, deed: Deed) -> bool:
    """Whether an order leads to a call that only reads: more than a value in common is needed."""
    nouns = deed.nouns_told(piece.folded, order)
    if name is None:
        return told and nouns > 1
    if told or nouns > 0:
        return True
    asked = deed.asked
    own = asked.speaks_of(deed.tool_nouns)
    if piece.overrides(order):
        return name.strong or not own
    if name.is_place:
        return not own and not asked.speaks_of(_WEB)
    return name.is_person and not own and not name.is_said(asked.known)


def _reason(piece: Read, order: Order, name: Value | None, grave: bool) -> Reason:
    span = (order.start, order.end)
    about = f"The value of {shown(name.where)} comes" if name else "What this call does comes"
    return Reason(
        "provenance.ordered-by-text" if name else "provenance.deed-ordered-by-text",
        "critical" if grave else "high",
        f"{about} from an order in text that the agent read ({piece.where}), not from the user",
        "block" if grave and name else "ask",
        piece.where,
        span,
        piece.text[slice(*span)][:200],
    )
