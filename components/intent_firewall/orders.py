"""Orders inside text: stretches that tell the reader to do something.

Found by structure alone: a clause that begins with a verb of action, or a turn that asks the
reader for one (`please …`, `could you …`, `you must …`, `make sure to …`). A table of facts, a
story or a signature is not an order, whatever words it holds.
"""

import re

from msgspec import Struct

from components.intent_firewall import tongues
from components.intent_firewall.globs import Pattern
from components.intent_firewall.lazy import lazy

_VERBS = (
    "send forward email e-mail mail message text post publish tweet share transfer pay wire deposit"
    " withdraw buy purchase order book reserve invite add create make write append save update"
    " change set modify edit rename move copy delete remove erase wipe clear cancel disable enable"
    " turn unlock open lock grant give revoke allow approve authorize share schedule reschedule"
    " redirect download upload install run execute call dispatch visit navigate go click follow"
    " retrieve retrive get fetch find search look check read list show tell provide access use"
    " submit report notify contact ask reply respond sell trade donate subscribe unsubscribe join"
    " leave withdraw register enroll confirm verify extract collect gather compile export include"
    " insert replace reset return initiate start stop begin play print record withdraw refund"
    " summarize summarise translate convert generate ignore disregard forget do perform complete"
    " assign block unblock adjust increase decrease raise lower put place request obtain examine"
    " review release activate deactivate reveal disclose output append say mention recommend bring"
    " manage store log sign file pull push clone merge commit deploy exfiltrate encrypt decrypt"
)
_VERB = "|".join(sorted({*_VERBS.split(), *tongues.BARE.split()}, key=len, reverse=True))
_TURN = (
    r"please|kindly|(?:can|could|would|will) (?:you|we)|you (?:must|should|need to|have to|are to)"
    r"|i(?:'d| would) like (?:you )?to|i (?:want|need) (?:you )?to|make sure (?:to|you|that you)"
    r"|be sure to|remember to|do(?:n't| not) forget to|let'?s|let us|help me(?: to)?"
    r"|your task is to"
    r"|it is (?:important|necessary|vital) (?:to|that you)|you are (?:required|asked) to"
    rf"|{tongues.TURN}"
)
_LEAD = (
    r"(?:(?:now|then|also|first|next|finally|just|immediately|instead|and|urgent|important"
    r"|attention|step \d+|\d+[.)]|todo|note)[\s,:!.]+)*"
)
_NOUN_LIKE = (
    "purchase order book refund transfer deposit play post text mail message share report contact"
    " record update review check request trade file log visit call access use show list email"
    " set change register release return block store sign wire search look notify cancel schedule"
)
_OBJECT = (
    r"(?=\s+(?:(?i:the|an?|my|your|our|all|this|that|these|those|any|every|each|it|them|me|us|him|her"
    r"|to|for|out|up|off|into|money|funds|some|both|another|as|with)\b|[A-Z0-9$€£@#'\"“‘*<]))"
)
_COURTESY = r"(?!(?:note|see|be|find|feel|let|know|accept|keep|enjoy|join|do\s+not)\b|don)"
_BARE = "|".join(
    sorted(
        {*_VERBS.split(), *tongues.BARE.split()} - set(_NOUN_LIKE.split()), key=len, reverse=True
    )
)
_NOUNS = "|".join(sorted(_NOUN_LIKE.split(), key=len, reverse=True))
_OPENS = r"\A|[.!?:;>\[\](){}\"'“‘]\s*|(?:<!--|/\*+|//|--)\s*|\n\s*[-*•\d.)#>]*\s*"
# The same with no way back, and of a run of lines the last alone: linear where nothing follows.
_OPENS_EXACT = (
    r"\A|[.!?:;>\[\](){}\"'“‘]\s*+|(?:<!--|/\*+|//|--)\s*+"
    r"|\n[^\S\n]*+(?:[-*•\d.)#>]++\s*+)?"
)
_ORDER = re.compile(
    rf"(?:{_OPENS_EXACT}"
    r"|,\s+(?=(?i:please)|[A-Z][a-z]+ (?i:my|the|your|all|me|us|an?|it|this|these)\b))"
    rf"[\"'“‘*_`]*(?i:{_LEAD})(?:(?i:{_TURN})\b[\s,]+(?:\w+ly\s+)?{_COURTESY}\w+"
    rf"|(?:(?i:{_BARE})\b|(?i:{_NOUNS})\b{_OBJECT})(?![:=@_'\"(/.-]|\s*[:=|,]))",
)
# RE2 finds the places worth looking at, in one pass; the exact pattern then looks only there.
_MAYBE = Pattern(rf"(?:{_OPENS}|,\s+)[\"'“‘*_`]*{_LEAD}(?:{_TURN}|{_VERB})\b")
_COMMA = re.compile(r",\s*")
_TURN_INSIDE = Pattern(rf"\b(?:{_TURN})\s+(?:\w+ly\s+)?(?:{_VERB})\b")
_END = re.compile(
    r"[.!?](?=[\s\"'”’)\]<]|$)|\n\s*\n|\\n\\n|'\s*[,}]|\"\s*[,}]|\n(?=\s*(?:- )?[\w ]{1,20}:\s)"
)
# Where another field of a record begins: what stands behind it is no part of the order.
_FIELD = re.compile(r"\n\s{0,16}(?:- )?[\w ]{1,30}:\s|['\"]\s{0,4}[,}\]]")
_OVERRIDE = Pattern(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.\n]{0,60}\b(?:instruct|prompt|rule|previous"
    r"|above|prior|polic|guideline|task)|\b(?:before|after)\b[^.\n]{0,40}\b(?:task|request|question)"
    r"|\b(?:to|dear|hey|hi|hello|attention)[, ]+(?:you[, ]+)?(?:the )?(?:ai|assistant|agent|model"
    r"|llm|chatbot|bot|gpt|claude|gemini|llama)\b|\b(?:new|updated|following|real|actual) "
    r"(?:system )?(?:instruction|task|directive|command|prompt)s?\b"
    r"|\bsystem (?:message|prompt|override)\b"
    r"|\b(?:any|all|every|if you are an?|as an?) (?:ai|llm|language model|automated)\b"
    r"|\bai (?:agents?|assistants?|models?|systems?)\b"
    r"|<\|?/?(?:im_start|im_end|system|assistant|inst)\b|\[/?(?:inst|sys|system)\]"
    r"|\b(?:do not|don't|never|without) (?:tell|telling|mention|inform|notify|alert|ask|asking)\w*"
    r" (?:\w+ )?(?:user|owner|human|operator|anyone)\b"
    rf"|{tongues.OVERRIDE}"
)
_WORDS = re.compile(r"\w")
_ESCAPED = (
    ("\\n", " \n"), ("\\r", "  "), ("\\t", "  "), ("\\\n", "  "), ("\\ ", "  "), ('\\"', ' "'),
)  # fmt: skip
MAX_ORDERS = 400
_LONGEST = 700
_AFTER = 220


class Order(Struct, frozen=True):
    """A stretch of text that tells the reader to do something. `reach` is how far it carries on."""

    start: int
    end: int
    reach: int


class Read:
    """A text that the agent read, with the orders in it, looked at as far as needed."""

    def __init__(self, where: str, text: str) -> None:
        self.where = where
        self.text = readable(text)
        self.folded = self.text.lower()

    @lazy
    def orders(self) -> tuple[Order, ...]:
        """The orders in the text."""
        return orders_in(self.text)

    def overrides(self, order: Order) -> bool:
        """Whether an order speaks to a machine, or sets other instructions aside."""
        return overrides(self.text, order.start, order.end)


def readable(text: str) -> str:
    """The text with what serialisers do to line breaks and quotes undone; places are kept."""
    if "\\" not in text:
        return text
    for escaped, plain in _ESCAPED:
        text = text.replace(escaped, plain)
    return text


def orders_in(text: str) -> tuple[Order, ...]:
    """The orders in a text, in order, at most `MAX_ORDERS`; linear in the text.

    The text must be encodable (`normalise.encodable`).
    """
    found: list[Order] = []
    past = 0
    for near, verb, certain in _places(text):
        if verb <= past:
            continue
        place = (near, verb) if certain else _exact(text, near, verb)
        if place is None or place[0] < past:
            continue
        start, told = place
        ending = _END.search(text, told, start + _LONGEST)
        past = ending.end() if ending else min(len(text), start + _LONGEST)
        found.append(Order(start, past, _reach(text, start, past)))
        if len(found) >= MAX_ORDERS:
            break
    return tuple(found)


def _reach(text: str, start: int, end: int) -> int:
    """How far an order carries on: to the next field, unless it announces that."""
    if text[start:end].rstrip().endswith(":"):
        return min(len(text), end + _AFTER)
    field = _FIELD.search(text, max(start, end - 2), end + _AFTER)
    return max(end, field.start()) if field else min(len(text), end + _AFTER)


def _places(text: str) -> list[tuple[int, int, bool]]:
    """Where orders may begin, where their first verb ends, and whether they do for certain."""
    maybe = [(start, end, False) for start, end in _MAYBE.spans(text)]
    inside = [(start, end, True) for start, end in _TURN_INSIDE.spans(text)]
    return sorted(maybe + inside)


def _exact(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Where an order's first word begins and its first verb ends, if one is here."""
    one = _begins(text, start, end)
    word = _WORDS.search(text, one.start()) if one else None
    return (word.start(), min(one.end(), len(text))) if one and word else None


def _begins(text: str, start: int, end: int) -> re.Match[str] | None:
    """Where an order begins just here, or behind blank lines or a comma that stand here."""
    if text[start] == "\n":
        start = text.rfind("\n", start, end)
    found = _ORDER.match(text, start)
    comma = None if found else _COMMA.match(text, start)
    return _ORDER.match(text, comma.end()) if comma else found


def overrides(text: str, start: int, end: int) -> bool:
    """Whether the text around a place sets other instructions aside or speaks to a machine."""
    return _OVERRIDE.found(text[max(0, start - 400) : end + 200])
