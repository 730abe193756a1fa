"""What of a sentence tells a task for an assistant from what people write to each other.

Words alone and in pairs, as they stand and by the class of words that they belong to ("your", an
answer), how it begins and ends, its length and its names. So a sentence that was never seen is
read by its build: who is spoken to, what is asked for, and in what form.
"""

import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

MAX_TOKENS = 80
_TOKEN = re.compile(
    r"https?://\S+|www\.\S+|(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.]+"
    r"|[^\W\d_]+(?:['’][a-z]+)*|\d[\d.,:/-]*|[^\w\s]"
)
_CLASSES = {
    "REPLY": "response responses answer answers reply replies output outputs completion",
    "TONGUE": "english french spanish german italian japanese chinese mandarin russian portuguese"
    " arabic hindi korean latin dutch polish swedish turkish greek hebrew",
    "CIPHER": "base64 base32 rot13 morse caesar cipher ciphertext binary hexadecimal hex ascii"
    " leetspeak braille emoji emojis anagram anagrams acronym uppercase lowercase backwards"
    " reversed encoded encrypted",
    "GENRE": "poem haiku essay story limerick song lyrics paragraph sonnet joke riddle slogan"
    " tagline headline speech dialogue screenplay tweet blog article review outline rhyme fable"
    " novel",
    "SNIPPET": "snippet snippets excerpt excerpts block blocks segment segments function script"
    " program algorithm",
    "LANGUAGE": "python java javascript php ruby html css sql bash rust kotlin swift typescript",
    "MACHINE": "ai assistant chatbot bot llm gpt chatgpt claude gemini llama",
}
_CLASS_OF = {word: name for name, words in _CLASSES.items() for word in words.split()}
_LENGTHS = 8
_NAMES = 3
_USUAL = 24  # characters: longer tokens hardly come again, and are not remembered


def features_of(sentence: str) -> set[str]:
    """The features of a sentence; none where it has fewer than two words."""
    tokens = [
        _known(token) if len(token) <= _USUAL else _read(token)
        for token in _TOKEN.findall(sentence)[:MAX_TOKENS]
    ]
    words = [token for token in tokens if token.is_word]
    if len(words) < 2:
        return set()
    found = {token.plain for token in words}
    classed = [token.classed for token in tokens]
    found.update(classed)
    found.update(map(" ".join, pairwise(["^", *classed, "$"])))
    start = ">"
    for token in words[:3]:
        start = f"{start} {token.classed}"
        found.add(start)
    names = sum([token.is_name for token in tokens[1:]])
    found.add(f"<words {min(len(words) // 4, _LENGTHS)}>")
    found.add(f"<names {min(names, _NAMES)}>")
    return found


class _Token(NamedTuple):
    """A token in lower case, addresses and numbers by their kind; and by its class, if any."""

    plain: str
    classed: str
    is_word: bool
    is_name: bool


def _read(token: str) -> _Token:
    if token[0].isdigit():
        return _Token("<number>", "<number>", True, False)
    if len(token) > 1 and ("@" in token or token.startswith(("http://", "https://", "www."))):
        plain = "<mail>" if "@" in token else "<url>"
        return _Token(plain, plain, True, False)
    plain = token.lower()
    is_name = token[0].isupper() and len(token) > 1
    return _Token(plain, _CLASS_OF.get(plain, plain), token[0].isalpha(), is_name)


_known = lru_cache(maxsize=8192)(_read)
