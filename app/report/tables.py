"""The tables of a report as plain cells, the same for Markdown, HTML and the console.

Names of agents and operators and the texts of alerts become safe to show here.
"""

from collections.abc import Callable

from msgspec import Struct

from components.advisor import (
    Change,
    OperationFigures,
    Report,
    words,
)
from components.text import safe_text

_LONGEST = 80
_SIGNS = {"met": "✓", "acceptable": "~", "missed": "✗"}
_TIMES_SHOWN = 50


class Table(Struct, frozen=True):
    """A table: the first `left` columns are words, the rest figures. `foot` explains it."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left: int = 1
    foot: str = ""
    empty: str = ""


def shown(text: str) -> str:
    """Text from elsewhere, on one line, safe."""
    return safe_text(text, limit=_LONGEST)


def operations(report: Report) -> Table:
    """Every operation with its figures, target and status."""
    rows = tuple(
        (
            row.operation,
            f"{row.calls:,}",
            words.latency(row.p50_us),
            words.latency(row.p95_us),
            words.latency(row.p99_us),
            words.share(row.errors) if row.calls else words.NONE,
            words.latency(row.target_us),
            words.latency(row.acceptable_us),
            status(row),
        )
        for row in report.operations
    )
    head = (
        "operation", "calls", "P50", "P95", "P99", "errors", "target", "acceptable", "status",
    )  # fmt: skip
    foot = (
        "Targets are for the P95. The factor is P95 over target. ? marks fewer than 100 calls. "
        "Errors are failures and timeouts."
    )
    return Table("Operations", head, rows, 1, foot)


def status(row: OperationFigures) -> str:
    """How an operation stands, with sign and factor."""
    sign = _SIGNS.get(row.status, "")
    factor = f"×{row.factor:.2g}" if row.factor is not None and row.factor < 100 else ""
    if row.factor is not None and row.factor >= 100:
        factor = f"×{row.factor:,.0f}"
    return " ".join(filter(None, (sign, row.status, factor, "?" if row.few else "")))


def notes(report: Report) -> Table:
    """For which size each target is."""
    rows = tuple((row.operation, row.note) for row in report.operations if row.note)
    return Table("What the targets are for", ("operation", "target is for"), rows, 2)


def trends(report: Report) -> Table:
    """Every operation that ran in both periods, against the period before."""
    rows = tuple(
        (row.operation, *changed(row.p95_change, words.latency), changed(row.per_s_change)[1],
         changed(row.errors_change, words.share)[0], _verdict(row))
        for row in report.operations
        if row.p95_change
    )  # fmt: skip
    head = ("operation", "P95", "factor", "calls/s", "errors", "in short")
    foot = (
        "A change is one that the number of calls bears out and that is more than 10%. "
        "Calls a second fall, too, when agents ask for less."
    )
    empty = "Nothing ran in both this period and the one before."
    return Table("Against the period before", head, rows, 1, foot, empty)


def changed(
    change: Change | None, said: Callable[[float | None], str] = words.number
) -> tuple[str, str]:
    """`then → now`, and the factor."""
    if change is None:
        return words.NONE, words.NONE
    factor = words.NONE if change.ratio is None else f"×{change.ratio:.2f}"
    return f"{said(change.before)} → {said(change.after)}", factor


def _verdict(row: OperationFigures) -> str:
    told = [row.p95_change.verdict] if row.p95_change else []
    if row.errors_change and row.errors_change.verdict in {"more", "fewer"}:
        told.append(f"{row.errors_change.verdict} errors")
    return ", ".join(told)


def alerts(report: Report) -> Table:
    """How often each alert fired and for how long."""
    rows = tuple(
        (
            shown(row.rule),
            shown(row.series),
            row.severity,
            f"{row.times:,}",
            words.span(row.seconds),
            words.span(row.longest_s),
            f"{row.acknowledged:,}",
            words.NONE if row.acknowledged_after_s is None
            else words.span(row.acknowledged_after_s),
            "fires" if row.open else "over",
        )
        for row in report.alerts[:_TIMES_SHOWN]
    )  # fmt: skip
    head = (
        "rule", "series", "severity", "times", "in all", "longest", "acknowledged", "after", "now",
    )  # fmt: skip
    foot = _more(len(report.alerts) - _TIMES_SHOWN)
    return Table("Alerts", head, rows, 3, foot, "No alert fired.")


def agents(report: Report) -> Table:
    """The agents that acted most."""
    rows = tuple(
        (shown(row.name), f"{row.actions:,}", f"{row.denied:,}", f"{row.failed:,}")
        for row in report.actions.agents
    )
    return Table("Agents", ("agent", "actions", "not allowed", "failed"), rows, 1, "",
                 "No agent acted.")  # fmt: skip


def decisions(report: Report) -> Table:
    """How decisions ended, and how long people took."""
    seen = report.decisions
    rows = [
        ("asked", f"{seen.asked:,}"),
        ("approved (modified before)", f"{seen.approved:,} ({seen.modified:,})"),
        ("rejected", f"{seen.rejected:,}"),
        ("denied without an answer", f"{seen.denied_by_node:,}"),
        ("expired", f"{seen.expired:,}"),
        ("cancelled by their agent", f"{seen.cancelled:,}"),
        ("still waiting", f"{seen.waiting:,}"),
        ("escalated on the way", f"{seen.escalated:,}"),
        ("answered after, P50", words.latency(seen.waited_p50_us)),
        ("answered after, P95", words.latency(seen.waited_p95_us)),
        ("answered after, longest", words.latency(seen.waited_longest_us)),
        ("overturned", f"{seen.overturned:,}"),
        ("approved against the ethics score", f"{seen.against_ethics:,}"),
        ("rejected though nothing objected", f"{seen.without_finding:,}"),
    ]
    if seen.unreadable:
        rows.append(("damaged in the store, not counted", f"{seen.unreadable:,}"))
    foot = "Overturned: modified, approved against the ethics score, or rejected without a finding."
    return Table("Decisions", ("decisions", "figure"), tuple(rows) if seen.asked or seen.unreadable
                 else (), 1, foot, "Nobody was asked.")  # fmt: skip


def operators(report: Report) -> Table:
    """The answers of each person, and figures in which tiredness would show."""
    rows = tuple(
        (
            shown(row.name),
            f"{row.answers:,}",
            f"{row.approved:,} / {row.rejected:,} / {row.modified:,}",
            words.latency(row.looked_p50_us),
            f"{row.hasty:,} ({words.share(row.hasty_share)})",
            f"{row.longest_run:,}",
            f"{row.drifting:,} of {row.shifts:,}",
            f"{words.share(row.early_approved)} → {words.share(row.late_approved)}",
            f"{words.latency(row.early_looked_us)} → {words.latency(row.late_looked_us)}",
        )
        for row in report.decisions.operators[:_TIMES_SHOWN]
    )
    head = (
        "operator", "answers", "approved / rejected / modified", "looked, P50", "hasty",
        "longest row", "drifting shifts", "approved early → late", "looked early → late",
    )  # fmt: skip
    left_out = report.decisions.answers_left_out
    foot = (
        "Hasty: approved within 2 s of being shown, three or more in a row. A shift has no pause "
        "of half an hour and at least 20 answers; it drifts when its second half approves at "
        "least ten points more in three quarters of the time. These are figures, not a diagnosis."
        + (f" {left_out:,} answers were not looked at for this." if left_out else "")
    )
    return Table("People", head, rows, 1, foot, "Nobody answered.")


def resources(report: Report) -> Table:
    """Every gauge: least, mean, most."""
    rows = tuple(
        (row.name, *(gauge(row.name, value) for value in (row.low, row.mean, row.high)))
        for row in report.resources
    )
    return Table("Resources", ("gauge", "least", "mean", "most"), rows, 1, "",
                 "No gauge was recorded.")  # fmt: skip


def gauge(name: str, value: float) -> str:
    """A gauge's value with the unit that its name ends in."""
    if name.endswith("_mb_s"):
        return f"{words.number(value)} MB/s"
    if name.endswith("_mb"):
        return f"{words.number(value)} MB"
    if name.endswith("_s"):
        return words.span(value)
    if name.endswith("_us"):
        return words.latency(value)
    return words.share(value) if name.startswith("resource.") else words.number(value)


def audit(report: Report) -> Table:
    """The audit log."""
    seen = report.audit
    rows = (
        ("entries written in the period", f"{seen.entries:,}"),
        ("entries in all", f"{seen.size:,}"),
        ("checkpoints kept of the period", f"{seen.checkpoints:,}"),
        ("signed up to entry", f"{seen.checkpoint_size:,}"),
    )
    return Table("Audit log", ("audit log", "figure"), rows)


def _more(left: int) -> str:
    return f"{left:,} more are left out here; JSON has them." if left > 0 else ""


def of(report: Report) -> tuple[Table, ...]:
    """All tables, in the order of the report."""
    return (
        operations(report), trends(report), alerts(report), decisions(report), operators(report),
        agents(report), resources(report), audit(report),
    )  # fmt: skip
