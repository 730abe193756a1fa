"""Grounding: is what an output says supported by its evidence, sentence by sentence?

Measured on stems, without a model. Every sentence gets a few figures (`grounding_features`): how
many of its words stand in the evidence, and in one place or scattered over it; how much is copied
in a run; which numbers and names the evidence lacks, or has elsewhere; what one denies and the
other does not; opinions and questions, which report nothing. A logistic combination makes them
its support, 0–1 (`grounding_weights`).

The whole is the mean of the sentences by length and, to a lesser part, the weakest of them, so
that one invention in a long faithful text still shows. Time is linear.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from components.love_engine.grounding_evidence import MAX_CHARACTERS, Evidence
from components.love_engine.grounding_features import Held as HeldSentence
from components.love_engine.grounding_weights import support
from components.love_engine.grounding_words import FORMS as _FORMS
from components.love_engine.grounding_words import sentences
from components.love_engine.words import Span
from components.monitor.footprint import Held
from components.passages import OutputType

THRESHOLDS: dict[OutputType, float] = {
    "answer": 0.4,  # half opinion and courtesy: of answers people found good one in nine is below
    "summary": 0.5,  # stands for its text and has nothing else: as likely unsupported as not
    "report": 0.65,  # read later, where nobody can ask back: what is doubtful is named too
    "code": 0.2,  # has words of its own, so only what is wholly foreign to the evidence
}
"""By the kind of output: a sentence whose support is below this is unsupported."""

MAX_SPANS = 50
_WEAKEST = 0.3
_ADVISORY = 0.5
_LISTED = 5


class Unsupported(Struct, frozen=True):
    """A span of the output that the evidence does not support, and why, as a sentence."""

    span: Span
    why: str


class Grounding(Struct, frozen=True):
    """How far an output is grounded (0–1), and the spans that are not supported, in order.

    `advisory` is True where there was no evidence: `grounded` is then 0.5, which says nothing.
    """

    grounded: float
    unsupported: tuple[Unsupported, ...] = ()
    advisory: bool = False


def ground(output: str, evidence: Sequence[str], kind: OutputType = "answer") -> Grounding:
    """Hold an output against its evidence. What lies beyond `MAX_CHARACTERS` is not read.

    The kind says what counts as unsupported (`THRESHOLDS`); `grounded` is the same for all.
    """
    said = list(sentences(output[:MAX_CHARACTERS]))
    index = Evidence(evidence, said)
    if not index.length or not said:
        return Grounding(_ADVISORY, (), True)
    total = length = 0.0
    weakest = 1.0
    spans: list[Unsupported] = []
    for one in said:
        held = HeldSentence(one, index)
        score = support(held.features())
        total += score * len(one.words)
        length += len(one.words)
        weakest = min(weakest, score)
        if len(spans) < MAX_SPANS:
            spans += _unsupported(held, score < THRESHOLDS[kind])
    grounded = (1.0 - _WEAKEST) * total / length + _WEAKEST * weakest
    return Grounding(grounded, tuple(spans[:MAX_SPANS]))


def forms_held() -> Held:
    """The forms of words that are kept."""
    return _FORMS.footprint()


def _unsupported(held: HeldSentence, fails: bool) -> Iterator[Unsupported]:
    """The spans to name, in order: numbers and names, else the sentence when it fails."""
    found = dict.fromkeys(held.numbers, "The evidence does not have this number.")
    found |= dict.fromkeys(held.names, "The evidence does not have this name.")
    if fails:
        far = "The evidence has this {} elsewhere, not with the rest of the sentence."
        found |= dict.fromkeys(held.far_numbers(), far.format("number"))
        found |= dict.fromkeys(held.far_names(), far.format("name"))
    words, text, start = held.said.found, held.said.text, held.said.start
    whole = start + len(text) - len(text.lstrip()), start + len(text)
    if held.denied:
        yield Unsupported(whole, "One denies what the other says.")
    for place in sorted(found):
        yield Unsupported(words[place].span(), found[place])
    if fails and not found and not held.denied:
        lacking = ", ".join(words[place].group() for place in held.missing[:_LISTED])
        why = f"Not in the evidence: {lacking}." if lacking else "Not as the evidence has it."
        yield Unsupported(whole, why)
