"""What a call does: its effect, on how much, whether it can be undone, whom it reaches.

The class of a call says nothing of whether it is right; the class policy (`packs/classes.toml`)
says which classes need a person. Everything goes by words and structure, and is bounded.
"""

import re
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from components.actions import Action, Intent
from components.intent_firewall import class_words as table
from components.intent_firewall.assumptions import (
    RECIPIENT,
    Assumption,
    Given,
    assumptions,
    given_by,
    is_reference,
)
from components.intent_firewall.globs import Pattern
from components.intent_firewall.lazy import lazy
from components.intent_firewall.paths import leads_out
from components.intent_firewall.sql import reversal_of, takes_all
from components.intent_firewall.stakes import STAKES, Stake, stakes_of
from components.intent_firewall.subject import OUTWARD, Field, Subject, take_apart
from components.intent_firewall.words import intent_of_word, stem, tool_intent, tool_words

Extent = Literal["one", "several", "all"]
Reversal = Literal["reversible", "recoverable", "irreversible"]
Reach = Literal["self", "workspace", "machine", "account", "others", "public", "world"]
Place = tuple[str, tuple[int, int] | None, str]
"""Where something stands in an action: field, span, and the text there."""

SIGNS = frozenset(
    {"blind", "vague", "unsaid", "composed", "assumed", "assumed-recipient", "assumed-sum",
     "assumed-time", "assumed-choice", "wider", "many", "recurring", "waiving"}
)  # fmt: skip
MANY = 10
_TENTH = f"[{MANY - 1}]"
_SHORT = 60
_MOST = 20_000
_LETTER = 40
_TERSE = 300  # characters; what is told at length is not left open by one loose word
_WORD = re.compile(r"[a-z]+")

_BODILY: frozenset[Stake] = frozenset({"physical", "health", "protection"})
_SAYS_NO = frozenset({"no", "none", "false", "No", "None", "False"})
_GIVING = frozenset({"send", "grant", "pay"})
_WORST = ("reversible", "recoverable", "irreversible").index


class DeedClass(Struct, frozen=True, kw_only=True):
    """The class of a call.

    `stakes` are told by its tool, names (but of what is `no`) and short values; `carried` by the
    longer texts that it hands on. `assumed` are values that nobody gave. `signs` are what speaks
    for a person: `blind`, the agent had read nothing; `vague`, the request leaves much open;
    `unsaid`, it says none of the deed's words; `composed`, a third of a letter's words stand in
    nothing that the agent was given; `wider`, it is about all and the request is not; `many`, it
    goes to `MANY` or more; `recurring`, it goes on by itself, and the request does not say so;
    `waiving`, a flag skips a check or agrees to terms, and the request does not say so.
    """

    effect: Intent
    scope: Extent = "one"
    reversal: Reversal = "reversible"
    reach: Reach = "self"
    stakes: tuple[Stake, ...] = ()
    carried: tuple[Stake, ...] = ()
    assumed: tuple[Assumption, ...] = ()
    signs: tuple[str, ...] = ()


def classify(action: Action, workspace: str = "") -> DeedClass:
    """The class of an action; `workspace` is a canonical path, or empty."""
    subject = take_apart(action, workspace)
    deed = Deed(subject, effect_in(subject))
    if deed.effect == "read":
        return DeedClass(effect="read")
    return DeedClass(
        effect=deed.effect, scope=deed.scope, reversal=deed.reversal, reach=deed.reach,
        stakes=tuple(sorted(deed.stakes)), carried=tuple(sorted(deed.carried)),
        assumed=deed.assumed, signs=deed.signs,
    )  # fmt: skip


@lru_cache(maxsize=4096)
def effect_of(words: tuple[str, ...], intent: Intent) -> Intent:
    """What a tool does, where its first verb may be a noun or is a rarer one."""
    if not table.TO_PEOPLE.isdisjoint(words) and "transfer" in words:
        return "other"
    if intent == "read" and "open" in words and not STAKES["physical"].isdisjoint(words):
        return "execute"  # a file is opened to be read, a valve is not
    if intent == "write" and "reply" in words and "draft" not in words:
        return "send"
    if intent == "other":
        if "close" in words and not table.ACCOUNT.isdisjoint(words):
            return "delete"
        if "sign" in words and not table.SIGNING_IN.isdisjoint(words):
            return "other"
        return next((table.RARER[word] for word in words if word in table.RARER), "other")
    first = next((place for place, word in enumerate(words) if intent_of_word(word)), 0)
    if first and words[first] in table.NOUN_LIKE:
        later = (intent_of_word(word) for word in words[first + 1 :] if word not in table.NOUN_LIKE)
        return next((told for told in later if told), intent)
    return intent


@lru_cache(maxsize=4096)
def _named(words: tuple[str, ...], names: tuple[str, ...]) -> tuple[frozenset[str], bool]:
    """The words of a tool and of its arguments' names but mere keys, and whether any is telling."""
    told = (word for name in names if not is_reference(name) for word in tool_words(name))
    found = frozenset((*words, *told))
    return found, not table.TELLING.isdisjoint(found)


def told_by_commands(subject: Subject) -> bool:
    """Whether what is done is told by commands or statements: not where its tool itself sends,
    pays, grants or deletes, whatever else it is given.
    """
    if not subject.scripts and not subject.statements:
        return False
    return tool_intent(subject.tool) not in OUTWARD


def effect_in(subject: Subject) -> Intent:
    """What an action does: by its commands and statements, or by the words of its tool."""
    if told_by_commands(subject):
        return subject.intent
    effect = effect_of(subject.words, subject.intent)
    return "read" if effect == "execute" and _only_looks(subject) else effect


def _only_looks(subject: Subject) -> bool:
    """Whether a tool for any operation is given the name of one that reads: `check_status`."""
    for item in subject.fields:
        if item.scope == "arguments" and not table.OPERATION.isdisjoint(tool_words(item.name)):
            told = (intent_of_word(word) for word in tool_words(item.text[:_SHORT]))
            return next((one for one in told if one), "") == "read"
    return False


class Deed:
    """An action's class, its dearer parts made when they are first asked for.

    `effect` is what `effect_in` tells; `near` are the words of the tool, of its arguments' names
    and, where they tell, of short values; `telling` says whether any of them is one that rules ask
    about; `blind`, that there is a request and nothing that the agent had read.
    """

    def __init__(self, subject: Subject, effect: Intent) -> None:
        self.subject = subject
        self.effect = effect
        self.parsed = bool(subject.scripts or subject.statements)
        self._own: list[Field] = []
        names: list[str] = [one.name for one in subject.sums]
        short = ""
        for item in subject.fields:
            if item.scope != "arguments":
                break
            if not item.command:
                self._own.append(item)
                if item.text not in _SAYS_NO:
                    names.append(item.name)
                if len(item.text) <= _SHORT:
                    short += item.text + "\n"
        self.near, self.telling = _named(subject.words, (*names, *subject.flags))
        if table.TELLS.found(short):
            self.near, self.telling = self.near.union(_WORD.findall(short.lower())), True
        # Of the fields, those of the context are the last.
        read = subject.trusted or (subject.fields and subject.fields[-1].scope == "context")
        self.blind = bool(subject.request) and not read

    @property
    def _letters(self) -> list[str]:
        return [item.text[:_MOST] for item in self._own if len(item.text) > _LETTER]

    @lazy
    def stakes(self) -> frozenset[Stake]:
        """The stakes that tool, names and short values tell of."""
        return stakes_of(self.near)

    @lazy
    def carried(self) -> frozenset[Stake]:
        """The stakes that the texts tell of which the call hands to somebody."""
        told = self.carries(table.TELLS_STAKES)
        return stakes_of(_WORD.findall(self._handed.lower()) if told else ())

    @lazy
    def _handed(self) -> str:
        return "\n".join(self._letters) if self.effect in _GIVING else ""

    def carries(self, words: Pattern) -> bool:
        """Whether a text that the call hands to somebody has any of some words (`any_of`)."""
        return bool(self._handed) and words.found(self._handed)

    @lazy
    def scope(self) -> Extent:
        """On how much it is done, as far as statements, words and lists tell."""
        if self._every:
            return "all"
        taken = [set(one.tables) for _, _, told in self.subject.statements for one in told]
        if len(set().union(*taken)) > 1:
            return "several"
        listed = any(item.where.endswith("[1]") for item in self.subject.fields)
        return "several" if listed else "one"

    @property
    def _every(self) -> bool:
        parsed = self.subject.statements
        wide = any(takes_all(one) for _, _, told in parsed for one in told) if parsed else False
        return wide or not table.EVERY.isdisjoint(self.near)

    @lazy
    def reach(self) -> Reach:
        """The widest circle that feels it."""
        if "physical" in self.stakes:
            return "world"
        if self.effect in {"send", "write", "grant"} and not table.PUBLIC.isdisjoint(self.near):
            return "public"
        if self.effect in _GIVING:
            return "others"
        if not table.ACCOUNT.isdisjoint(self.near):
            return "account"
        subject = self.subject
        if self.effect == "execute" or subject.scripts:
            return "machine"
        if any(leads_out(use.path, subject.workspace) for use in subject.paths):
            return "machine"
        return "workspace" if subject.paths or subject.statements else "self"

    @lazy
    def reversal(self) -> Reversal:
        """Whether it can be undone: at will, with effort or loss, or not at all."""
        words = frozenset(self.subject.words)
        if self.subject.statements:
            return max((reversal_of(told) for _, _, told in self.subject.statements), key=_WORST)
        match self.effect:
            case "send":
                return "irreversible"
            case "pay":
                return "irreversible" if words.isdisjoint(table.CALLED_BACK) else "recoverable"
            case "delete":
                gentle = _BODILY.isdisjoint(self.stakes) and not words.isdisjoint(table.GENTLE)
                return "recoverable" if gentle else "irreversible"
            case "execute" if not words.isdisjoint(table.SECURING) and table.OPENING.isdisjoint(
                self.near
            ):
                return "recoverable"
            case "grant" | "execute":
                return "irreversible" if self.reach == "world" else "recoverable"
            case "write":
                return "reversible" if words.isdisjoint(table.CHANGING) else "recoverable"
            case _:
                return "reversible"

    @lazy
    def _given(self) -> Given:
        return given_by(self.subject)

    @lazy
    def assumed(self) -> tuple[Assumption, ...]:
        """The values that nobody gave."""
        return () if self.parsed else assumptions(self.subject, self._given)

    @property
    def signs(self) -> tuple[str, ...]:
        """The signs that hold; commands and statements say themselves what they do."""
        return () if self.parsed else tuple(one for one in sorted(SIGNS) if self.has(one))

    def has(self, sign: str) -> bool:
        """Whether a sign of `SIGNS` holds."""
        match sign:
            case "blind":
                return self.blind
            case "vague":
                request = self.subject.request
                return len(request) <= _TERSE and table.VAGUE.found(request)
            case "unsaid":
                return self._unsaid
            case "composed":
                return self._composed
            case "wider":
                return self._every and self._given.stems.isdisjoint(table.EVERY_STEMS)
            case "many":
                return self._many
            case "recurring":
                told = not table.RECURRING.isdisjoint(self.near)
                return told and self._given.stems.isdisjoint(table.RECURRING_STEMS)
            case "waiving":
                return self._waiving
            case "assumed":
                return bool(self.assumed)
            case _:
                return any(sign == f"assumed-{one.kind}" for one in self.assumed)

    @property
    def _many(self) -> bool:
        """Whether addresses are many: in one text, or in a list."""
        if len(self._own) >= MANY and any(item.where.endswith(_TENTH) for item in self._own):
            return True
        return self._handed.count("@") >= MANY and any(
            item.text.count("@") >= MANY and not RECIPIENT.isdisjoint(tool_words(item.name))
            for item in self._own
        )

    @property
    def _waiving(self) -> bool:
        """Whether a flag that is true skips a check or agrees to terms, without a word of it."""
        names = frozenset(word for name in self.subject.flags for word in tool_words(name))
        if names.isdisjoint(table.WAIVING):
            return False
        return self._given.stems.isdisjoint(table.WAIVING_STEMS)

    @lazy
    def _unsaid(self) -> bool:
        words = [word for word in self.subject.words if len(word) > 2]
        first = next((place for place, word in enumerate(words) if intent_of_word(word)), 0)
        return bool(self.subject.request) and self._given.stems.isdisjoint(map(stem, words[first:]))

    @lazy
    def _composed(self) -> bool:
        """Whether a letter has five longer words, and a third of these stand nowhere."""
        for letter in self._letters if self.subject.request else ():
            words = [word for word in _WORD.findall(letter.lower()) if len(word) > 3]
            new = sum([stem(word) not in self._given.stems for word in words])
            if len(words) >= 5 and 3 * new > len(words):
                return True
        return False

    def place_of(self, words: Pattern | None) -> Place:
        """Where the first of some words stands (`told_by`); the tool, where no text has any."""
        for item in self._own if words is not None else ():
            text = item.text[:_MOST]
            if words is not None and (found := words.first(text)) is not None:
                start, end = found
                inner = _WORD.search(text.lower(), start, end)
                return item.where, inner.span() if inner else found, item.text
        return "tool", None, self.subject.tool

    def place_of_assumed(self, signs: frozenset[str]) -> Place | None:
        """Where the first value of some kinds stands that nobody gave."""
        for one in self.assumed:
            if not signs.isdisjoint({"assumed", f"assumed-{one.kind}"}):
                return one.where, None, one.value
        return None
