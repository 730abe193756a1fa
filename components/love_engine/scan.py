"""Reading one text against the lexicon: words to groups, sentences to findings.

One walk over the words; a sentence is looked at only where its words can begin a feature, and a
sentence has an end after 64 words whatever its punctuation says, so time is linear.
"""

from collections.abc import Iterator

from msgspec import Struct

from components.actions import SEVERITIES, Severity
from components.love_engine.fields import EXCERPT, Field
from components.love_engine.lexicon import Entry, Feature, Lexicon, Node
from components.love_engine.words import Span

_LONGEST_SENTENCE = 64
_NEGATION_REACH = 4
_MENTION_REACH = 5


class Finding(Struct, frozen=True):
    """A feature that holds in a text, with the words that made it hold."""

    feature: Feature
    severity: Severity
    field: Field
    first: int
    last: int

    def place(self) -> tuple[Span, str]:
        """Span and excerpt in the field's own text."""
        lead, spans = len(self.field.lead), self.field.spans or [(0, 0)]
        start, end = spans[max(0, self.first - lead)][0], spans[max(0, self.last - lead)][1]
        return (start, end), self.field.text[start : min(end, start + EXCERPT)]

    def overlaps(self, other: "Finding") -> bool:
        """Whether both share a word of one field."""
        same = self.field is other.field
        return same and self.first <= other.last and other.first <= self.last


class _Hit(Struct, frozen=True, gc=False):
    entry: Entry
    first: int
    last: int
    mentioned: bool


class Scanner:
    """Finds the features of a lexicon in fields."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._root = {".": Node({}), '"': Node({}), **lexicon.root}
        self._negation = lexicon.bits["negation"]
        self._mention = lexicon.bits["mention"]
        self._inquiry, self._seek = lexicon.bits["inquiry"], lexicon.bits["seek"]

    def scan(self, field: Field) -> list[Finding]:
        """The findings in one field, at most one a feature, in no particular order."""
        found: dict[int, Finding] = {}
        for sentence in self._sentences(field.words):
            self._judge(sentence, field, found)
        return list(found.values())

    def _sentences(self, words: list[str]) -> Iterator[list[_Hit]]:
        """The hits of each sentence that has one that can begin a feature."""
        known = self._root
        hits: list[_Hit] = []
        start = 0
        begun = quoted = mentioned = False
        for place, word in enumerate(words):
            node = known.get(word)
            if node is None:
                continue
            if word == "." or place - start >= _LONGEST_SENTENCE:
                if begun:
                    yield hits
                hits, start, begun = [], place, False
            if word == '"':
                quoted = not quoted
                mentioned = quoted and bool(hits) and self._is_mention(hits, place)
                continue
            if node.entry is not None:
                hits.append(_Hit(node.entry, place, place, mentioned))
                begun = begun or bool(node.entry.begins)
            if node.next:
                for entry, last in _longer(node, words, place):
                    hits.append(_Hit(entry, place, last, mentioned))
                    begun = begun or bool(entry.begins)
        if begun:
            yield hits

    def _is_mention(self, hits: list[_Hit], place: int) -> bool:
        """Whether a word before this quotation mark says that what follows is only mentioned."""
        near = (hit for hit in reversed(hits) if place - hit.last <= _MENTION_REACH)
        return any(hit.entry.groups & self._mention for hit in near)

    def _judge(self, hits: list[_Hit], field: Field, found: dict[int, Finding]) -> None:
        present = 0
        for hit in hits:
            present |= hit.entry.groups
        if present & self._seek:
            present &= ~self._inquiry
        # Features that need no more looking at in this sentence. A mere mention is no last word.
        settled = {i for i, known in found.items() if known.severity == known.feature.rule.severity}
        for place, hit in enumerate(hits):
            for feature in hit.entry.begins:
                if feature.index in settled:
                    continue
                if not _possible(feature, field, present):
                    settled.add(feature.index)
                    continue
                last = _follow(feature, hits, place)
                if last < 0 or (feature.rule.negatable and self._negated(hits, place)):
                    continue
                severity = feature.rule.severity
                severity = _lowered(severity) if hit.mentioned else severity
                found[feature.index] = Finding(feature, severity, field, hit.first, last)
                if not hit.mentioned:
                    settled.add(feature.index)

    def _negated(self, hits: list[_Hit], place: int) -> bool:
        start = hits[place].first
        for hit in reversed(hits[:place]):
            if start - hit.last > _NEGATION_REACH:
                break
            if hit.entry.groups & self._negation and hit.last < start:
                return True
        return False


def _longer(node: Node, words: list[str], place: int) -> list[tuple[Entry, int]]:
    """Every phrase of two words or more that begins here, with its last word."""
    found: list[tuple[Entry, int]] = []
    for last in range(place + 1, len(words)):
        following = node.next.get(words[last])
        if following is None:
            break
        node = following
        if node.entry is not None:
            found.append((node.entry, last))
    return found


def _possible(feature: Feature, field: Field, present: int) -> bool:
    """Whether a sentence with these groups can have the feature at all."""
    if field.kind not in feature.rule.fields or feature.unless & present:
        return False
    return all(map(present.__and__, feature.steps)) and all(map(present.__and__, feature.also))


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
