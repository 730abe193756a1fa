"""Reading one text against the lexicon: words to groups, sentences to findings.

One walk over the words; a sentence is looked at only where its words can begin a feature, and a
sentence has an end after 64 words whatever its punctuation says, so time is linear.
"""

from collections.abc import Iterator

from msgspec import Struct

from components.actions import SEVERITIES, Severity
from components.love_engine.fields import Field
from components.love_engine.lexicon import Entry, Feature, Lexicon, Node
from components.love_engine.words import Span, span, tokens

_LONGEST_SENTENCE = 64
_NEGATION_REACH = 4
_MENTION_REACH = 5
_EXCERPT = 160


class Finding(Struct, frozen=True):
    """A feature that holds in a text, with the words that made it hold."""

    feature: Feature
    severity: Severity
    field: Field
    first: int
    last: int

    def place(self) -> tuple[Span, str]:
        """Span and excerpt in the field's own text."""
        lead = len(self.field.lead)
        start, end = span(self.field.text, max(0, self.first - lead), max(0, self.last - lead))
        return (start, end), self.field.text[start : min(end, start + _EXCERPT)]


class _Hit(Struct, frozen=True):
    entry: Entry
    first: int
    last: int
    mentioned: bool


class Scanner:
    """Finds the features of a lexicon in fields."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._root = lexicon.root
        self._negation = lexicon.bits["negation"]
        self._mention = lexicon.bits["mention"]

    def scan(self, field: Field) -> list[Finding]:
        """The findings in one field, at most one a feature, in no particular order."""
        words = [*field.lead, *tokens(field.text)]
        found: dict[int, Finding] = {}
        for sentence in self._sentences(words):
            self._judge(sentence, field, found)
        return list(found.values())

    def _sentences(self, words: list[str]) -> Iterator[list[_Hit]]:
        """The hits of each sentence that has one that can begin a feature."""
        root = self._root
        hits: list[_Hit] = []
        start = 0
        begun = quoted = mentioned = False
        for place, word in enumerate(words):
            if word == "." or place - start >= _LONGEST_SENTENCE:
                if begun:
                    yield hits
                hits, start, begun = [], place, False
            elif word == '"':
                quoted = not quoted
                mentioned = quoted and self._is_mention(hits, place)
            elif word in root:
                for entry, last in _phrases(root[word], words, place):
                    hits.append(_Hit(entry, place, last, mentioned))
                    begun = begun or bool(entry.begins)
        if begun:
            yield hits

    def _is_mention(self, hits: list[_Hit], place: int) -> bool:
        near = (hit for hit in reversed(hits) if place - hit.last <= _MENTION_REACH)
        return any(hit.entry.groups & self._mention for hit in near)

    def _judge(self, hits: list[_Hit], field: Field, found: dict[int, Finding]) -> None:
        present = 0
        for hit in hits:
            present |= hit.entry.groups
        for place, hit in enumerate(hits):
            for feature in hit.entry.begins:
                if field.kind not in feature.rule.fields or feature.index in found:
                    continue
                if feature.unless & present or not all(map(present.__and__, feature.also)):
                    continue
                if not all(map(present.__and__, feature.steps)):
                    continue
                last = _follow(feature, hits, place)
                if last < 0 or (feature.rule.negatable and self._negated(hits, place)):
                    continue
                severity = _lowered(feature.rule.severity) if hit.mentioned else None
                found[feature.index] = Finding(
                    feature, severity or feature.rule.severity, field, hit.first, last
                )

    def _negated(self, hits: list[_Hit], place: int) -> bool:
        start = hits[place].first
        for hit in reversed(hits[:place]):
            if start - hit.last > _NEGATION_REACH:
                break
            if hit.entry.groups & self._negation and hit.last < start:
                return True
        return False


def _phrases(node: Node, words: list[str], place: int) -> Iterator[tuple[Entry, int]]:
    """Every phrase that begins at this word, with its last word; the tree bounds the walk."""
    while True:
        if node.entry is not None:
            yield node.entry, place
        place += 1
        following = node.next.get(words[place]) if place < len(words) else None
        if following is None:
            return
        node = following


def _follow(feature: Feature, hits: list[_Hit], place: int) -> int:
    """The last word of the feature's sequence from this hit on, or -1."""
    last = hits[place].last
    within = feature.rule.within
    for step in feature.steps[1:]:
        for later in hits[place + 1 :]:
            gap = later.first - last - 1
            if gap > within:
                return -1
            if gap >= 0 and later.entry.groups & step:
                last = later.last
                break
        else:
            return -1
    return last


def _lowered(severity: Severity) -> Severity:
    """Two steps milder: words that are only mentioned weigh less, they do not vanish."""
    return SEVERITIES[max(0, SEVERITIES.index(severity) - 2)]
