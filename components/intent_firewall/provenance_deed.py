"""What a call does, in words, held against what the user said and what an order says."""

from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct

from components.actions import Intent
from components.intent_firewall.asked import NOUN_LIKE, WORD, Asked
from components.intent_firewall.lazy import lazy
from components.intent_firewall.orders import Order
from components.intent_firewall.provenance_values import SHORT, Value, find_bounded, plain_value
from components.intent_firewall.subject import Field, Subject
from components.intent_firewall.words import intent_of_word, stem, tool_words, verbs_told

GRAVE = frozenset({"send", "pay", "grant", "delete"})
"""What cannot be taken back by its doer."""
MAX_SHORT = 64


_NOUN_LIKE_STEMS = frozenset(map(stem, NOUN_LIKE))


class Doing(Struct, frozen=True):
    """What a tool's name says it does: the stems of its verbs and nouns."""

    verbs: frozenset[str]
    nouns: frozenset[str]


@lru_cache(maxsize=1024)
def doing(tool: str, intent: Intent) -> Doing:
    """What a tool does, by its name, where its deed is known to be `intent`."""
    words = [word for word in tool_words(tool) if len(word) > 2]
    return Doing(
        frozenset(stem(word) for word in words if intent_of_word(word) == intent),
        frozenset(stem(word) for word in words if intent_of_word(word) is None),
    )


class Deed:
    """What a call does, in words, and which of these the user did not use."""

    def __init__(self, subject: Subject, asked: Asked, values: Sequence[Value] = ()) -> None:
        self.subject = subject
        self.intent = subject.intent
        self.asked = asked
        self.values = values
        did = doing(subject.tool, subject.intent)
        self._verbs = did.verbs
        self.tool_nouns = did.nouns

    @lazy
    def _nouns(self) -> frozenset[str]:
        # A stem begins its word: one that stands nowhere in the request was not asked for.
        if not any(noun in self.asked.known for noun in self.tool_nouns):
            return self.tool_nouns
        return self.tool_nouns - self.asked.stems

    @lazy
    def asked_for(self) -> bool:
        """Whether the user asked for a deed of this kind."""
        return self.asked.deed(self.intent)

    @property
    def is_said(self) -> bool:
        """Whether the user used every word of the tool's name, none of which is a known verb."""
        return not self._verbs and bool(self.tool_nouns) and not self._nouns

    @lazy
    def short(self) -> list[Field]:
        """The arguments that are no long texts, the first `MAX_SHORT`."""
        fields = self.subject.fields
        short = [one for one in fields if one.scope == "arguments" and len(one.text) <= SHORT]
        return short[:MAX_SHORT]

    @property
    def names_somebody(self) -> bool:
        """Whether the user named a short argument, or whose address one of them is."""
        known = self.asked.known
        return any(_is_named(item.text, known) for item in self.short) or any(
            one.is_person and one.is_said(known) for one in self.values
        )

    @property
    def shares_words(self) -> bool:
        """Whether a short argument and the request have a word in common that says something."""
        content = self.asked.content
        texts = (item.text.lower() for item in self.short)
        return any(not content.isdisjoint(map(stem, WORD.findall(text))) for text in texts)

    @lazy
    def asked_verb(self) -> bool:
        """Whether the user used the tool's own verb."""
        # A stem begins its word: what stands nowhere in the request was not used.
        verbs = [verb for verb in self._verbs - _NOUN_LIKE_STEMS if verb in self.asked.known]
        return bool(verbs) and not self.asked.stems.isdisjoint(verbs)

    def can_match(self, folded: str) -> bool:
        """Whether an order in this text can tell of this deed, where it names no value of it.

        A stem begins its word, so a noun that stands nowhere in the text is told by no order in
        it; what is left are the conditions of `told`, and of a link to a deed that reads.
        """
        nouns = sum([noun in folded for noun in self._nouns])
        if nouns >= 2:
            return True
        if self.intent in {"read", "other"} or self.asked_for or self.asked_verb:
            return False
        return nouns == 1 or self.intent in GRAVE

    def told(self, order: str) -> bool:
        """Whether an order tells of this deed, and the request does not."""
        # A stem begins its word: nouns that stand nowhere in the order are not told by it.
        nouns = sum([noun in order for noun in self._nouns])
        if nouns < 2 and (self.asked_for or self.asked_verb):
            return False
        if nouns == 0 and self.intent not in GRAVE:
            return False
        words = {stem(word): word for word in WORD.findall(order)}
        nouns = len(self._nouns & words.keys())
        if nouns >= 2:
            return True
        if self.asked_for or self.asked_verb:
            return False
        verb = not self._verbs.isdisjoint(words) or not verbs_told(self.intent).isdisjoint(
            words.values()
        )
        return verb and (nouns >= 1 or self.intent in GRAVE)

    def nouns_told(self, folded: str, order: Order) -> int:
        """How many of the tool's own words, unsaid by the user, an order says."""
        words = WORD.findall(folded, order.start, order.end)
        return len(self._nouns & {stem(word) for word in words})

    def same_verb(self, folded: str, order: Order) -> bool:
        """Whether an order's own sentence tells to do what this call does."""
        words = WORD.findall(folded, order.start, order.end)
        verbs = verbs_told(self.intent)
        if self.intent == "pay":
            verbs |= verbs_told("send")  # as in `send 40 euros to …`
        return not verbs.isdisjoint(words)


def _is_named(value: str, known: str) -> bool:
    value = plain_value(value)
    return len(value) > 2 and find_bounded(known, value, 0, len(known)) is not None
