"""What was learned as views: figures, patterns, proposals, and alignment."""

from collections.abc import Iterable, Iterator

from app.rule_text import match_lines
from components.advisor.words import moment
from components.evolution_core import Pattern, Suggestion
from components.evolution_core.proposals import Proposal
from components.evolution_core.whatif import Case, WhatIf
from components.love_engine import Alignment, AlignmentReport, LoveMetric
from components.text import safe_text
from components.views import AlignmentRow, LearningView, LoveRow, PatternRow, SuggestionRow

TOOLS, AGENTS = 12, 12
"""So many of them have a row of alignment, those with the most decisions."""

_WORKING = "What it would have done is still being worked out."
_ADVICE = "It is advice: there is nothing to accept."


def learning_view(
    experiences: int,
    success_rate: float | None,
    patterns: Iterable[Pattern],
    proposals: Iterable[Proposal],
    love: LoveMetric,
    of: int,
    overall: AlignmentReport,
    alignment: Alignment,
    now: int,
) -> LearningView:
    """What was learned, in words and numbers. `of`: so many experiences `love` is measured on."""
    return LearningView(
        experiences=experiences,
        success_rate=success_rate,
        patterns=tuple(_pattern(pattern) for pattern in patterns),
        suggestions=tuple(suggestion_row(proposal) for proposal in proposals),
        love=_love(love, of),
        alignment=overall.kappa,
        alignment_low=overall.low,
        alignment_high=overall.high,
        alignment_n=overall.n,
        alignments=tuple(_alignments(alignment, now)),
    )


def _love(metric: LoveMetric, of: int) -> LoveRow | None:
    if metric.value is None:
        return None
    parts = (metric.entropy_reduction, metric.order_gained, metric.wellbeing_gained)
    return LoveRow(metric.value, *parts, of)


def _pattern(pattern: Pattern) -> PatternRow:
    if pattern.times_slower:
        evidence = f"{pattern.times_slower:.1f}× in {pattern.of:,}"
    else:
        evidence = f"{pattern.count:,} of {pattern.of:,} ≥{pattern.confidence:.0%}"
    return PatternRow(pattern.kind, safe_text(pattern.shape, limit=200), evidence)


def suggestion_row(proposal: Proposal) -> SuggestionRow:
    """A proposal with all that is to be seen before it is accepted."""
    suggestion = proposal.suggestion
    worked_out = suggestion.kind in {"block_rule", "standing_grant"}
    why_not = proposal.problem or ("" if proposal.mark else _WORKING if worked_out else _ADVICE)
    return SuggestionRow(
        id=proposal.id,
        kind=suggestion.kind,
        text=safe_text(suggestion.text, limit=300),
        evidence=_evidence(suggestion),
        makes=safe_text(_makes(proposal), lines=True, limit=1500),
        what_if=tuple(_told(proposal)),
        mark=proposal.mark,
        why_not=why_not,
    )


def _evidence(suggestion: Suggestion) -> str:
    # The text names agents and reasons; the evidence says how sure it is.
    if suggestion.kind == "speed_advice":
        return f"{suggestion.count:,} timed runs"
    share = f"{suggestion.count:,} of {suggestion.of:,}"
    return f"{share}, at least {suggestion.confidence:.0%}"


def _makes(proposal: Proposal) -> str:
    if proposal.rule is not None:
        rule = proposal.rule
        return "\n".join((f"{rule.effect} {rule.id}", *match_lines(rule.match)))
    if proposal.grant is not None:
        grant = proposal.grant
        bounds = f"{grant.uses} uses within {grant.minutes} min"
        return f"allow {grant.agent}, {bounds}\n{grant.likeness}"
    return ""


def _told(proposal: Proposal) -> Iterator[str]:
    found = proposal.what_if
    if found is None:
        return
    caught = "would have blocked" if proposal.rule else "would have answered"
    since = f" since {moment(found.since)}" if found.since else ""
    yield f"Of the last {found.seen:,} actions{since} it {caught} {found.caught:,}."
    yield f"People had allowed {found.allowed:,} of them, and denied {found.denied:,}."
    if proposal.rule:
        yield from _of_rule(found)
    for case in found.allowed_examples if proposal.rule else found.denied_examples:
        yield _case(case)


def _of_rule(found: WhatIf) -> Iterator[str]:
    others = found.passed - found.allowed
    if others:
        yield f"Rules had let {others:,} of them pass without asking."
    if found.newly_blocked != found.caught:
        yield f"Today {found.caught - found.newly_blocked:,} of them are blocked already."


def _case(case: Case) -> str:
    by = safe_text(case.operator, limit=64) or "a standing grant"
    agent, tool = safe_text(case.agent, limit=64), safe_text(case.tool, limit=80)
    what = "allowed" if case.verdict == "allow" else "denied"
    name = safe_text(case.request_id, limit=64)
    return f"{what} by {by}: {agent} {tool}, {moment(case.time)} ({name})"


def _alignments(alignment: Alignment, now: int) -> Iterator[AlignmentRow]:
    yield _alignment(alignment, now, "all", "")
    for tool in alignment.tools()[:TOOLS]:
        yield _alignment(alignment, now, "tool", tool)
    for agent in alignment.agents()[:AGENTS]:
        yield _alignment(alignment, now, "agent", agent)


def _alignment(alignment: Alignment, now: int, of: str, name: str) -> AlignmentRow:
    place = {of: name} if of != "all" else {}
    report, trend = alignment.evaluate(**place), alignment.trend(now, **place)
    return AlignmentRow(
        of=of,  # type: ignore[arg-type]
        name=safe_text(name, limit=80),
        n=report.n,
        agreement=report.agreement,
        kappa=report.kappa,
        low=report.low,
        high=report.high,
        week=trend.week.kappa,
        before=trend.before.kappa,
        drift=trend.drift,
    )
