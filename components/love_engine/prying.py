"""Private facts about other people that a request asks for."""

from functools import cache

from components.love_engine.deed import Deed
from components.love_engine.places import Place, stretch
from components.love_engine.words import tokens

_ASKING_TEXT = "what what's where where's which when how who tell give find look get show lookup"
_ASKING = frozenset(_ASKING_TEXT.split())
_WHOSE = frozenset({"my", "our", "his", "her", "their", "this", "that", "a", "an"})
_BEFORE = 3  # words between whose and who: "my new next door neighbour's"
_BETWEEN = 2  # words between who and what: "roofer's current home address"


def pries(deed: Deed) -> Place | None:
    """The request asks for a private fact about somebody who is not the user and not public.

    "What is our gardener's credit score?" does; the same about a hero of a film or a shop does not,
    because they are nobody's gardener.
    """
    said = deed.request
    if "'s " not in said and "’s " not in said:
        return None
    facts = deed.group("private_fact")
    if _last_words(facts).isdisjoint(deed.asked.words) or _ASKING.isdisjoint(deed.asked.words):
        return None
    words = tokens(said)
    known = deed.group("acquaintance")
    for place, word in enumerate(words):
        if not word.endswith("'s") or word[:-2] not in known:
            continue
        if not _WHOSE.isdisjoint(words[max(0, place - _BEFORE) : place]):
            last = _fact_after(words, place, facts)
            if last:
                return stretch("request", deed.action.request, place, last)
    return None


def _fact_after(words: list[str], place: int, facts: frozenset[str]) -> int:
    """The last word of the private fact that follows soon, or 0."""
    for start in range(place + 1, place + 2 + _BETWEEN):
        for end in range(start + 1, start + 4):
            if " ".join(words[start:end]) in facts:
                return end - 1
    return 0


@cache
def _last_words(phrases: frozenset[str]) -> frozenset[str]:
    return frozenset(phrase.split()[-1] for phrase in phrases)
