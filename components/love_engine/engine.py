"""The Love Engine: five ethical dimensions of an action, measured, and outputs held to evidence.

**How the score is made.** Every concern leaves its dimension a share of its standing, by severity
(`STANDING`); a dimension is the product over its concerns. The dimensions are averaged with
`WEIGHTS`. The average alone would hide one grave fault behind four clean dimensions, so the worst
concern caps it: a high one at 0.5, a critical one at 0.2, both below `ETHICS_THRESHOLD`. Medium
and low ones only add up. No concern at all is a score of 1.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property, lru_cache

import msgspec

from components.actions import (
    SEVERITIES,
    Action,
    Concern,
    Dimensions,
    EthicsAssessment,
    Severity,
)
from components.love_engine import dark_patterns, grounding, harmful_requests, measures, words
from components.love_engine.asked import LONGEST, REMEMBERED, Asked
from components.love_engine.deed import Deed
from components.love_engine.fields import EXCERPT, MAX_CHARACTERS, Field, fields
from components.love_engine.lexicon import load
from components.love_engine.measures import MEASURES
from components.love_engine.passage_model import Weights, shipped
from components.love_engine.places import Place
from components.love_engine.prefilter import Prefilter
from components.love_engine.scan import Finding, Scanner
from components.love_engine.unfounded import judges_unfounded
from components.monitor.footprint import Held, caches_of, deep_size
from components.passages import OutputType

ETHICS_THRESHOLD = 0.6
"""A score below this is an objection."""

WEIGHTS = Dimensions(
    harm_prevention=0.30,
    autonomy_respect=0.20,
    fairness=0.20,
    transparency=0.15,
    beneficence=0.15,
)

STANDING: dict[Severity, float] = {
    "info": 1.0,
    "low": 0.95,
    "medium": 0.78,
    "high": 0.5,
    "critical": 0.2,
}
_CAPS: dict[Severity, float] = {"high": 0.5, "critical": 0.2}
_MESSAGE = "message"
_REQUEST = "request"
_MESSAGE_AT = f"arguments.{_MESSAGE}"
_NAMES = Dimensions.__struct_fields__
_NO_CONCERN = EthicsAssessment(1.0, Dimensions())


class LoveEngine:
    """Ethics and grounding. What it remembers changes no answer; usable by any thread."""

    no_concern = _NO_CONCERN

    def __init__(self, patterns: Weights | None = None, requests: Weights | None = None) -> None:
        """With other weights than those that ship, to judge a training.

        `patterns` are those for dark patterns, `requests` those for harmful requests.
        """
        self._lexicon = load()
        models = patterns or shipped("dark_patterns"), requests or shipped("harmful_requests")
        self._patterns = dark_patterns.reader(models[0], dark_patterns.reading(self._lexicon))
        asked = harmful_requests.reading(self._lexicon)
        self._requests = harmful_requests.reader(models[1], asked)
        self._prefilter = Prefilter(self._lexicon)
        self._scanner = Scanner(self._lexicon)
        self._remembered = lru_cache(REMEMBERED)(self._read)
        rules = [feature.rule for feature in self._lexicon.features]
        groups = sorted(map(sorted, self._lexicon.words.values()))
        body = msgspec.json.encode((rules, groups, models))
        self.version: str = hashlib.sha256(body).hexdigest()[:12]

    def footprint(self) -> Held:
        """The lexicons, weighed once, and what this package remembers of inputs."""
        forms = grounding.forms_held()
        asked = Held(self._remembered.cache_info().currsize, deep_size(self._remembered))
        return self._compiled + asked + forms + words.words_held() + caches_of(measures)

    @cached_property
    def _compiled(self) -> Held:
        held = deep_size(
            self._lexicon, self._prefilter, self._scanner, self._patterns, self._requests
        )
        return Held(len(self._lexicon.features), held)

    def check_ethics(self, action: Action) -> EthicsAssessment:
        """Assess an action. Never raises; time is linear in its length."""
        return _assessed(self._concerns(action))

    def check_request(self, text: str) -> EthicsAssessment:
        """Assess what a user asks, by itself."""
        return self.check_ethics(Action(tool="", request=text))

    def check_message(self, text: str) -> EthicsAssessment:
        """Assess what an agent would show or send to a person, for dark patterns as well."""
        return _assessed(self._told(text))

    def check_output(self, text: str, evidence: Sequence[str]) -> EthicsAssessment:
        """Assess an answer as a message, and whether it judges people without evidence."""
        concerns = self._told(text)
        place = judges_unfounded(text, evidence, self._lexicon.words, _MESSAGE_AT)
        if place is not None:
            concerns.append(self._measure("judges_unfounded", place))
        return _assessed(concerns)

    def detect_hallucination(
        self, output: str, evidence: Sequence[str], kind: OutputType = "answer"
    ) -> grounding.Grounding:
        """Hold an output against its evidence, sentence by sentence (see `grounding`)."""
        return grounding.ground(output, evidence, kind)

    def _concerns(self, action: Action) -> list[Concern]:
        deed = Deed(action, self._lexicon, self._asked_in)
        concerns = self._found(deed) + self._measured(deed)
        if deed.request and not any(map(_objects_to_request, concerns)):
            concerns += self._harmful(deed)
        return concerns

    def _told(self, text: str) -> list[Concern]:
        """What a person is told; a dark pattern only where the lexicon has not named one."""
        concerns = self._concerns(Action(tool="", arguments={_MESSAGE: text}))
        if all(concern.dimension != "autonomy_respect" for concern in concerns):
            found = self._patterns.find(text[:MAX_CHARACTERS])
            if found is not None:
                place = Place(_MESSAGE_AT, found.span, text[slice(*found.span)][:EXCERPT])
                concerns.append(self._measure(f"dark_pattern_{found.kind}", place))
        return concerns

    def _asked_in(self, request: str) -> Asked:
        return (self._remembered if len(request) <= LONGEST else self._read)(request)

    def _read(self, request: str) -> Asked:
        return Asked(request, self._prefilter, self._requests)

    def _harmful(self, deed: Deed) -> Iterator[Concern]:
        """What the model says of the request: it is asked where the lexicon has no objection."""
        found = deed.asked.harmful
        if found is not None:
            name = "harmful" if found.probability >= harmful_requests.LIKELY else "doubtful"
            excerpt = deed.request[slice(*found.span)][:EXCERPT]
            yield self._measure(f"{name}_request", Place(_REQUEST, found.span, excerpt))

    def _found(self, deed: Deed) -> list[Concern]:
        """The concerns about single texts, each feature where it is worst."""
        worst: dict[int, Finding] = {}
        for field in self._worth_reading(deed):
            for finding in self._scanner.scan(field):
                known = worst.get(finding.feature.index)
                if known is None or _rank(finding.severity) > _rank(known.severity):
                    worst[finding.feature.index] = finding
        return [_concern(one) for one in worst.values() if not _told_by(worst.values(), one)]

    def _worth_reading(self, deed: Deed) -> Iterator[Field]:
        """The texts that may have a feature: of most actions none, and then none is made."""
        may_hold = self._prefilter.may_hold
        asked = deed.asked.telling
        done = self._prefilter.may_hold_in_deed(deed.done)
        for field in fields(deed.action, deed.leaves) if asked or done else ():
            if asked if field.kind == "request" else done and may_hold(field.distinct, field.kind):
                yield field

    def _measured(self, deed: Deed) -> list[Concern]:
        """The concerns about the action as a whole."""
        concerns: list[Concern] = []
        for name, measure in MEASURES.items():
            place = measure(deed)
            if place is not None:
                concerns.append(self._measure(name, place))
        if deed.cut:
            concerns.append(self._measure("too_long", Place()))
        return concerns

    def _measure(self, name: str, place: Place) -> Concern:
        dimension, told = self._lexicon.measures[name]
        at = (place.where, place.span, place.excerpt)
        return Concern(dimension, name, told.severity, told.text, *at)


def _concern(finding: Finding) -> Concern:
    place, excerpt = finding.place()
    dimension, rule = finding.feature.dimension, finding.feature.rule
    where = finding.field.where
    return Concern(dimension, rule.name, finding.severity, rule.text, where, place, excerpt)


def _objects_to_request(one: Concern) -> bool:
    """Whether a concern about the request is an objection by itself."""
    return one.where == _REQUEST and one.severity in _CAPS


def _told_by(others: Collection[Finding], one: Finding) -> bool:
    """Whether a finding of the same dimension says as much or more of the same words."""
    return any(
        other.feature.dimension == one.feature.dimension
        and other.overlaps(one)
        and (_rank(other.severity), -other.feature.index)
        > (_rank(one.severity), -one.feature.index)
        for other in others
    )


def _assessed(concerns: list[Concern]) -> EthicsAssessment:
    """What they come to; no concern at all is made only once."""
    return assess(concerns) if concerns else _NO_CONCERN


def assess(concerns: Sequence[Concern]) -> EthicsAssessment:
    """The score that a list of concerns makes, worst concern first."""
    standing = dict.fromkeys(_NAMES, 1.0)
    cap = 1.0
    for concern in concerns:
        standing[concern.dimension] *= STANDING[concern.severity]
        cap = min(cap, _CAPS.get(concern.severity, 1.0))
    mean = sum(getattr(WEIGHTS, name) * value for name, value in standing.items())
    ordered = sorted(concerns, key=lambda concern: -_rank(concern.severity))
    return EthicsAssessment(min(mean, cap), Dimensions(**standing), tuple(ordered))


def _rank(severity: Severity) -> int:
    return SEVERITIES.index(severity)
