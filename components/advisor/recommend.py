"""What to do next: recommendations for the operations that need any, and when. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from components.advisor import words
from components.advisor.causes import Cause, Evidence, causes
from components.advisor.strategies import EFFORTS, STRATEGIES, TRY, Effort, Strategy, fitting
from components.advisor.trial import Trial

When = Literal["now", "next", "later"]
WHEN: tuple[When, ...] = ("now", "next", "later")

MOST_EACH = 3
"""Recommendations about one operation: beyond, nobody would follow them."""

OWN = "own"
"""The kind of a cause that nothing measured explains."""


class Setting(Struct, frozen=True):
    """A change of one key of `[performance]`, in figures as the settings file has them."""

    key: str
    before: float
    after: float


class Need(Struct, frozen=True):
    """An operation that needs something: it misses its target, or it drifts.

    `status` is `missed`, `acceptable` or `drifted`. `factor` is its P95 over its target, or over
    what it was, whichever is worse; `said` is that in words.
    """

    evidence: Evidence
    status: str
    factor: float
    said: str


class Recommendation(Struct, frozen=True, kw_only=True):
    """One thing to do about one operation.

    `status` and `factor` as of its `Need`. `measured` is how many times better the trial's figure
    was when tried on this machine (1 is no change), None where it could not be tried. `setting`
    is there where an operator can accept it. `also` names other operations it helps.
    """

    id: str
    operation: str
    status: str
    factor: float
    causes: tuple[Cause, ...] = ()
    strategy: str
    effort: Effort
    expected: str
    measured: float | None = None
    setting: Setting | None = None
    when: When = "next"
    text: str
    also: tuple[str, ...] = ()


class _Idea(Struct, frozen=True):
    """A strategy for one need, with what it would gain the operation as a whole."""

    need: Need
    found: tuple[Cause, ...]
    strategy: Strategy
    trial: Trial | None
    gain: float


def recommend(needs: Iterable[Need], trials: Sequence[Trial] = ()) -> tuple[Recommendation, ...]:
    """The roadmap: what to do now, next and later, by gain; empty where nothing is needed.

    What was tried and gains nothing is not recommended. A setting is recommended once, for the
    operation that it helps most.
    """
    ideas = [idea for need in needs for idea in _ideas(need, trials)]
    ideas.sort(key=lambda idea: (WHEN.index(_when(idea)), -idea.gain * idea.need.factor))
    found: dict[str, Recommendation] = {}
    for idea in ideas:
        made = _recommendation(idea)
        if known := found.get(made.id):
            found[made.id] = replace(known, also=(*known.also, made.operation))
        else:
            found[made.id] = made
    return tuple(found.values())


def roadmap(
    recommendations: Iterable[Recommendation],
) -> dict[When, tuple[Recommendation, ...]]:
    """What to do now, next and later."""
    given = tuple(recommendations)
    return {when: tuple(one for one in given if one.when == when) for when in WHEN}


def in_short(
    recommendations: Sequence[Recommendation], judged: int, trials: Sequence[Trial]
) -> str:
    """One sentence on all of it; says so where nothing is needed. `judged` operations have run."""
    tried = f" {words.plural(len(trials), 'trial')} ran on this machine." if trials else ""
    if not recommendations:
        return (
            f"Nothing needs to be done: of {words.plural(judged, 'operation')} that ran, none "
            f"misses its target and none became slower.{tried}"
        )
    plan = roadmap(recommendations)
    counts = ", ".join(f"{len(plan[when])} {when}" for when in WHEN if plan[when])
    return f"{words.plural(len(recommendations), 'recommendation')}: {counts}.{tried}"


def _ideas(need: Need, trials: Sequence[Trial]) -> Iterator[_Idea]:
    found = causes(need.evidence) or (_unexplained(need),)
    ideas = [
        idea for strategy, cause in fitting(found)
        if (idea := _idea(need, found, strategy, cause, trials))
    ]  # fmt: skip
    if not ideas:
        profile = next(one for one in STRATEGIES if OWN in one.kinds)
        ideas = [_Idea(need, found, profile, None, profile.gain)]
    ideas.sort(key=lambda idea: (WHEN.index(_when(idea)), -idea.gain))
    yield from ideas[:MOST_EACH]


def _idea(
    need: Need, found: tuple[Cause, ...], strategy: Strategy, cause: Cause, trials: Sequence[Trial]
) -> _Idea | None:
    """None for what was tried in vain, and for what only a trial could recommend."""
    if strategy.name == TRY and trials:
        return None
    if not strategy.trial:
        return _Idea(need, found, strategy, None, _whole(strategy.gain, cause.share))
    trial = next((one for one in trials if one.name == strategy.trial), None)
    if trial is None or not trial.worthwhile:
        return None
    return _Idea(need, found, strategy, trial, _whole(trial.gain, cause.share))


def _whole(gain: float, share: float) -> float:
    """How many times faster the whole becomes when a share of its time does (Amdahl)."""
    return 1 / (1 - share + share / gain)


def _unexplained(need: Need) -> Cause:
    seen = need.evidence.figures[need.evidence.operation]
    numbers = f"P95 {words.latency(seen.p95_us)} over {words.plural(seen.calls, 'call')}"
    return Cause("nothing that is measured besides explains it", numbers, 1.0, OWN)


def _when(idea: _Idea) -> When:
    """Now what is easy and measured, or easy and urgent; later what is hard, or not urgent."""
    urgent = idea.need.status != "acceptable"
    effort = EFFORTS.index(idea.strategy.effort)
    if effort == 0 and (idea.trial or urgent):
        return "now"
    return "next" if effort < 2 and urgent else "later"


def _recommendation(idea: _Idea) -> Recommendation:
    need, strategy, trial = idea.need, idea.strategy, idea.trial
    operation = need.evidence.operation
    setting = _setting(trial)
    after = f": {setting.key} = {setting.after:g} instead of {setting.before:g}" if setting else ""
    return Recommendation(
        id=strategy.name if trial or strategy.name == TRY else f"{strategy.name}-{operation}",
        operation=operation,
        status=need.status,
        factor=round(need.factor, 2),
        causes=idea.found,
        strategy=f"{strategy.text}{after}",
        effort=strategy.effort,
        expected=_expected(idea),
        measured=round(trial.gain, 2) if trial else None,
        setting=setting,
        when=_when(idea),
        text=f"{need.said}; {strategy.text}{after}",
    )


def _setting(trial: Trial | None) -> Setting | None:
    if trial is None or not trial.key:
        return None
    return Setting(trial.key, float(trial.present), float(trial.best.value))


def _expected(idea: _Idea) -> str:
    whole = f"{idea.need.evidence.operation} about {idea.gain:.2g}× as fast"
    trial = idea.trial
    if trial is None:
        known = idea.gain > 1
        return f"{whole}, an estimate: nobody has tried" if known else "not known beforehand"
    unit = trial.unit
    return (
        f"{whole}: tried, {words.number(trial.best.figure)} {unit} instead of "
        f"{words.number(trial.now.figure)} {unit}"
    )
