"""A report as the console's lines."""

from collections.abc import Iterator

from app.report import tables
from app.report.markdown import details, safe, span, title
from app.report.tables import Table, shown
from components.advisor import OperationFigures, Recommendation, Report, words
from components.advisor.summary import nothing_needed
from components.views import AdviceRow, ReportView

_INKS = {"met": "ok", "acceptable": "warn", "missed": "bad"}


def screen(report: Report) -> ReportView:
    """The view: every string in it is safe to show."""
    advice = tuple(map(_advice, report.recommendations))
    return ReportView(title(report), tuple(_lines(report)), advice)


def _advice(one: Recommendation) -> AdviceRow:
    change = ""
    if setting := one.setting:
        change = f"{setting.key}: {setting.before:g} → {setting.after:g}"
    return AdviceRow(one.id, shown(one.operation), safe(one.text), safe(change))


def _lines(report: Report) -> Iterator[tuple[str, str]]:
    yield span(report), "dim"
    yield "", "text"
    yield safe(report.summary), "text"
    yield "", "text"
    for fact in report.facts:
        yield f"  • {safe(fact)}", "text"
    yield from _operations(report)
    for table in (
        tables.trends(report), tables.alerts(report), tables.decisions(report),
        tables.operators(report), tables.resources(report), tables.audit(report),
    ):  # fmt: skip
        yield from _table(table)
    yield from _headed("Recommendations")
    if not report.recommendations:
        yield nothing_needed(report.operations), "ok"
    for number, one in enumerate(report.recommendations, 1):
        yield f"{number}. {shown(one.operation)}: {safe(one.text)}", "accent"
        for text in details(one):
            yield f"   {text}", "text"


def _headed(text: str) -> Iterator[tuple[str, str]]:
    yield "", "text"
    yield text, "strong"


def _operations(report: Report) -> Iterator[tuple[str, str]]:
    yield from _headed("Operations: calls, P50, P95, P99, status")
    for row in report.operations:
        yield _operation(row), _INKS.get(row.status, "dim" if not row.calls else "text")


def _operation(row: OperationFigures) -> str:
    figures = "".join(f"{words.latency(us):>9}" for us in (row.p50_us, row.p95_us, row.p99_us))
    return f"{row.operation:<36}{row.calls:>10,}{figures}  {tables.status(row)}"


def _table(table: Table) -> Iterator[tuple[str, str]]:
    yield from _headed(table.title)
    if not table.rows:
        yield table.empty, "dim"
        return
    if len(table.head) == 2:
        for label, value in table.rows:
            yield f"{label:<36}{value:>12}", "text"
        return
    for row in table.rows:
        yield row[0], "accent"
        pairs = zip(table.head[1:], row[1:], strict=True)
        yield "    " + "  ".join(f"{name} {value}" for name, value in pairs), "text"
