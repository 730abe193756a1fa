"""How `assent baseline` writes its tables. Pure; whatever a file says is made safe to show."""

from collections.abc import Sequence
from datetime import UTC, datetime

from app.baselines import BaselineProblem
from components.monitor.baseline import Baseline, Machine
from components.monitor.comparison import Change, Comparison, OperationChange
from components.text import safe_text

_NAMES = {
    "p50": "P50", "p95": "P95", "p99": "P99", "p999": "P99.9",
    "per_s": "calls a second", "errors": "failures and timeouts",
}  # fmt: skip
_SHOWN = ("p50", "p95", "p99", "per_s")
_UNSURE = "?"


def shown_text(baseline: Baseline, differs: Sequence[str], *, in_force: bool) -> str:
    """A baseline in full; `differs` is what is different on this machine."""
    lines = [
        baseline.name + (" (in force)" if in_force else ""),
        f"history  {span_text(baseline)}",
        f"machine  {machine_text(baseline.machine)}",
    ]
    if baseline.note:
        lines.append(f"note     {safe_text(baseline.note)}")
    if differs:
        lines.append(f"warning  made on another machine: {safe_text('; '.join(differs))}")
    head = ("operation", "calls", "per s", "P50 µs", "P95 µs", "P99 µs", "P99.9 µs", "errors")
    rows = [
        (
            operation, f"{one.calls:,}", _number(one.per_s), _number(one.p50_us),
            _number(one.p95_us), _number(one.p99_us), _number(one.p999_us), _share(one.errors),
        )
        for operation, one in baseline.operations.items()
    ]  # fmt: skip
    return "\n".join((*lines, "", *_table(head, rows)))


def listed_text(
    found: Sequence[tuple[str, Baseline | BaselineProblem]], in_force: str | None
) -> str:
    """One line for each baseline; the one in force has a star."""
    lines = []
    for name, one in found:
        mark = "*" if name == in_force else " "
        if isinstance(one, Baseline):
            said = f"{span_text(one)}  {safe_text(one.machine.node)}  {safe_text(one.note)}"
        else:
            said = f"cannot be used: {safe_text(str(one))}"
        lines.append(f"{mark} {name:<20}  {said}".rstrip())
    return "\n".join(lines)


def compared_text(comparison: Comparison, before: Baseline, after: Baseline) -> str:
    """The factors by which figures changed, and what of it is a regression."""
    lines = [
        f"before  {before.name}, {span_text(before)}",
        f"after   {after.name}, {span_text(after)}",
    ]
    if comparison.machine:
        differs = safe_text("; ".join(comparison.machine))
        lines.append(f"warning the machines differ: {differs}")
    head = ("operation", "calls", "P50", "P95", "P99", "per s", "errors", "latency")
    rows = [_compared_row(row) for row in comparison.operations]
    lines += ["", *_table(head, rows)]
    if any(_UNSURE in cell for row in rows for cell in row):
        lines.append(f"{_UNSURE} too few calls to tell")
    for words, names in (("before", comparison.only_before), ("after", comparison.only_after)):
        if names:
            lines.append(f"only {words}: {', '.join(names)}")
    lines += ["", *_regressions(comparison)]
    return "\n".join(lines)


def machine_text(machine: Machine) -> str:
    """A machine on one line."""
    return safe_text(
        f"{machine.cpu or 'unknown processor'}, {machine.cores} cores, "
        f"{machine.memory_mb / 1024:.1f} GiB, {machine.system}, Python {machine.python} "
        f"({machine.node})"
    )


def span_text(baseline: Baseline) -> str:
    """From when until when, in UTC."""
    return f"{_time(baseline.since)} to {_time(baseline.until)}"


def _compared_row(row: OperationChange) -> tuple[str, ...]:
    changes = {change.figure: change for change in row.changes}
    factors = (_factor(changes[figure]) for figure in _SHOWN)
    errors = _share(changes["errors"].after or 0.0)
    return (row.operation, f"{row.calls_after:,}", *factors, errors, row.verdict)


def _regressions(comparison: Comparison) -> list[str]:
    count = comparison.regressions
    told = [
        f"  {row.operation}: {_change(change)}"
        for row in comparison.operations
        for change in row.regressions
    ]
    return [f"{count or 'no'} regression{'' if count == 1 else 's'}", *told]


def _change(change: Change) -> str:
    said = _share if change.figure == "errors" else _number
    factor = f" (x{change.ratio:.2f})" if change.ratio is not None else ""
    unit = " µs" if change.figure.startswith("p") and change.figure != "per_s" else ""
    then, now = (said(value or 0.0) for value in (change.before, change.after))
    return f"{_NAMES[change.figure]} {then} -> {now}{unit}{factor}"


def _factor(change: Change) -> str:
    factor = "-" if change.ratio is None else f"x{change.ratio:.2f}"
    return factor + (_UNSURE if change.verdict == "too few" else "")


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _share(value: float) -> str:
    return f"{value:.3%}" if value else "0"


def _time(microseconds: int) -> str:
    try:
        return datetime.fromtimestamp(microseconds / 1e6, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return f"{microseconds} µs"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Lines with the first column to the left, figures to the right, and a word at the end."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    return [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in (head, *rows)
    ]
