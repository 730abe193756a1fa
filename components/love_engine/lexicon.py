"""The lexicons: word groups and the features that are sequences of them, from TOML files.

A file or several a dimension, and `common.toml` for groups that all share.

```toml
dimension = "harm_prevention"

[groups]
violence = ["kill~", "beat~ up"]      # ~ adds a verb's inflections, + a noun's plural
person = ["neighbour+", "my wife"]

[[feature]]                            # a sequence of groups within one sentence
name = "violence_against_persons"
severity = "critical"
text = "It would injure or kill a person."
sequence = ["violence|weapon", "person"]   # in this order; | is either
within = 3                             # words allowed between two steps
also = ["intent"]                      # all of these must be in the sentence, anywhere
unless = ["fiction"]                   # none of these may be
fields = ["request", "message"]        # where it is looked for; prose fields by default
negatable = false                      # a negation before it does not undo it

[[measure]]                            # a feature that code measures over several fields
name = "amount_contradicts"
severity = "high"
text = "..."
```
"""

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any, Literal

import msgspec
from msgspec import Struct

from components.actions import Dimension, Severity

FieldKind = Literal["tool", "request", "narrative", "message", "argument", "command"]
PROSE: tuple[FieldKind, ...] = ("request", "narrative", "message", "argument")
DEFAULT_WITHIN = 3
COMMON = ("negation", "mention", "inquiry", "seek")


class BadLexicon(ValueError):  # noqa: N818 - reads as the sentence it is
    """A lexicon cannot be used; the text names the file and the entry."""


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """A feature as its file declares it."""

    name: str
    severity: Severity
    text: str
    sequence: tuple[str, ...]
    within: int = DEFAULT_WITHIN
    also: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    fields: tuple[FieldKind, ...] = PROSE
    negatable: bool = True


class Measure(Struct, frozen=True, forbid_unknown_fields=True):
    """A feature that is measured by code: what is said when it holds."""

    name: str
    severity: Severity
    text: str


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    dimension: Dimension | None = None
    groups: dict[str, tuple[str, ...]] = {}
    feature: tuple[Rule, ...] = ()
    measure: tuple[Measure, ...] = ()


class Feature(Struct, frozen=True):
    """A rule compiled: groups are bits."""

    index: int
    dimension: Dimension
    rule: Rule
    steps: tuple[int, ...]
    also: tuple[int, ...]
    unless: int


class Entry(Struct, frozen=True):
    """What a word or phrase stands for: its groups as bits, and the features it can begin."""

    groups: int
    begins: tuple[Feature, ...]


class Node(Struct):
    """A place in the tree of phrases: the words that may follow, and the entry that ends here."""

    next: dict[str, "Node"]
    entry: Entry | None = None


class Lexicon(Struct, frozen=True):
    """All dimensions together, compiled once."""

    root: dict[str, Node]
    features: tuple[Feature, ...]
    measures: dict[str, tuple[Dimension, Measure]]
    bits: dict[str, int]
    words: dict[str, frozenset[str]]


_NONE: dict[str, Node] = {}
"""What follows where nothing does: most places are the last word of a phrase."""


@cache
def load() -> Lexicon:
    """The lexicons that ship with the engine."""
    found = files("components.love_engine.lexicons").iterdir()
    texts = {file.name: file.read_text("utf-8") for file in found if file.name.endswith(".toml")}
    return compile_lexicon(dict(sorted(texts.items())))


def compile_lexicon(texts: dict[str, str]) -> Lexicon:
    """Compile TOML texts by file name; raises `BadLexicon`."""
    parsed = {name: _parse(name, text) for name, text in texts.items()}
    groups = {group: words for file in parsed.values() for group, words in file.groups.items()}
    if len(groups) != sum(len(file.groups) for file in parsed.values()):
        raise BadLexicon("two lexicons define one group")
    bits = {group: 1 << place for place, group in enumerate(groups)}
    features: list[Feature] = []
    measures: dict[str, tuple[Dimension, Measure]] = {}
    for name, file in parsed.items():
        if file.dimension is None:
            continue
        for rule in file.feature:
            features.append(_compile(name, rule, file.dimension, bits, len(features)))
        measures.update({measure.name: (file.dimension, measure) for measure in file.measure})
    phrases = {group: frozenset(_expand(words)) for group, words in groups.items()}
    for group, expanded in phrases.items():
        if not all(any(map(str.isalnum, phrase)) for phrase in expanded):
            raise BadLexicon(f"group {group}: a phrase without a word")
    root = _tree(phrases, bits, features)
    return Lexicon(root, tuple(features), measures, bits, phrases)


def _parse(name: str, text: str) -> _File:
    try:
        data: dict[str, Any] = tomllib.loads(text)
        return msgspec.convert(data, _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadLexicon(f"{name}: {error}") from None


def _compile(
    file: str, rule: Rule, dimension: Dimension, bits: dict[str, int], index: int
) -> Feature:
    def mask(names: str) -> int:
        unknown = [name for name in names.split("|") if name not in bits]
        if unknown:
            raise BadLexicon(f"{file}: feature {rule.name}: no group {unknown[0]}")
        return sum(bits[name] for name in set(names.split("|")))

    if not rule.sequence:
        raise BadLexicon(f"{file}: feature {rule.name}: an empty sequence")
    steps = tuple(mask(step) for step in rule.sequence)
    unless = mask("|".join(rule.unless)) if rule.unless else 0
    return Feature(index, dimension, rule, steps, tuple(map(mask, rule.also)), unless)


def _tree(
    phrases: dict[str, frozenset[str]], bits: dict[str, int], features: Sequence[Feature]
) -> dict[str, Node]:
    masks: dict[str, int] = {}
    used = 0
    for feature in features:
        for mask in (feature.unless, *feature.steps, *feature.also):
            used |= mask
    for group, words in phrases.items():
        if not bits[group] & used and group not in COMMON:
            continue  # measures alone read it
        for phrase in words:
            masks[phrase] = masks.get(phrase, 0) | bits[group]
    entries = {mask: _entry(mask, features) for mask in set(masks.values())}
    root = Node({})
    for phrase, mask in masks.items():
        node = root
        for word in phrase.split():
            if not node.next:
                node.next = {}  # its own, in place of the one that leaves share
            node = node.next.get(word) or node.next.setdefault(word, Node(_NONE))
        node.entry = entries[mask]
    return root.next


def _entry(mask: int, features: Sequence[Feature]) -> Entry:
    return Entry(mask, tuple(feature for feature in features if feature.steps[0] & mask))


def _expand(phrases: Sequence[str]) -> Iterator[str]:
    for phrase in phrases:
        for words in product(*(_forms(word) for word in phrase.lower().split())):
            yield " ".join(words)


def _forms(word: str) -> tuple[str, ...]:
    """A word with the inflections its marker asks for. Forms that no one writes do no harm."""
    if word.endswith("+"):
        word = word[:-1]
        return (word, word[:-1] + "ies") if word.endswith("y") else (word, word + "s", word + "es")
    if not word.endswith("~"):
        return (word,)
    word = word[:-1]
    if word.endswith("e"):
        return (word, word + "s", word + "d", word[:-1] + "ing")
    forms = (word, word + "s", word + "es", word + "ed", word + "ing")
    if word.endswith("y"):
        return (*forms, word[:-1] + "ies", word[:-1] + "ied")
    return (*forms, word + word[-1] + "ed", word + word[-1] + "ing")
