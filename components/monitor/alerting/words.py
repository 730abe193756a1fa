"""What an alert says: its rule's text, with figures in the unit of the series."""

from math import isfinite
from string import Formatter

from components.monitor.alerting.rules import FIGURES, Rule, Sample, operation_of
from components.monitor.gauges import GAUGE_BY_NAME, gauge_text

PLACES = frozenset({"series", "operation", "value", "baseline", "ratio", "limit"})
"""What a rule's text may name in braces."""

LONGEST = 500
"""Characters of an alert's text that are kept."""

_LATENCIES = frozenset({"p50", "p95", "p99", "p999", "mean"})


def text_problem(text: str) -> str:
    """Why a rule's text cannot be used; empty where it can."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        return f"braces do not match: {error}"
    for _, name, spec, conversion in parts:
        if name is not None and name not in PLACES:
            return f"no such place {{{name}}}; there are {', '.join(sorted(PLACES))}"
        if spec or conversion:
            return f"{{{name}}} takes no format"
    return ""


def tell(rule: Rule, series: str, sample: Sample) -> str:
    """The text of an alert, one line of it or more; it may hold what agents wrote."""
    if sample.text:
        return sample.text[:LONGEST]
    base = sample.baseline
    words = {
        "series": series,
        "operation": operation_of(series),
        "value": shown(series, sample.value),
        "baseline": "no baseline" if base is None else shown(series, base),
        "ratio": _times(sample.value / base) if base else "–",
        "limit": _times(rule.limit) if rule.compare == "baseline" else shown(series, rule.limit),
    }
    return rule.text.format_map(words)[:LONGEST]


def condition(rule: Rule) -> str:
    """When a rule holds, in few words: `> 2× baseline over 1m`."""
    sign = ">" if rule.above is not None else "<"
    if rule.compare == "baseline":
        limit = f"{_times(rule.limit)} baseline"
    else:
        told = {_limit(series, rule.limit) for series in rule.globs}
        limit = told.pop() if len(told) == 1 else _number(rule.limit)
    over = f" over {rule.window}" if any(map(_windowed, rule.globs)) else ""
    return f"{sign} {limit}{over}{', for certain' if rule.certain else ''}"


def _limit(series: str, value: float) -> str:
    gauge = GAUGE_BY_NAME.get(series)
    return _number(value) if gauge and gauge.unit == "flag" else shown(series, value)


def _windowed(series: str) -> bool:
    """Whether a rule's window changes what it sees; it does not where a gauge tells of now."""
    gauge = GAUGE_BY_NAME.get(series)
    return gauge.flow if gauge else series.rpartition(".")[2] in FIGURES


def shown(series: str, value: float) -> str:
    """A value with the unit that its series has."""
    if not isfinite(value):
        return str(value)
    if gauge := GAUGE_BY_NAME.get(series):
        return gauge_text(gauge, value)
    last = series.rpartition(".")[2]
    if last in _LATENCIES:
        return _duration(value)
    if last == "errors":
        return f"{value * 100:.3g}%"
    if last == "per_s":
        return f"{_number(value)}/s"
    if last in FIGURES:
        return _number(value)
    for ending, unit in (("_mb", "MB"), ("_us", "µs"), ("_ms", "ms"), ("_s", "s")):
        if last.endswith(ending):
            return f"{_number(value)} {unit}"
    return _number(value)


def _duration(us: float) -> str:
    for size, unit in ((1e6, "s"), (1e3, "ms")):
        if abs(us) >= size:
            return f"{us / size:,.3g} {unit}" if us < 1000 * size else f"{us / size:,.0f} {unit}"
    return f"{us:.3g} µs"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:.3g}"


def _times(ratio: float) -> str:
    return f"{ratio:.3g}×" if abs(ratio) < 1000 else f"{ratio:,.0f}×"
