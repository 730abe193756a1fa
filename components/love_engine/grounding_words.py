"""Words as grounding compares them: inflections, spellings and plain synonyms fall together."""

import re
from collections.abc import Iterator

from msgspec import Struct

from components.love_engine.remembered import LONGEST_WORD, Remembered
from components.love_engine.words import STOP_WORDS, Span, letters, stem

DIGITS = frozenset("0123456789")
_BREAK = re.compile(
    r"[.!?\n](?:(?<=\n)\s*|(?<!\b[A-Z]\.)(?<!\b(?:Mr|Dr|St|Ms)\.)(?<!\bMrs\.)"
    r"[\"”’')]{0,3}(?=\s|$))"
)
_WORD = re.compile(r"[0-9]+(?:[.,][0-9]+)*(?:['’]?[^\W_]+)?|[^\W_]+(?:['’][^\W_]+)*")
_COMMA = re.compile(r",(?<=[0-9],)(?=[0-9])")
_POINT = re.compile(r"\.(?<=[0-9]\.)(?=[0-9])")
_END = " ''' "  # `letters` keeps it
_TYPOGRAPHIC = (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'), ("–", "-"), ("—", "-"))
_AFTER_NUMBER = re.compile(r"'?[^\W0-9]+$")
LONGEST_SENTENCE = 80
"""In words, of the evidence; no longer than that is one place."""


_NUMBERS_TEXT = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
)
_NUMBERS = {word: str(value) for value, word in enumerate(_NUMBERS_TEXT.split())}

_SAME_TEXT = """
say said tell told announce declare report confirm reveal explain insist
die died dead death fatal
kill killed murder slain
go went gone
come came arrive
take took taken
give gave given
make made
see saw seen
know knew known
think thought believe
find found discover
become became
leave left depart quit
feel felt
bring brought
begin began begun start commence
keep kept
hold held
write wrote written
stand stood
hear heard
mean meant
meet met
run ran
pay paid
sit sat
speak spoke spoken talk
lead led head
grow grew grown
lose lost
fall fell fallen drop decline decrease
rise rose risen increase climb
send sent
build built construct
understand understood
draw drew drawn
break broke broken
spend spent
drive drove driven
buy bought purchase
wear wore worn
choose chose chosen select pick
seek sought
throw threw thrown
catch caught
deal dealt
win won beat beaten defeat victory
fight fought
teach taught
eat ate eaten
sell sold
shoot shot
sing sang sung
fly flew flown flight
show shown reveal display
hide hid hidden
steal stole stolen
strike struck hit
sleep slept
ride rode ridden
bear born birth
feed fed
flee fled escape
forget forgot forgotten
freeze froze frozen
hang hung
sink sank sunk
sweep swept
tear tore torn
wake woke
withdraw withdrew withdrawn withdrawal
man men
woman women
child children kid
person people
foot feet
life lives
wife wives
film movie
company firm
car vehicle
big large huge
help aid assist
jail prison imprison
attack assault
arrest detain custody
injure injury wound hurt
country nation
home house
ill sick
wed marry marriage wedding
mother mum mom
father dad
boss manager
fast quick
near close
cut reduce reduction
court tribunal
game match
try attempt
need require
ask request
allow permit
want wish
use usage
stop halt cease
finish end complete conclude
get obtain receive
argue dispute
job post
"""
"""Irregular forms and everyday synonyms, one family a line, told by its first word."""


def _families(text: str) -> list[list[str]]:
    return [[stem(word) for word in line.split()] for line in text.strip().splitlines()]


_SAME = {other: first for first, *others in reversed(_families(_SAME_TEXT)) for other in others}


_DENIALS = (
    "not no never n't none nobody nothing neither nor without cannot can't don't doesn't "
    "didn't isn't aren't wasn't weren't won't wouldn't couldn't shouldn't hasn't haven't "
    "hadn't"
)
_REFUSALS = "refuse deny fail unlikely hardly rarely false reject"
_DENYING = frozenset(_DENIALS.split()).union(map(stem, _REFUSALS.split()))
_DENIED = 3
_JOINTS = frozenset({"but", "and"})


def denied(words: list[str]) -> set[str]:
    """The words of content that a negation governs: the few that follow it, up to a joint."""
    found: set[str] = set()
    if _DENYING.isdisjoint(words):
        return found
    left = 0
    for word in words:
        if word in _DENYING:
            left = _DENIED
        elif word in _JOINTS:
            left = 0
        elif left and word not in STOP_WORDS:
            found.add(word)
            left -= 1
    return found


class Said(Struct, frozen=True):
    """A sentence: its text, where it begins, and its words, as found and as compared."""

    text: str
    start: int
    found: list[re.Match[str]]
    words: list[str]


def sentences(text: str) -> Iterator[Said]:
    """The sentences that have words."""
    for start, end in _spans(text):
        found = list(_WORD.finditer(text, start, end))
        if found:
            words = _normal([word.group() for word in found])
            yield Said(text[start:end], start, found, words)


def sentence_words(text: str) -> Iterator[list[str]]:
    """The words of each sentence as they are compared, without their places.

    What goes on without an end, as data on one line does, is cut after `LONGEST_SENTENCE` words.
    """
    for mark, plain in _TYPOGRAPHIC:
        text = text.replace(mark, plain)
    text = _BREAK.sub(_END, text)
    if text.isascii():
        text = letters(_POINT.sub("'", _COMMA.sub("", text)))
        found = map(str.split, text.split(_END))
    else:
        found = map(_WORD.findall, text.split(_END))
    for words in found:
        for start in range(0, len(words), LONGEST_SENTENCE):
            place = words[start : start + LONGEST_SENTENCE]
            yield list(filter(None, map(FORMS.__getitem__, place)))


def _spans(text: str) -> Iterator[Span]:
    start = 0
    for match in _BREAK.finditer(text):
        yield start, match.end()
        start = match.end()
    if start < len(text):
        yield start, len(text)


def _normal(words: list[str]) -> list[str]:
    """The form words are compared in: numbers as digits, words as stems."""
    return list(map(FORMS.__getitem__, words))


def _form(word: str) -> str:
    if len(word) > LONGEST_WORD:
        return word.lower()
    word = word.lower().replace("’", "'").strip("'")
    if word[:1] in DIGITS:  # 1960s, 20th and 1,000 are 1960, 20 and 1000
        return _AFTER_NUMBER.sub("", word).replace(",", "").replace("'", ".")
    if word in _NUMBERS or word in STOP_WORDS:
        return _NUMBERS.get(word, word)
    word = stem(word)
    return _SAME.get(word, word)


FORMS = Remembered(_form)
