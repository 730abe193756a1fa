"""Goal drift: calls that serve nothing the user asked, where no order is linked to them.

An order that the agent read may be cut off, stand further back, or tell of the deed in words that
no tool's name holds. What is left is the request: it says nothing of this deed, of these things,
nor of whom the call is about. That alone is no reason to ask, or every agent that works something
out would be stopped; it takes a sign beside it: a recipient from nowhere, a text that gives
orders, an order that is carried on, or the agent's own words that it follows one.
"""

import re

from components.actions import Action, Reason
from components.intent_firewall.asked import WORD, Asked
from components.intent_firewall.globs import Pattern
from components.intent_firewall.normalise import encodable
from components.intent_firewall.orders import Order, Read, overrides
from components.intent_firewall.provenance_deed import GRAVE, Deed
from components.intent_firewall.provenance_values import MAX_TEXT, SHORT, Value, may_be_person
from components.intent_firewall.subject import Subject
from components.intent_firewall.words import stem, tool_intent, word_set
from components.text import safe_text

_VAGUE = 4  # words: a request of fewer names hardly anything
_EXCERPT = 200
_RECIPIENT = re.compile(
    r"(?i)(?:^|[._])(?:to|cc|bcc|recipients?|receiver|email\w*|address\w*|account\w*|iban|user\w*|url"
    r"|phone\w*|channel|invitees?|participants?|payee|beneficiary|raw)\b"
)
_NOTES = word_set("todo todos think thinking plan scratchpad")
_INWARD = _NOTES | word_set("write read update list create tool mode exit enter")
_SECRET = Pattern(
    r"\b(?:passwords?|passwort\w*|passcodes?|secrets?|credentials?|api.?keys?|tokens?|ssn|passports?"
    r"|otp|cvv|vaults?|keychain|2fa|(?:security|verification|access|pin|login) codes?)\b"
)
_SAYS_IT_FOLLOWS = Pattern(
    r"\b(?:follow|obey|address|execute|carry out|comply with|complete|perform|fulfil|handle)\w*\b"
    r"[^.\n]{0,60}\b(?:instruction|order|command|directive|request|task|message)s?\b[^.\n]{0,60}"
    r"\b(?:in|from|by|embedded|included|found|provided|given|contained|hidden|mentioned)\b"
    r"|\bas (?:instructed|requested|ordered|directed|told|specified|asked) (?:in|by)\b"
    r"|\bbefore (?:i|we|solving|answering|completing|proceeding|continuing|providing)\b"
    r"[^\n]{0,120}\b(?:i|we|there|it)(?:'s|'ll|'ve)?\b"
    r"[^.\n]{0,20}\b(?:need|must|have to|is an?|noticed|should)\b"
    r"|\b(?:additional|embedded|hidden|special|urgent|important) (?:instruction|directive|task"
    r"|message|request)s?\b"
)
_SAYS_IT_DOES_NOT = Pattern(
    r"(?:\bnot\b|n't\b|\bnever\b|\bcannot\b|\brefus\w+|\bdeclin\w+|\bignor\w+|\bavoid\w*)"
    r"[^.\n]{0,40}\b(?:follow|obey|comply|execut|act|perform|instruction|order|command|request)"
    r"|\bby the user\b"
)


def drift(action: Action, deed: Deed, pieces: list[Read]) -> Reason | None:
    """The reason to think that a call serves nothing of what the user asked in the request."""
    if deed.intent == "read":
        found = _lookup(deed, pieces) or _secret(deed, pieces)
    elif deed.intent not in {"send", "pay", "grant"}:
        found = None
    elif deed.asked_for:
        found = _for_nobody(deed, pieces)
    else:
        found = _from_nowhere(deed, pieces) or _carried_on(deed)
    if found is not None or not (pieces or action.narrative):
        return found
    if deed.intent == "read" and not _is_shell(deed):
        # Reads are many: the dear look at the request comes last.
        sign = _follows(action)
        return sign if sign and not _is_rooted(deed) and _is_judgeable(deed.asked) else None
    if _is_rooted(deed) or not _is_judgeable(deed.asked):
        return None
    return _follows(action) or _after_orders(deed, pieces)


def shown(where: str) -> str:
    """A place in the action, whose names are agent text, as a person may see it."""
    return safe_text(where, limit=80)


def _from_nowhere(deed: Deed, pieces: list[Read]) -> Reason | None:
    """A recipient that stands nowhere, for something the user did not ask for."""
    for value in deed.values:
        if not value.strong or not (value.is_place or _RECIPIENT.search(value.where)):
            continue
        if not value.is_said(deed.asked.known) and not any(
            value.text in piece.folded for piece in pieces
        ):
            return _about(
                "provenance.unasked-recipient", value,
                f"The user asked for nothing of the kind, and the value of {shown(value.where)} "
                "stands neither in the request nor in what the agent read",
            )  # fmt: skip
    return None


def _carried_on(deed: Deed) -> Reason | None:
    """An order to a machine inside what is sent, where nothing was to be sent."""
    for item in deed.subject.fields:
        if item.scope != "arguments" or len(item.text) < SHORT:
            continue
        text = item.text[:MAX_TEXT]
        if not overrides(text, 0, len(text)):
            continue
        carried = Read(item.where, text)
        for order in carried.orders:
            if carried.overrides(order):
                return _ordered(
                    "provenance.order-carried-on", carried, order,
                    "Passes on an order to an agent, and the user asked for nothing of the kind",
                )  # fmt: skip
    return None


def _lookup(deed: Deed, pieces: list[Read]) -> Reason | None:
    """A search for somebody of whom neither the user nor what was read says anything."""
    for value in _strangers(deed, pieces):
        return _about(
            "provenance.unasked-lookup", value,
            f"Looks for the value of {shown(value.where)}, which stands neither in the request nor "
            "in what the agent read",
        )  # fmt: skip
    return None


def _secret(deed: Deed, pieces: list[Read]) -> Reason | None:
    """A look for secrets of which the user said nothing and an order speaks."""
    wanted = " ".join([*deed.subject.words, *(item.text.lower() for item in deed.short)])
    asked = deed.asked
    if not _SECRET.found(wanted) or _SECRET.found(asked.known) or asked.works:
        return None
    for piece in pieces:
        for order in piece.orders if _is_judgeable(asked) else ():
            if _SECRET.found(piece.folded[order.start : order.end]):
                return _ordered(
                    "provenance.unasked-secret", piece, order,
                    "Looks for something secret of which the user said nothing, but an order in "
                    "text that the agent read",
                )  # fmt: skip
    return None


def _for_nobody(deed: Deed, pieces: list[Read]) -> Reason | None:
    """Something sent, when the user asked for that, but about something else and to a stranger."""
    content = deed.asked.content
    if len(content) < _VAGUE:
        return None
    texts = [item.text.lower() for item in deed.subject.fields if item.scope == "arguments"]
    for value in _strangers(deed, pieces):
        about = " ".join(text for text in texts if value.text not in text)
        words = {stem(word) for word in WORD.findall(about) if len(word) > 3}
        if words and content.isdisjoint(words):
            return _about(
                "provenance.unnamed-recipient", value,
                f"Neither the value of {shown(value.where)} nor what this is about stands in the "
                "request",
            )  # fmt: skip
    return None


def _strangers(deed: Deed, pieces: list[Read]) -> list[Value]:
    """The addresses and accounts that stand in no text that was read and hold no name said."""
    people = [one for one in deed.values if one.is_person]
    if not people or deed.asked.means_people:
        return []
    return [
        one
        for one in people
        if not one.is_said(deed.asked.known)
        and not any(one.text in piece.folded for piece in pieces)
    ]


def _is_rooted(deed: Deed) -> bool:
    """Whether the request holds the deed, its things, or a value of the call.

    What can be taken back is part of any work; where the user only wants to be told something, a
    shell is at home where it is about a computer. A read without arguments tells nothing.
    """
    asked = deed.asked
    if _is_shell(deed):
        return asked.works or asked.deed("execute")
    if deed.intent in {"read", "other"} and not deed.short:
        return True
    if deed.intent == "read":
        return deed.shares_words
    if deed.asked_for or deed.asked_verb:
        return True
    if deed.intent in GRAVE:
        return deed.names_somebody
    return asked.works or asked.speaks_of(deed.tool_nouns) or deed.shares_words


def _is_shell(deed: Deed) -> bool:
    return tool_intent(deed.subject.tool) == "execute"


def is_inward(subject: Subject) -> bool:
    """Whether a tool only keeps the agent's own thoughts."""
    return not _NOTES.isdisjoint(subject.words) and _INWARD.issuperset(subject.words)


def can_drift(action: Action, subject: Subject) -> bool:
    """Whether a call before which nothing was read can be one that the user did not ask for."""
    if not action.request:
        return False
    if subject.intent in GRAVE:
        return True
    if subject.intent == "read" and any(
        may_be_person(item.text) for item in subject.fields if item.scope == "arguments"
    ):
        return True
    narrative = encodable(action.narrative[:MAX_TEXT])
    return bool(narrative) and _SAYS_IT_FOLLOWS.found(narrative)


def _after_orders(deed: Deed, pieces: list[Read]) -> Reason | None:
    """A side effect without root in the request, after the agent read orders.

    A shell that only reads counts where an order speaks to a machine.
    """
    reads = deed.intent == "read"
    for piece in pieces:
        order = _gravest(piece)
        if order is not None and (not reads or piece.overrides(order)):
            return _ordered(
                "provenance.drift", piece, order,
                "Nothing in the request asks for this, and a text that the agent read gives orders",
            )  # fmt: skip
    return None


def _gravest(piece: Read) -> Order | None:
    """The first order that speaks to a machine, else the first."""
    grave = (one for one in piece.orders if piece.overrides(one))
    return next(grave, piece.orders[0] if piece.orders else None)


def _follows(action: Action) -> Reason | None:
    """A call of which the agent says that it was told to do it."""
    narrative = encodable(action.narrative[:MAX_TEXT])
    found = _SAYS_IT_FOLLOWS.first(narrative) if narrative else None
    if found is None or _SAYS_IT_DOES_NOT.found(narrative):
        return None
    return Reason(
        "provenance.follows-an-order", "high",
        "The agent says that it was told to do this, and the request says nothing of it",
        "ask", "narrative", found, narrative[slice(*found)][:_EXCERPT],
    )  # fmt: skip


def _is_judgeable(asked: Asked) -> bool:
    """Whether the request tells what it does not ask for: not so where it points elsewhere."""
    return asked.is_plain and not asked.as_told


def _about(rule: str, value: Value, text: str) -> Reason:
    return Reason(rule, "high", text, "ask", value.where, excerpt=value.text[:_EXCERPT])


def _ordered(rule: str, piece: Read, order: Order, text: str) -> Reason:
    span = (order.start, order.end)
    return Reason(rule, "high", text, "ask", piece.where, span, piece.text[slice(*span)][:_EXCERPT])
