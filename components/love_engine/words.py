"""Text as words: folding that undoes disguises of letters, sentence ends, and spans back.

Tokens are lower-case words, or one of a few marks: `.` for the end of a sentence, `"` for a
quotation mark. Their number is the same in the folded text and in the original, so a token is
found again in the original by counting.
"""

import re
import unicodedata
from collections.abc import Iterable
from string import ascii_letters, digits

from components.love_engine.remembered import LONGEST_WORD, Remembered
from components.monitor.footprint import Held

_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_TOKEN = re.compile(
    rf"[^\W_]+(?:['’{_INVISIBLE}]+[^\W_]+)*"  # a word; invisible characters do not cut it
    r"|[.!?](?=[\s\"”»)]|$)|;|\n\s*\n"  # the end of a sentence
    r"|[\"“”«»]"
)
_NAME_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W_a-zA-Z0-9]+")
_END = re.compile(r"[.!?\n](?:(?<=\n)\s*\n|(?<!\n)(?=[\s\")]|$))")
_FOREIGN = re.compile(rf"[^\W\x00-\x7f]|[{_INVISIBLE}]")  # other than as punctuation
_UNSEEN = str.maketrans("’", "'", _INVISIBLE)
_LONGEST_NAME = 256
_ENDS = frozenset('.!?;\n"“”«»')

Span = tuple[int, int]


def _table(marks: dict[str, str]) -> bytes:
    """For `bytes.translate`: letters in lower case, these marks, and spaces for all the rest."""
    kept = {character: character.lower() for character in f"{ascii_letters}{digits}'"} | marks
    return "".join(kept.get(chr(byte), " ") for byte in range(256)).encode()


_WORDS = _table({})
_WORDS_AND_MARKS = _table({";": ".", '"': '"'})


def tokens(text: str) -> list[str]:
    """The tokens of prose or of a command."""
    if not text.isascii():
        return [_fold(token) for token in _TOKEN.findall(text)]
    marked = _plain(_END.sub(";", text), _WORDS_AND_MARKS)
    return _split(marked.replace(".", " . ").replace('"', ' " '))


def distinct(text: str) -> set[str]:
    """The distinct `tokens` of a text, at a fraction of their cost; marks may be left out."""
    if not text.isascii():
        text = text.replace("’", "'")
        if _FOREIGN.search(text):
            return set(map(_fold, set(_TOKEN.findall(text))))
    return set(_split(letters(text)))


def letters(text: str) -> str:
    """Words in lower case, and spaces for what is no ASCII letter, digit or apostrophe."""
    return _plain(text, _WORDS)


def phrase_words(phrase: str) -> frozenset[str]:
    """The words of a lexicon phrase, without marks: `distinct` may leave those out."""
    return frozenset(phrase.split()) - {".", '"'}


def name_tokens(name: str) -> tuple[str, ...]:
    """The words of an identifier: snake_case, kebab-case and CamelCase are cut."""
    return _NAMES[name]


def _name_tokens(name: str) -> tuple[str, ...]:
    return tuple(_fold(part) for part in _NAME_PART.findall(name[:_LONGEST_NAME]))


_NAMES = Remembered(_name_tokens, _LONGEST_NAME, most=4096)


def spans(text: str) -> list[Span]:
    """Where each of `tokens(text)` stands in the text."""
    return [match.span() for match in _TOKEN.finditer(text)]


def _plain(text: str, table: bytes) -> str:
    return text.encode("ascii", "replace").translate(table).decode()


def _split(words: str) -> list[str]:
    """The words without the quotes around them; apostrophes stay."""
    if "'" in words:
        words = f" {words} ".replace(" '", " ").replace("' ", " ")
        if "' " in words or " '" in words:  # several at one word
            return list(filter(None, (word.strip("'") for word in words.split())))
    return words.split()


def _fold(token: str) -> str:
    if token[0] in _ENDS:
        return '"' if token[0] in '"“”«»' else "."
    if token.isascii():
        return token.lower()
    return unicodedata.normalize("NFKC", token.translate(_UNSEEN)).lower()


_SUFFIXES: dict[str, tuple[tuple[str, str], ...]] = {
    "l": (("ational", "ate"),),
    "n": (("ization", "ize"), ("isation", "ise")),
    "s": (("iness", "y"), ("ies", "y"), ("ings", ""), ("ers", ""), ("es", ""), ("s", "")),
    "y": (("ingly", ""), ("edly", ""), ("ly", "")),
    "d": (("ied", "y"), ("ed", "")),
    "g": (("ing", ""),),
    "r": (("er", ""),),
}
"""What goes and what stands instead, the first that fits, by the last letter."""


def stem(word: str) -> str:
    """A light stem: inflection goes, meaning stays; `cancelled` and `cancel` meet."""
    return _STEMS[word]


def stems(words: Iterable[str]) -> set[str]:
    """The distinct stems of some words."""
    return set(map(_STEMS.__getitem__, words))


def _stem(word: str) -> str:
    if len(word) > LONGEST_WORD:
        return word
    word = word.removesuffix("'s")
    if len(word) < 4 or word.isdigit():
        return word
    for suffix, instead in _SUFFIXES.get(word[-1], ()):
        if word.endswith(suffix) and len(word) - len(suffix) >= 3 and not word.endswith("ss"):
            word = word[: -len(suffix)] + instead
            break
    last = word[-1]
    if last == word[-2] and len(word) > 3 and last not in "aeiousl":
        word = word[:-1]
    if last == "l" and len(word) > 4 and word.endswith("ll"):
        word = word[:-1]
    return word[:-1] if last == "e" and len(word) > 3 else word


_STEMS = Remembered(_stem)


_STOP_WORDS_TEXT = (
    "a about above after again all also am an and any are as at be because been before being "
    "but by can could did do does doing done down during each either else ever few for from "
    "further get gets got had has have having he her here hers him his how i i'd i'll i'm "
    "i've if in into is isn't it it's its itself just let like me more most much my of off on "
    "once one only or other our out over own please quite rather s same she should since so "
    "some such t than that that's the their them then there these they this those through to "
    "too under until up upon us very was we well were what when where which while who whom "
    "whose why will with within would yes yet you your yours no not nor never n't don't "
    "doesn't didn't won't can't cannot"
)
STOP_WORDS = frozenset(_STOP_WORDS_TEXT.split()) | {".", '"'}


def content_stems(words: Iterable[str]) -> list[str]:
    """The stems of the words that carry meaning, in order."""
    return [_STEMS[word] for word in words if word not in STOP_WORDS]


def words_held() -> Held:
    """What is remembered of words: their stems, and the words of names."""
    return _STEMS.footprint() + _NAMES.footprint()
