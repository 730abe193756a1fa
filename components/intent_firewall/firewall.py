"""The Intent Firewall: what an action would do, and every reason to object to it.

Synchronous and pure: the same action gives the same assessment, nothing is remembered. The score
is the product of `1 - weight` over the reasons, by severity: info 0.02, low 0.10, medium 0.30,
high 0.55, critical 0.85. So it is 1 where nothing is found, and falls with each further reason.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, compress
from pathlib import Path

import msgspec

from components.actions import Action, Disposition, Effect, Reason, SafetyAssessment, Severity
from components.intent_firewall import (
    classes,
    joined,
    normalise,
    paths,
    provenance,
    provenance_deed,
    sql,
    task_features,
    task_model,
    words,
)
from components.intent_firewall.globs import NameGlobs
from components.intent_firewall.literals import COMPILED, Stretches
from components.intent_firewall.matcher import TextMatcher
from components.intent_firewall.normalise import (
    Decoded,
    View,
    decodings,
    disguised,
    encodable,
    fold,
    folded_text,
)
from components.intent_firewall.passage import against_output, against_request
from components.intent_firewall.paths import workspace_root
from components.intent_firewall.provenance import trace
from components.intent_firewall.rules import Rule, RulePack
from components.intent_firewall.structured import StructuredMatcher
from components.intent_firewall.subject import Field, Subject, take_apart
from components.monitor.footprint import Held, caches_of, deep_size

MAX_REASONS = 64
UNINSPECTED = "firewall.failed"
"""The reason, alone, where the firewall itself broke."""

WEIGHTS: dict[Severity, float] = {
    "info": 0.02, "low": 0.10, "medium": 0.30, "high": 0.55, "critical": 0.85,
}  # fmt: skip
_GRAVITY: dict[Effect, int] = {"block": 0, "ask": 1, "flag": 2}
_EXCERPT = 200
_DECODED_SCOPES = frozenset({"arguments", "context"})


class Firewall:
    """Rule packs compiled for one workspace. Raises `ValueError` where two rules share an id.

    `tasks` finds tasks for an assistant in texts: the model that ships unless another is given.
    """

    def __init__(
        self,
        packs: Sequence[RulePack],
        workspace: Path | None = None,
        tasks: task_model.Weights | None = None,
    ) -> None:
        self._rules = tuple(rule for pack in packs for rule in pack.rules)
        ids = [rule.id for rule in self._rules]
        if len(set(ids)) != len(ids):
            twice = sorted({one for one in ids if ids.count(one) > 1})
            raise ValueError(f"rules with the same id: {', '.join(twice[:5])}")
        self._workspace = workspace_root(workspace)
        self._tasks = tasks
        self._filters = tuple(_Filter(rule) for rule in self._rules)
        self._barred = lru_cache(maxsize=1024)(self._rules_not_for)
        self._text = TextMatcher(self._rules)
        self._scopes = frozenset(
            scope
            for rule in self._rules
            if rule.match.kind == "text"
            for scope in rule.match.fields
        )
        self._structured = StructuredMatcher(self._rules, self._workspace)
        self.version = hashlib.sha256(msgspec.json.encode(list(packs))).hexdigest()[:12]

    def validate(
        self, action: Action, on_apart: Callable[[], None] | None = None
    ) -> SafetyAssessment:
        """Assess an action. Never raises: what cannot be inspected is asked about.

        `on_apart` is called between taking it apart and trying the rules, for who measures that.
        """
        try:
            subject = take_apart(action, self._workspace)
            if on_apart is not None:
                on_apart()
            reasons = _gravest(self._reasons(action, subject))
        except Exception as error:
            return _uninspected("action", error)
        if not reasons:
            return SafetyAssessment(1.0, subject.intent, "allow")
        return SafetyAssessment(score_of(reasons), subject.intent, disposition_of(reasons), reasons)

    def read_request(self, text: str) -> SafetyAssessment:
        """Assess what a user asks, by itself. Never raises."""
        return self._read(Field("text", "text", encodable(text), "request"), against_request(text))

    def read_tool_output(self, text: str, tool: str = "", request: str = "") -> SafetyAssessment:
        """Assess what a tool gave back, before an agent reads it. Never raises."""
        item = Field("text", tool, encodable(text), "context")
        return self._read(item, against_output(text, request, self._tasks))

    def _read(self, item: Field, found: Iterator[Reason]) -> SafetyAssessment:
        subject = Subject(tool="", words=(), intent="other", fields=(item,))
        try:
            reasons = _gravest(chain(found, self._field_reasons(subject, frozenset())))
        except Exception as error:
            return _uninspected("text", error)
        return SafetyAssessment(score_of(reasons), "other", disposition_of(reasons), reasons)

    def footprint(self) -> Held:
        """The rules with what was compiled of them, and what this package remembers of inputs."""
        parts = (self._rules, self._filters, self._barred, self._text, self._structured)
        compiled = Held(len(self._rules), deep_size(*parts, extra=COMPILED))
        return compiled + caches_of(
            classes, joined, normalise, paths, provenance, provenance_deed, sql, task_features,
            task_model, words,
        )  # fmt: skip

    def _rules_not_for(self, tool: str) -> frozenset[int]:
        """The rules whose tool globs a tool's name does not match."""
        pairs = enumerate(self._filters)
        return frozenset(index for index, narrow in pairs if not narrow.is_for(tool))

    def _reasons(self, action: Action, subject: Subject) -> Iterator[Reason]:
        for where, why in subject.problems:
            yield _uninspectable(where, why)
        barred = self._barred(subject.tool)
        for index, where, span, text in self._structured.find(subject, barred):
            if self._filters[index].holds(subject, where):
                yield _reason(self._rules[index], where, span, text)
        yield from self._field_reasons(subject, barred)
        if (ordered := trace(action, subject)) is not None:
            yield ordered

    def _field_reasons(self, subject: Subject, barred: frozenset[int]) -> Iterator[Reason]:
        scopes = self._scopes
        read = [
            item.scope in scopes or (item.command and "command" in scopes)
            for item in subject.fields
        ]
        texts = [item.text for item in compress(subject.fields, read)]
        # All texts are tried at once. That loses nothing: texts are folded letter by letter, so
        # what holds a literal alone holds it among the others too.
        stretches = self._text.stretches(folded_text("\n".join(texts)))
        past = 0
        for item, is_read in zip(subject.fields, read, strict=True):
            if is_read and stretches:
                view = fold(item.text)
                if near := _within(stretches, past, past + len(view.text)):
                    yield from self._text_reasons(item, view, subject, barred, near)
                past += len(view.text) + 1
            if is_read and item.scope in _DECODED_SCOPES:
                encoded = decodings(item.text)
                for decoded in encoded.found:
                    yield from self._text_reasons(item, _folded(decoded), subject, barred)
                if encoded.cut and item.scope == "arguments":
                    yield _uninspectable(item.where, "too many encoded parts to inspect")
            if item.text.isascii() or item.scope != "arguments":
                continue
            if (span := disguised(item.text)) is not None:
                yield Reason(
                    "firewall.disguised-text", "high",
                    "Holds characters that make text read differently from what it is", "ask",
                    item.where, span, item.text[span[0] : span[1] + 20],
                )  # fmt: skip

    def _text_reasons(
        self,
        item: Field,
        view: View,
        subject: Subject,
        barred: frozenset[int],
        stretches: Stretches | None = None,
    ) -> Iterator[Reason]:
        for hit in self._text.find(view, stretches):
            narrow = self._filters[hit.index]
            if hit.index in barred or not narrow.reads(item):
                continue
            if narrow.holds(subject, item.where):
                span = view.span(hit.start, hit.end)
                yield _reason(self._rules[hit.index], item.where, span, item.text)


class _Filter:
    """What narrows a rule, beside its matcher."""

    def __init__(self, rule: Rule) -> None:
        match = rule.match
        self._tool = NameGlobs(match.tool) if match.tool else None
        self._argument = NameGlobs(match.argument) if match.argument else None
        self._intents = frozenset(match.intent)
        self._fields = frozenset(match.fields)

    def is_for(self, tool: str) -> bool:
        """Whether the rule is about this tool."""
        return self._tool is None or self._tool.match(tool)

    def reads(self, item: Field) -> bool:
        """Whether a text rule looks at this field."""
        return item.scope in self._fields or (item.command and "command" in self._fields)

    def holds(self, subject: Subject, where: str) -> bool:
        """Whether intent and argument are those that the rule is about."""
        if self._intents and subject.intent not in self._intents:
            return False
        return self._argument is None or self._argument.match(where.removeprefix("arguments."))


def _uninspectable(where: str, why: str) -> Reason:
    return Reason("firewall.uninspectable", "medium", f"Cannot be read: {why}", "ask", where)


def _gravest(found: Iterable[Reason]) -> tuple[Reason, ...]:
    """The reasons, each once a place, those that block before those that ask, and so on.

    However many there are: what is left out is no graver than what is kept.
    """
    kept: dict[Effect, dict[tuple[str, str], Reason]] = {}
    for reason in found:
        alike = kept.setdefault(reason.effect, {})
        if len(alike) < MAX_REASONS:
            alike.setdefault((reason.rule, reason.where), reason)
        elif reason.effect == "block":
            break
    ordered = sorted(kept, key=_GRAVITY.__getitem__)
    return tuple([one for effect in ordered for one in kept[effect].values()][:MAX_REASONS])


def _within(stretches: Stretches, start: int, end: int) -> Stretches:
    """The stretches of a part of a text, counted from its start."""
    return [
        (max(first, start) - start, min(last, end) - start)
        for first, last in stretches
        if first < end and last > start
    ]


def _folded(decoded: Decoded) -> View:
    return View(folded_text(decoded.text), decoded.how, decoded.origin)


def _reason(rule: Rule, where: str, span: tuple[int, int] | None, text: str) -> Reason:
    excerpt = text[span[0] : span[1]] if span and span[1] <= len(text) else text
    return Reason(rule.id, rule.severity, rule.reason, rule.effect, where, span, excerpt[:_EXCERPT])


def _uninspected(what: str, error: Exception) -> SafetyAssessment:
    why = f"The firewall could not inspect this {what} ({type(error).__name__})"
    reason = Reason(UNINSPECTED, "high", why, "ask")
    return SafetyAssessment(score_of((reason,)), "other", "ask", (reason,))


def score_of(reasons: Sequence[Reason]) -> float:
    """The safety score of some reasons, 0–1; see the module for the function."""
    score = 1.0
    for reason in reasons:
        score *= 1.0 - WEIGHTS[reason.severity]
    return round(score, 4)


def disposition_of(reasons: Sequence[Reason]) -> Disposition:
    """Block where any reason blocks, ask where any asks, else allow."""
    effects = {reason.effect for reason in reasons}
    return "block" if "block" in effects else "ask" if "ask" in effects else "allow"
