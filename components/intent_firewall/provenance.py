"""Provenance: whether a call does what the user asked, or what some text the agent read told it.

Two links from an order in untrusted text to the call are looked for. By value: an argument (a
recipient, an account, a host, a name) stands in the order and nowhere in the user's request. By
deed: what the tool does, and to what, is what the order says, and the request says nothing of it.
"""

import re
from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct

from components.actions import Action, Reason
from components.intent_firewall.globs import compile_re2
from components.intent_firewall.normalise import encodable
from components.intent_firewall.orders import Order, orders_in, overrides
from components.intent_firewall.subject import Field, Subject
from components.intent_firewall.words import intent_of_word, stem, tool_words, word_set
from components.text import safe_text

MAX_VALUES = 200
MAX_TEXT = 200_000
_SHORT = 80
_SHORTEST = 6

_STRONG = compile_re2(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://[^\s\"'<>)\]]+|\bwww\.[^\s\"'<>)\]]+"
    r"|\b[A-Z]{2}\d{2}[A-Z0-9]{8,30}\b|\+?\d[\d\s().-]{7,40}\d|\b[a-z_-]{1,40}\d[\w-]{0,40}\b"
    r"|\b\d+[a-z][\w-]{0,40}\b"
)
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
_NOUN_LIKE = word_set(
    "email mail message text post order share contact record log file book list search check"
    " call update report request comment show tweet note"
)


class _Value(Struct, frozen=True):
    """An argument's value, lower case; `strong` ones (addresses, accounts, ids) are no chance."""

    text: str
    where: str
    strong: bool


def trace(action: Action, subject: Subject) -> Iterator[Reason]:
    """The reasons to think that untrusted text, and not the user, asked for this call."""
    pieces = [item for item in subject.fields if item.scope == "context" and item.text.strip()]
    gives = bool(action.request) and subject.intent in {"send", "pay", "grant"}
    if not pieces and not gives:
        return
    known = _known(action)
    values = _values(subject, known)
    if not pieces and not values:
        return
    deed = _Deed(subject, known)
    for piece in pieces:
        text = piece.text[:MAX_TEXT]
        folded = text.lower()
        present = [value for value in values if value.text in folded]
        if not present and not deed.can_match(folded):
            continue
        found = _link(piece, text, folded, present, deed, subject)
        if found is not None:
            yield found
            return
    if gives and not deed.asked_for:
        yield from _unasked(values, pieces)


def _unasked(values: list[_Value], pieces: list[Field]) -> Iterator[Reason]:
    """A recipient that stands nowhere, for something the user did not ask for."""
    read = "\n".join(piece.text for piece in pieces)[:MAX_TEXT].lower()
    for value in values:
        if value.strong and _RECIPIENT.search(value.where) and value.text not in read:
            text = (
                f"The user asked for nothing of the kind, and the value of {_shown(value.where)} "
                "stands neither in the request nor in what the agent read"
            )
            rule = "provenance.unasked-recipient"
            yield Reason(rule, "high", text, "ask", value.where, excerpt=value.text[:200])
            return


def _link(
    piece: Field,
    text: str,
    folded: str,
    values: list[_Value],
    deed: "_Deed",
    subject: Subject,
) -> Reason | None:
    for order in orders_in(text):
        override = overrides(text, order.start, order.end)
        named = _named(folded, order, values)
        told = deed.told(folded[order.start : order.reach])
        if subject.intent == "read":
            linked = named is not None and (told or override or deed.nouns_told(folded, order) > 0)
            linked = linked or (told and deed.nouns_told(folded, order) > 1)
        elif deed.asked_for and not override:
            linked = named is not None and named.strong and deed.same_verb(folded, order)
            linked = linked and not deed.delegated
        else:
            linked = named is not None or told
        if linked:
            return _reason(piece, text, order, named, override and subject.intent != "read")
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
        for match in _STRONG.finditer(item.text[:20_000]):
            value = match.group().strip(" .,;").lower()
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


def _is_noun(word: str) -> bool:
    return intent_of_word(word) is None


class _Deed:
    """What a call does, in words, and which of these the user did not use."""

    def __init__(self, subject: Subject, known: str) -> None:
        self._intent = subject.intent
        self._known = known
        self._words = [word for word in tool_words(subject.tool) if len(word) > 2]
        self._verbs = {stem(word) for word in self._words if intent_of_word(word) == subject.intent}

    @cached_property
    def _said(self) -> frozenset[str]:
        """The words that the user used."""
        return frozenset(_WORD.findall(self._known))

    @cached_property
    def _nouns(self) -> frozenset[str]:
        asked = {stem(word) for word in self._said}
        return frozenset(map(stem, filter(_is_noun, self._words))) - asked

    @cached_property
    def asked_for(self) -> bool:
        """Whether the user asked for a deed of this kind."""
        deeds = {self._intent, "send"} if self._intent == "pay" else {self._intent}
        if self._intent == "pay" and _MONEY.search(self._known):
            # To ask about a bill is not to ask for its payment.
            return _MOVES_MONEY.search(self._known) is not None
        return any(intent_of_word(word) in deeds for word in self._said - _NOUN_LIKE)

    @cached_property
    def delegated(self) -> bool:
        """Whether the user sent the agent to some text to see what is to be done."""
        return _DELEGATED.search(self._known) is not None

    @cached_property
    def _asked_verb(self) -> bool:
        return not self._verbs.isdisjoint(map(stem, self._said))

    def can_match(self, folded: str) -> bool:
        """Whether it is worth looking for orders in this text at all."""
        if self._intent == "other" and not self._nouns:
            return False
        return any(one in folded for one in self._verbs | self._nouns)

    def told(self, order: str) -> bool:
        """Whether an order tells of this deed, and the request does not."""
        words = {stem(word): word for word in _WORD.findall(order)}
        nouns = len(self._nouns & words.keys())
        if nouns >= 2:
            return True
        if self.asked_for or self._asked_verb:
            return False
        verb = bool(self._verbs & words.keys()) or any(
            intent_of_word(word) == self._intent for word in words.values()
        )
        return verb and (nouns >= 1 or self._intent in {"send", "pay", "grant", "delete"})

    def nouns_told(self, folded: str, order: Order) -> int:
        """How many of the tool's own words, unsaid by the user, an order says."""
        words = _WORD.findall(folded, order.start, order.end)
        return len(self._nouns & {stem(word) for word in words})

    def same_verb(self, folded: str, order: Order) -> bool:
        """Whether an order's own sentence tells to do what this call does."""
        words = _WORD.findall(folded, order.start, order.end)
        return any(intent_of_word(word) == self._intent for word in words)
