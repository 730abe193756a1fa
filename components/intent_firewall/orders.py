"""Orders inside text: stretches that tell the reader to do something.

Found by structure alone: a clause that begins with a verb of action, or a turn that asks the
reader for one (`please …`, `could you …`, `you must …`, `make sure to …`). A table of facts, a
story or a signature is not an order, whatever words it holds.
"""

import re

from msgspec import Struct

from components.intent_firewall.globs import Pattern

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
_VERB = "|".join(sorted(set(_VERBS.split()), key=len, reverse=True))
_TURN = (
    r"please|kindly|(?:can|could|would|will) (?:you|we)|you (?:must|should|need to|have to|are to)"
    r"|i(?:'d| would) like (?:you )?to|i (?:want|need) (?:you )?to|make sure (?:to|you|that you)"
    r"|be sure to|remember to|do(?:n't| not) forget to|let'?s|let us|help me(?: to)?"
    r"|your task is to"
    r"|it is (?:important|necessary|vital) (?:to|that you)|you are (?:required|asked) to"
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
_BARE = "|".join(sorted(set(_VERBS.split()) - set(_NOUN_LIKE.split()), key=len, reverse=True))
_NOUNS = "|".join(sorted(_NOUN_LIKE.split(), key=len, reverse=True))
_ORDER = re.compile(
    rf"(?:\A|[.!?:;>\[\](){{}}\"'“‘]\s*|\n\s*[-*•\d.)#>]*\s*|,\s+(?=(?i:please)))[\"'“‘*_`]*"
    rf"(?i:{_LEAD})(?:(?i:{_TURN})\b[\s,]+(?:\w+ly\s+)?{_COURTESY}\w+"
    rf"|(?:(?i:{_BARE})\b|(?i:{_NOUNS})\b{_OBJECT})(?![:=_'\"(/.-]|\s*[:=|,]))",
)
# RE2 finds the places worth looking at, in one pass; the exact pattern then looks only there.
_MAYBE = Pattern(
    rf"(?:\A|[.!?:;>\[\](){{}}\"'“‘]\s*|\n\s*[-*•\d.)#>]*\s*|,\s+)[\"'“‘*_`]*"
    rf"{_LEAD}(?:{_TURN}|{_VERB})\b"
)
_TURN_INSIDE = Pattern(rf"\b(?:{_TURN})\s+(?:\w+ly\s+)?(?:{_VERB})\b")
_END = re.compile(
    r"[.!?](?=[\s\"'”’)\]<]|$)|\n\s*\n|\\n\\n|'\s*[,}]|\"\s*[,}]|\n(?=\s*(?:- )?[\w ]{1,20}:\s)"
)
_OVERRIDE = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.\n]{0,60}\b(?:instruct|prompt|rule|previous"
    r"|above|prior|polic|guideline|task)|\b(?:before|after)\b[^.\n]{0,40}\b(?:task|request|question)"
    r"|\b(?:to|dear|hey|hi|hello|attention)[, ]+(?:you[, ]+)?(?:the )?(?:ai|assistant|agent|model"
    r"|llm|chatbot|bot|gpt|claude|gemini|llama)\b|\b(?:new|updated|following|real|actual) "
    r"(?:system )?(?:instruction|task|directive|command|prompt)s?\b"
    r"|\bsystem (?:message|prompt|override)\b",
    re.IGNORECASE,
)
_WORDS = re.compile(r"\w")
MAX_ORDERS = 400
_LONGEST = 700
_AFTER = 220


class Order(Struct, frozen=True):
    """A stretch of text that tells the reader to do something. `reach` is how far it carries on."""

    start: int
    end: int
    reach: int


def orders_in(text: str) -> tuple[Order, ...]:
    """The orders in a text, in order, at most `MAX_ORDERS`; linear in the text.

    The text must be encodable (`normalise.encodable`).
    """
    found: list[Order] = []
    past = 0
    for start, told in _starts(text):
        if start < past:
            continue
        ending = _END.search(text, told, start + _LONGEST)
        end = ending.end() if ending else min(len(text), start + _LONGEST)
        found.append(Order(start, end, min(len(text), end + _AFTER)))
        past = end
        if len(found) >= MAX_ORDERS:
            break
    return tuple(found)


def _starts(text: str) -> list[tuple[int, int]]:
    """Where orders begin, and where their first verb ends."""
    maybe = [_ORDER.match(text, start) for start, _ in _MAYBE.spans(text)]
    starts = [(_WORDS.search(text, one.start()), one.end()) for one in maybe if one]
    found = [(word.start(), min(end, len(text))) for word, end in starts if word]
    found += _TURN_INSIDE.spans(text)
    return sorted(found)


def overrides(text: str, start: int, end: int) -> bool:
    """Whether the text around a place sets other instructions aside or speaks to a machine."""
    return _OVERRIDE.search(text, max(0, start - 400), min(len(text), end + 200)) is not None
