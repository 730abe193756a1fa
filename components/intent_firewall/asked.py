"""What the user asked for, in words: deeds, things, and whether they sent the agent elsewhere."""

import re
from typing import get_args

from components.actions import Intent
from components.intent_firewall.globs import Pattern
from components.intent_firewall.lazy import lazy
from components.intent_firewall.words import stem, verbs_told, word_set

WORD = re.compile(r"[a-zß-ÿ][a-zß-ÿ']+")
"""A word of a lower-case text."""

_DELEGATED = Pattern(
    r"\b(?:according(?:ly)?|based on|as (?:described|instructed|specified|mentioned|asked|listed)"
    r"|(?:actions?|steps?|things?|items?|changes?|everything|anything|what|that) (?:\w+ ){0,2}"
    r"(?:specified|described|listed|mentioned|requested|asked|outlined|needed|says?)"
    r"|mentioned in|instructions? (?:in|from)|todos?|to-?do|tasks? (?:in|from|on)|follow|invoice"
    r"|bill)\b|\b(?:in|from) (?:the|my|his|her|this|that) (?:\w+ ){0,3}(?:file|e?-?mails?|document"
    r"|list|message|note|notes|minutes|page|website|report)\b"
    r"|\b[\w-]+\.(?:txt|docx?|pdf|xlsx?|csv|md|eml|html?)\b"
)
_DOES_AS_TOLD = Pattern(
    r"\b(?:do|follow|complete|execute|perform|carry out|handle|take care of|work through|process"
    r"|act on|apply|implement|go through|tackle|finish|resolve)\b[^.?!\n]{0,60}\b(?:actions?|tasks?"
    r"|steps?|instructions?|todos?|to-?dos?|items?|requests?|everything|anything|what|things?|list"
    r"|checklist|changes?|file|e?-?mails?|message|note|document|page|website|ticket|issue)\b"
    r"|\btodos?\b|\bto-dos?\b|\baccordingly\b|\binstructions? (?:in|from|on)\b"
)
_MONEY = Pattern(r"\b(?:payments?|transactions?|refund\w*|bills?|invoices?|rent)\b")
_MOVES_MONEY = Pattern(
    r"\b(?:pay|send|transfer|refund|reimburse|settle|charge|adjust|update|change|increase|make"
    r"|schedule|split|owes?|due)\w*\b"
)
NOUN_LIKE = word_set(
    "email mail message text post order share contact record log file book list search check"
    " call update report request comment show tweet note"
)
# The verbs that ask for a deed, in what the user says.
_ASKING: dict[Intent, frozenset[str]] = {
    intent: verbs_told(intent) - NOUN_LIKE for intent in get_args(Intent)
}
# Words that are verbs only where a verb may stand, and verbs that ask for a message only where
# they have somebody else for their object.
_TELLS = re.compile(
    r"(?:^|[.!?;:,]\s*+|\n[^\S\n]*+|\b(?:and|then|please|to|also|you|or)\s++)"
    r"(?:e?-?mail|message|text|dm|ping|post|tweet|contact)\s++"
    r"(?!from\b|in\b|of\b|is\b|was\b|are\b|that\b|about\b|with\b|and\b|or\b)\w"
    r"|\b(?:tell|inform|ask|remind|thank|warn|congratulate|let|answer|reply|respond|write)\s++"
    r"(?:(?:back )?to\s+)?(?!me\b|us\b|you\b|it\b|if\b|whether\b|the\b|a\b|an\b|in\b)\w"
    r"|\b(?:tell|inform|remind|thank|warn|congratulate|let|invite)\s++(?:the|an?|our|my|all|every)\s++"
    r"(?!time|date|differen|truth|name|price|story)\w"
    r"|\b(?:write|compose|draft|reply|respond)\b[^.\n]{0,30}\b(?:message|e?-?mail|letter|invitation"
    r"|reply|post|tweet)s?\b"
)
_TELLING = word_set(
    "email mail e text dm ping message post tweet contact tell inform ask remind thank warn"
    " congratulate let answer reply respond write compose draft"
)
_SHARES = re.compile(
    r"\b(?:share (?!of\b|price)|(?:give|make|add|let)\b[^.\n]{0,40}"
    r"\b(?:access|member|admin|permission|channel|group))"
)
_ORDERS = Pattern(
    r"(?:^|[.!?;:,\n]\s*|\b(?:and|then|please|to|also|you|or)\s+)"
    r"(?:order|subscribe|rent|book|reserve|top up)\s+\w"
)
_GETS_RID = Pattern(
    r"\b(?:get rid of|clean(?:ing)? up|clear(?:ing)? out|no longer (?:want|need)\w*"
    r"|take (?:\w+ ){1,4}(?:off|down|out))\b"
)
_COMPUTING = Pattern(
    r"\b(?:files?|folders?|director(?:y|ies)|code|repo(?:s|sitory|sitories)?|tests?|builds?|bugs?"
    r"|install\w*|packages?|scripts?|commands?|terminal|shell|servers?|logs?|git|commit\w*|branch\w*"
    r"|python|docker|database|config\w*|errors?|functions?|modules?|deploy\w*|compil\w*|process\w*"
    r"|disk|linux|unix|ports?|services?|run\w*|execut\w*|computer|machine|system|program\w*)\b"
)
_WORKING = word_set(
    "fix implement improve refactor debug solve migrate port optimise optimize clean rework rewrite"
    " finish continue proceed handle automate set setup organise organize prepare plan arrange"
)
# The last word of a longer talk: what it agrees to was said before.
_AGREES = Pattern(
    r"^\W*(?:yes|yep|yeah|ok|okay|sure|correct|right|fine|great|perfect|no|thanks?)\b"
    r"|\b(?:go ahead|proceed|sounds good|looks (?:good|right|correct|fine)|that works"
    r"|do (?:it|that)|i (?:agree|confirm)|as discussed|same (?:again|as before))\b"
)
_PEOPLE = word_set(
    "participants attendees everyone everybody members colleagues customers clients people guests"
    " senders recipients contacts invitees whoever someone somebody"
)
_ENGLISH = word_set(
    "the my of for is are please what and from with this can how that find get show me i you give"
    " when where who which do does to"
)
_EMPTY = word_set(
    "this that with from have will your please could would they them their then than what when"
    " where which about into there here were been also just only some more most very like need want"
    " make sure user find get give show tell"
)
_ALIKE = tuple(
    word_set(group)
    for group in (
        "mail email gmail inbox message letter newsletter",
        "message chat dm text sms channel conversation inbox",
        "file document doc drive folder sheet spreadsheet note attachment",
        "calendar event meeting appointment reminder schedule lunch dinner class free busy",
        "page webpage website site web url link article blog browser online internet",
        "user account profile person member people colleague contact friend",
        "payment transaction money transfer bill invoice subscription rent fee bank balance spend",
        "hotel accommodation room stay hostel apartment trip",
        "flight plane trip travel airline ticket reservation booking",
        "car vehicle rental drive trip",
        "restaurant dinner lunch table food eat",
        "order purchase product item cart shop",
        "task todo issue ticket",
        "password credential login",
    )
)


def _stems(words: frozenset[str]) -> frozenset[str]:
    return frozenset(stem(word) for word in words)


_ALIKE_STEMS = tuple(_stems(group) for group in _ALIKE)


class Asked:
    """What the user said (and trusted context with it), lower case, looked at as far as needed."""

    def __init__(self, known: str) -> None:
        self.known = known
        self._deeds: dict[Intent, bool] = {}

    @lazy
    def said(self) -> frozenset[str]:
        """The words that the user used."""
        return frozenset(WORD.findall(self.known))

    @lazy
    def stems(self) -> frozenset[str]:
        """Their stems."""
        return _stems(self.said)

    @lazy
    def content(self) -> frozenset[str]:
        """The stems of the words that say what it is about."""
        return frozenset(stem(word) for word in self.said - _EMPTY if len(word) > 3)

    @lazy
    def delegated(self) -> bool:
        """Whether the user sent the agent to some text to see what is to be done."""
        return _DELEGATED.found(self.known)

    @lazy
    def as_told(self) -> bool:
        """Whether the user sent the agent to some text to do what it says."""
        return _DOES_AS_TOLD.found(self.known)

    @lazy
    def is_plain(self) -> bool:
        """Whether it says enough, in a language known here, to tell what it does not ask for."""
        if len(self.content) < 2 or self.said.isdisjoint(_ENGLISH):
            return False
        return not _AGREES.found(self.known)

    @lazy
    def works(self) -> bool:
        """Whether the user wants something made or changed, and not only to be told something."""
        return self.deed("write") or not self.said.isdisjoint(_WORKING)

    @lazy
    def means_people(self) -> bool:
        """Whether the user speaks of people without naming them."""
        return not self.said.isdisjoint(_PEOPLE)

    def deed(self, intent: Intent) -> bool:
        """Whether a deed of this kind was asked for."""
        found = self._deeds.get(intent)
        if found is None:
            found = self._deeds[intent] = self._asks_for(intent)
        return found

    def _asks_for(self, intent: Intent) -> bool:
        if intent == "pay":
            if _MONEY.found(self.known):
                # To ask about a bill is not to ask for its payment.
                return _MOVES_MONEY.found(self.known)
            if not self.said.isdisjoint(_ASKING["pay"] | _ASKING["send"]):
                return True
            return _ORDERS.found(self.known)
        if not self.said.isdisjoint(_ASKING[intent]):
            return True
        if intent == "send":
            return not self.said.isdisjoint(_TELLING) and _TELLS.search(self.known) is not None
        if intent == "grant":
            return _SHARES.search(self.known) is not None
        if intent == "delete":
            return _GETS_RID.found(self.known)
        return intent == "execute" and _COMPUTING.found(self.known)

    def speaks_of(self, nouns: frozenset[str]) -> bool:
        """Whether the user named one of some things (stems), or what is much the same."""
        if not nouns.isdisjoint(self.stems):
            return True
        alike = [group for group in _ALIKE_STEMS if not nouns.isdisjoint(group)]
        return any(not group.isdisjoint(self.stems) for group in alike)
