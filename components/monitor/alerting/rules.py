"""Alert rules: which series a rule watches, when it holds, and for how long it must."""

import re
from math import isfinite
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from components.wilson import wilson

Window = Literal["10s", "1m", "5m", "1h"]
Severity = Literal["critical", "high", "medium", "low"]
Scope = Literal["all", "series", "component"]
Reading = Literal["holds", "clear", "no data", "too few samples", "no baseline"]
"""What a rule finds in one sample. All but the first two say that nothing can be said."""

SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")
"""The gravest first."""

FIGURES = frozenset({"p50", "p95", "p99", "p999", "mean", "per_s", "errors", "calls"})
"""The last word of a series that is a figure of an operation; other series are gauges."""

LARGEST = 1e12
"""Limits lie between this and its negative."""

_DURATION = re.compile(r"([0-9]{1,7})(ms|s|m|h|d)")
_UNIT_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}

Glob = Annotated[str, Meta(min_length=1, max_length=120)]
Globs = Annotated[tuple[Glob, ...], Meta(max_length=50)]
_Text = Annotated[str, Meta(max_length=300)]
_Number = Annotated[float, Meta(ge=-LARGEST, le=LARGEST)]
_Duration = Annotated[str, Meta(max_length=12)]


class Sample(Struct, frozen=True):
    """What a series is at one moment: its value, of how many samples, and its baseline.

    A text that comes with a value (a condition says what is wrong) is shown in place of the rule's.
    """

    value: float
    samples: int = 1
    baseline: float | None = None
    text: str = ""


class Rule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule, as `default.toml` explains each of its keys."""

    id: Annotated[str, Meta(min_length=1, max_length=60)]
    title: _Text = ""
    series: Glob | Annotated[tuple[Glob, ...], Meta(min_length=1, max_length=50)]
    except_: Globs = field(name="except", default=())
    window: Window = "1m"
    compare: Literal["value", "baseline"] = "value"
    above: _Number | None = None
    below: _Number | None = None
    min_samples: Annotated[int, Meta(ge=1, le=1_000_000_000)] = 1
    certain: bool = False
    absent: Literal["unknown", "clear"] = "unknown"
    for_: _Duration = field(name="for", default="0s")
    keep_firing_for: _Duration = "30s"
    severity: Severity
    text: Annotated[str, Meta(min_length=1, max_length=300)]
    inhibits: Globs = ()
    inhibits_scope: Scope = "all"
    enabled: bool = True

    @property
    def globs(self) -> tuple[str, ...]:
        """The globs of the series that the rule watches."""
        return (self.series,) if isinstance(self.series, str) else self.series

    @property
    def limit(self) -> float:
        """The limit, whichever side of it is bad."""
        limit = self.above if self.above is not None else self.below
        return 0.0 if limit is None else limit


class RuleFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of one file, or of several merged; `off` names rules (globs) that are not used."""

    rules: tuple[Rule, ...] = field(name="rule", default=())
    off: Globs = ()


def read(rule: Rule, sample: Sample | None) -> Reading:
    """What a rule finds in a sample; None stands for a series that is not there. Pure."""
    if sample is None:
        return "clear" if rule.absent == "clear" else "no data"
    if sample.samples < rule.min_samples:
        return "too few samples"
    value = sample.value
    if rule.compare == "baseline":
        if not sample.baseline:
            return "no baseline"
        value /= sample.baseline
    if value != value:
        return "no data"
    holds = value > rule.above if rule.above is not None else value < rule.limit
    if holds and rule.certain:
        holds = _certain(value, sample.samples, rule.limit)
    return "holds" if holds else "clear"


def duration_ns(text: str) -> int | None:
    """Nanoseconds of a duration such as `30s`, `2m`, `500ms`; None where it is none."""
    found = _DURATION.fullmatch(text)
    return int(found[1]) * _UNIT_MS[found[2]] * 1_000_000 if found else None


def operation_of(series: str) -> str:
    """The operation whose figure a series is; a gauge stands for itself."""
    head, _, last = series.rpartition(".")
    return head if last in FIGURES and "." in head else series


def component_of(series: str) -> str:
    """The first word of a series."""
    return series.partition(".")[0]


def _certain(share: float, samples: int, limit: float) -> bool:
    """Whether so many samples leave little doubt that the true share is over the limit."""
    if not isfinite(share):
        return False
    return wilson(round(min(max(share, 0.0), 1.0) * samples), samples)[0] > limit
