"""The pictures of a report: what is drawn, and what is said of it to those who do not see it."""

from collections.abc import Sequence
from functools import partial
from html import escape

from app.report.charts import Area, Bar, Line, bars, columns, lines, spread
from app.report.tables import gauge, shown, status
from components.advisor import Report, words
from components.advisor.report import Point, Trend

_STYLES = {"met": "good", "acceptable": "fair", "missed": "poor"}
_LAYERS = (("approved", "good"), ("rejected", "poor"), ("expired", "fair"), ("other", "none"))
_MOST_GAUGES = 12


def targets(report: Report) -> str:
    """P95 bars of all operations that ran and have a target."""
    rows = [
        Bar(
            row.operation, row.p95_us, row.target_us, row.acceptable_us,
            _STYLES.get(row.status, "none"), status(row),
        )
        for row in report.operations
        if row.p95_us is not None and row.target_us is not None and row.acceptable_us is not None
    ]  # fmt: skip
    if not rows:
        return ""
    desc = "; ".join(f"{row.name} {words.latency(row.value)}, {row.label}" for row in rows)
    picture = bars("targets", "P95 of each operation against its target", desc, rows)
    caption = (
        "P95, on a logarithmic scale. The full stroke is the target, the dashed one the threshold "
        "of what is acceptable."
    )
    return _figure(picture, caption)


def over_time(report: Report) -> str:
    """Percentiles of each main operation, then the throughput of all of them."""
    ran = [trend for trend in report.trends if any(point.calls for point in trend.points)]
    drawn = [_percentiles(report, trend, f"trend{at}") for at, trend in enumerate(ran)]
    return "".join(drawn) + _throughput(report, ran)


def _percentiles(report: Report, trend: Trend, key: str) -> str:
    runs = broken(trend.points, report.until - report.since)
    drawn = [
        Line("P50", "p50", tuple((at, point.p50_us if point else None) for at, point in runs)),
        Line("P95", "p95", tuple((at, point.p95_us if point else None) for at, point in runs)),
        Line("P99", "p99", tuple((at, point.p99_us if point else None) for at, point in runs)),
    ]
    base = trend.baseline_p95_us
    if base is not None:
        ends = ((float(report.since), base), (float(report.until), base))
        drawn.append(Line("baseline P95", "base", ends))
    areas = [Area(one.since, one.until, f"{shown(one.rule)} fired", "") for one in trend.bands]
    worst = max((point.p95_us for point in trend.points if point.p95_us is not None), default=None)
    desc = (
        f"P50, P95 and P99 over {len(trend.points)} stretches of time; the worst P95 is "
        f"{words.latency(worst)}; {words.plural(len(areas), 'alert')} fired."
    )
    picture = lines(
        key, f"{trend.operation} over time", desc, drawn, report.since, report.until,
        words.latency, log=True, areas=areas,
    )  # fmt: skip
    return f"<h3>{escape(trend.operation)}</h3>" + _figure(picture, _caption(trend, base))


def broken(points: Sequence[Point], span: int) -> list[tuple[float, Point | None]]:
    """The middle of each point, with a None in gaps of more than a fiftieth of the span (µs).

    What runs seldom has many small gaps, which say nothing.
    """
    runs: list[tuple[float, Point | None]] = []
    end = points[0].start if points else 0
    for point in points:
        if point.start - end > span / 50:
            runs.append((float(end), None))
        runs.append((point.start + point.seconds * 5e5, point))
        end = point.start + point.seconds * 1_000_000
    return runs


def _caption(trend: Trend, base: float | None) -> str:
    told = [f"{shown(trend.title).capitalize()}: latency, logarithmic."]
    if base is not None:
        told.append(f"Dotted: the baseline's P95, {words.latency(base)}.")
    if trend.bands:
        told.append("Shaded: an alert fired.")
    return " ".join(told)


def _throughput(report: Report, ran: list[Trend]) -> str:
    if not ran:
        return ""
    trend = next((one for one in ran if one.operation == "gate.verdict"), ran[0])
    runs = broken(trend.points, report.until - report.since)
    points = tuple((at, point.per_s if point else None) for at, point in runs)
    most = max(point.per_s for point in trend.points)
    picture = lines(
        "throughput", "Throughput over time", f"At most {words.number(most)} a second.",
        [Line("calls a second", "p50", points)], report.since, report.until, words.number,
    )  # fmt: skip
    return "<h3>Throughput</h3>" + _figure(picture, f"{trend.operation}: calls a second.")


def decisions(report: Report) -> str:
    """Decisions per day, or per hour where the period is short."""
    seen = report.decisions
    if not seen.counts:
        return ""
    stacks = [
        (
            float(one.start),
            (one.approved, one.rejected, one.expired,
             one.asked - one.approved - one.rejected - one.expired),
        )
        for one in seen.counts
    ]  # fmt: skip
    step = "day" if seen.step_s == 86_400 else "hour"
    busiest = max(seen.counts, key=lambda one: one.asked)
    desc = f"At most {busiest.asked:,} in one {step}, from {words.moment(busiest.start)} on."
    picture = columns(
        "decisions", f"Decisions per {step}", desc, _LAYERS, stacks, seen.step_s * 1e6,
        report.since, report.until,
    )  # fmt: skip
    return _figure(picture, f"Decisions asked for per {step}, by how they ended.")


def resources(report: Report) -> str:
    """Gauges over time."""
    drawn = []
    for at, trend in enumerate(report.gauges[:_MOST_GAUGES]):
        if not trend.points:
            continue
        name = trend.name
        said = partial(gauge, name)
        points = [
            (point.start + point.seconds * 5e5, point.low, point.mean, point.high)
            for point in trend.points
        ]
        low, high = min(low for _, low, *_ in points), max(point[3] for point in points)
        picture = spread(
            f"gauge{at}", f"{shown(name)} over time",
            f"Between {gauge(name, low)} and {gauge(name, high)}.",
            points, report.since, report.until, said,
        )  # fmt: skip
        drawn.append(f"<h3>{escape(shown(name))}</h3>" + _figure(picture, ""))
    return "".join(drawn)


def _figure(picture: str, caption: str) -> str:
    told = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f"<figure>{picture}{told}</figure>"
