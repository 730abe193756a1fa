"""Provenance: whether a call does what the user asked, or what some text the agent read told it.

Two links from an order in untrusted text to the call are looked for. By value: an argument (a
recipient, an account, a host, a name) stands in the order and nowhere in the user's request. By
deed: what the tool does, and to what, is what the order says, and the request says nothing of it.
"""

import re
from functools import cached_property, lru_cache
from typing import get_args

from msgspec import Struct

from components.actions import Action, Intent, Reason
from components.intent_firewall.globs import Pattern
from components.intent_firewall.normalise import encodable
from components.intent_firewall.orders import Order, orders_in, overrides
from components.intent_firewall.subject import Field, Subject
from components.intent_firewall.words import (
    intent_of_word,
    stem,
    tool_words,
    verbs_of,
    word_set,
)
from components.text import safe_text

MAX_VALUES = 200
MAX_TEXT = 200_000
_SHORT = 80
_SHORTEST = 6

_STRONG = Pattern(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://[^\s\"'<>)\]]+|\bwww\.[^\s\"'<>)\]]+"
    r"|\b[A-Z]{2}\d{2}[A-Z0-9]{8,30}\b|\+?\d[\d\s().-]{7,40}\d|\b[a-z_-]{1,40}\d[\w-]{0,40}\b"
    r"|\b\d+[a-z][\w-]{0,40}\b"
)
_DIGIT = re.compile(r"[0-9]")
_TRIVIAL = re.compile(
    r"^(?:true|false|none|null|yes|no|\d{1,3}(?:\.\d+)?|\d{4}-\d{2}-\d{2}(?:[t ]\d{2}:\d{2}.*)?"
    r"|\d{1,2}:\d{2}(?::\d{2})?|\w{1,2})$"
)
_DELEGATED = re.compile(
    r"\b(?:according(?:ly)?|based on|as (?:described|instructed|specified|mentioned|asked|listed)"
    r"|mentioned in|instructions? (?:in|from)|todo|to-do|tasks? (?:in|from|on)|follow|invoice"
    r"|bill)\b|\b(?:in|from) (?:the|my|his|her|this|that) (?:\w+ ){0,3}(?:file|e?-?mails?|document"
    r"|list|message|note|notes|minutes|page|website|report)\b|\b[\w-]+\.(?:txt|docx?|pdf|xlsx?|csv|md|eml|html?)\b"
)
_RECIPIENT = re.compile(
    r"(?i)(?:^|[._])(?:to|cc|bcc|recipients?|receiver|email\w*|address\w*|account\w*|iban|user\w*|url"
    r"|phone\w*|channel|invitees?|participants?|payee|beneficiary|raw)\b"
)
_MONEY = re.compile(r"\b(?:payments?|transactions?|refund\w*|bills?|invoices?|rent)\b")
_MOVES_MONEY = re.compile(
    r"\b(?:pay|send|transfer|refund|reimburse|settle|charge|adjust|update|change|increase|make"
    r"|schedule|split|owes?|due)\w*\b"
)
_WORD = re.compile(r"[a-z][a-z']+")
_GRAVE = frozenset({"send", "pay", "grant", "delete"})
_NOUN_LIKE = word_set(
    "email mail message text post order share contact record log file book list search check"
    " call update report request comment show tweet note"
)
# The verbs that ask for a deed, in what the user says.
_ASKING: dict[Intent, frozenset[str]] = {
    intent: verbs_of(intent) - _NOUN_LIKE for intent in get_args(Intent)
}


class _Value(Struct, frozen=True):
    """An argument's value, lower case; `strong` ones (addresses, accounts, ids) are no chance."""

    text: str
    where: str
    strong: bool


def trace(action: Action, subject: Subject) -> Reason | None:
    """The reason to think that untrusted text, and not the user, asked for this call."""
    pieces = [item for item in subject.fields if item.scope == "context" and item.text.strip()]
    gives = bool(action.request) and subject.intent in {"send", "pay", "grant"}
    if not pieces and not gives:
        return None
    known = _known(action)
    values = _values(subject, known)
    if not pieces and not values:
        return None
    deed = _Deed(subject, known)
    for piece in pieces:
        text = piece.text[:MAX_TEXT]
        folded = text.lower()
        present = [value for value in values if value.text in folded]
        if not present and not deed.can_match(folded):
            continue
        found = _link(piece, text, folded, present, deed)
        if found is not None:
            return found
    return _unasked(values, pieces) if gives and not deed.asked_for else None


def _unasked(values: list[_Value], pieces: list[Field]) -> Reason | None:
    """A recipient that stands nowhere, for something the user did not ask for."""
    given = [value for value in values if value.strong and _RECIPIENT.search(value.where)]
    if not given:
        return None
    read = "\n".join(piece.text for piece in pieces)[:MAX_TEXT].lower()
    for value in given:
        if value.text not in read:
            text = (
                f"The user asked for nothing of the kind, and the value of {_shown(value.where)} "
                "stands neither in the request nor in what the agent read"
            )
            rule = "provenance.unasked-recipient"
            return Reason(rule, "high", text, "ask", value.where, excerpt=value.text[:200])
    return None


def _link(
    piece: Field, text: str, folded: str, values: list[_Value], deed: "_Deed"
) -> Reason | None:
    """The first order in a text that is linked to the call; the dear tests come last."""
    for order in orders_in(text):
        named = _named(folded, order, values)
        told = deed.told(folded[order.start : order.reach])
        if not named and not told:
            continue
        if deed.intent == "read":
            nouns = deed.nouns_told(folded, order)
            if named and (told or nouns > 0 or overrides(text, order.start, order.end)):
                return _reason(piece, text, order, named, False)
            if told and nouns > 1:
                return _reason(piece, text, order, named, False)
            continue
        override = overrides(text, order.start, order.end)
        if deed.asked_for and not override:
            strong = named is not None and named.strong
            if not strong or deed.delegated or not deed.same_verb(folded, order):
                continue
        return _reason(piece, text, order, named, override)
    return None


def _reason(piece: Field, text: str, order: Order, named: "_Value | None", grave: bool) -> Reason:
    about = f"The value of {_shown(named.where)}" if named else "What this call does"
    return Reason(
        "provenance.ordered-by-text" if named else "provenance.deed-ordered-by-text",
        "critical" if grave else "high",
        f"{about} comes from an order in text that the agent read, not from the user",
        "block" if grave and named else "ask",
        piece.where,
        (order.start, order.end),
        text[order.start : order.end][:200],
    )


def _shown(where: str) -> str:
    """A place in the action, whose names are agent text, as a person may see it."""
    return safe_text(where, limit=80)


def _named(folded: str, order: Order, values: list[_Value]) -> _Value | None:
    for value in values:
        end = order.reach if value.strong else order.end
        position = folded.find(value.text, order.start, end)
        while position >= 0:
            if _bounded(folded, position, position + len(value.text)):
                return value
            position = folded.find(value.text, position + 1, end)
    return None


def _bounded(text: str, start: int, end: int) -> bool:
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    return not (before.isalnum() and text[start].isalnum()) and not (
        after.isalnum() and text[end - 1].isalnum()
    )


def _known(action: Action) -> str:
    """What the user and trusted context said, lower case."""
    trusted = [piece.text for piece in action.context if piece.trusted]
    return encodable("\n".join([action.request, *trusted])[:MAX_TEXT].lower())


def _values(subject: Subject, known: str) -> list[_Value]:
    """Argument values that the user did not name, lower case, the telling ones first."""
    strong: dict[str, str] = {}
    weak: dict[str, str] = {}
    for item in subject.fields:
        if item.scope != "arguments":
            continue
        text = item.text[:20_000]
        for start, end in _STRONG.spans(text) if _may_be_strong(text) else ():
            value = text[start:end].strip(" .,;").lower()
            if len(value) >= _SHORTEST:
                strong.setdefault(value, item.where)
            if len(strong) >= MAX_VALUES:
                break
        whole = item.text.strip(" .,;#@'\"").lower()
        if 2 < len(whole) <= _SHORT and "\n" not in whole and len(weak) < MAX_VALUES:
            weak.setdefault(whole, item.where)
    found = [_Value(text, where, True) for text, where in strong.items()]
    found += [_Value(text, where, False) for text, where in weak.items() if text not in strong]
    return [one for one in found if one.text not in known and not _TRIVIAL.match(one.text)]


def _may_be_strong(text: str) -> bool:
    """Whether a text holds what each alternative of `_STRONG` needs, one way or another."""
    return "@" in text or "://" in text or _DIGIT.search(text) is not None or "www." in text.lower()


class _Doing(Struct, frozen=True):
    """What a tool's name says it does: the stems of its verbs and nouns."""

    verbs: frozenset[str]
    nouns: frozenset[str]


@lru_cache(maxsize=1024)
def _doing(tool: str, intent: Intent) -> _Doing:
    words = [word for word in tool_words(tool) if len(word) > 2]
    return _Doing(
        frozenset(stem(word) for word in words if intent_of_word(word) == intent),
        frozenset(stem(word) for word in words if intent_of_word(word) is None),
    )


class _Deed:
    """What a call does, in words, and which of these the user did not use."""

    def __init__(self, subject: Subject, known: str) -> None:
        self.intent = subject.intent
        self._known = known
        doing = _doing(subject.tool, subject.intent)
        self._verbs = doing.verbs
        self._tool_nouns = doing.nouns

    @cached_property
    def _said(self) -> frozenset[str]:
        """The words that the user used."""
        return frozenset(_WORD.findall(self._known))

    @cached_property
    def _nouns(self) -> frozenset[str]:
        # A stem begins its word: one that stands nowhere in the request was not asked for.
        if not any(noun in self._known for noun in self._tool_nouns):
            return self._tool_nouns
        return self._tool_nouns - {stem(word) for word in self._said}

    @cached_property
    def asked_for(self) -> bool:
        """Whether the user asked for a deed of this kind."""
        if self.intent != "pay":
            return not self._said.isdisjoint(_ASKING[self.intent])
        if _MONEY.search(self._known):
            # To ask about a bill is not to ask for its payment.
            return _MOVES_MONEY.search(self._known) is not None
        return not self._said.isdisjoint(_ASKING["pay"] | _ASKING["send"])

    @cached_property
    def delegated(self) -> bool:
        """Whether the user sent the agent to some text to see what is to be done."""
        return _DELEGATED.search(self._known) is not None

    @cached_property
    def _asked_verb(self) -> bool:
        return not self._verbs.isdisjoint(map(stem, self._said))

    def can_match(self, folded: str) -> bool:
        """Whether an order in this text can tell of this deed, where it names no value of it.

        A stem begins its word, so a noun that stands nowhere in the text is told by no order in
        it; what is left are the conditions of `told`, and of `_link` for a deed that reads.
        """
        nouns = sum([noun in folded for noun in self._nouns])
        if nouns >= 2:
            return True
        if self.intent in {"read", "other"} or self.asked_for or self._asked_verb:
            return False
        return nouns == 1 or (self.intent in _GRAVE and any(verb in folded for verb in self._verbs))

    def told(self, order: str) -> bool:
        """Whether an order tells of this deed, and the request does not."""
        # A stem begins its word: nouns that stand nowhere in the order are not told by it.
        nouns = sum([noun in order for noun in self._nouns])
        if nouns < 2 and (self.asked_for or self._asked_verb):
            return False
        if nouns == 0 and self.intent not in _GRAVE:
            return False
        words = {stem(word): word for word in _WORD.findall(order)}
        nouns = len(self._nouns & words.keys())
        if nouns >= 2:
            return True
        if self.asked_for or self._asked_verb:
            return False
        verb = not self._verbs.isdisjoint(words) or not verbs_of(self.intent).isdisjoint(
            words.values()
        )
        return verb and (nouns >= 1 or self.intent in _GRAVE)

    def nouns_told(self, folded: str, order: Order) -> int:
        """How many of the tool's own words, unsaid by the user, an order says."""
        words = _WORD.findall(folded, order.start, order.end)
        return len(self._nouns & {stem(word) for word in words})

    def same_verb(self, folded: str, order: Order) -> bool:
        """Whether an order's own sentence tells to do what this call does."""
        words = _WORD.findall(folded, order.start, order.end)
        return not verbs_of(self.intent).isdisjoint(words)
