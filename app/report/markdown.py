"""A report as Markdown that reads well as plain text, too."""

import re
import unicodedata
from collections.abc import Iterator

from app.report import tables
from app.report.tables import Table, shown
from components.advisor import Recommendation, Report, words
from components.advisor.summary import nothing_needed
from components.text import safe_text

_SPECIAL = re.compile(r"([\\`*\[\]<>|]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")


def markdown(report: Report) -> str:
    """The whole report."""
    return "\n".join(_lines(report)) + "\n"


def title(report: Report) -> str:
    """What the report is of."""
    node = f" of {shown(report.node)}" if report.node else ""
    return f"{report.kind.capitalize()} report{node}"


def span(report: Report) -> str:
    """From when until when, and against which baseline."""
    baseline = f"; baseline {shown(report.baseline)}" if report.baseline else ""
    return (
        f"{words.moment(report.since)} to {words.moment(report.until)} UTC, "
        f"written {words.moment(report.made_at)}{baseline}"
    )


def _lines(report: Report) -> Iterator[str]:
    yield f"# {_escaped(title(report))}"
    yield ""
    yield _escaped(span(report))
    yield ""
    yield "## Summary"
    yield ""
    yield _escaped(report.summary)
    yield ""
    for fact in report.facts:
        yield f"- {_escaped(fact)}"
    for table in tables.of(report):
        yield ""
        yield f"## {table.title}"
        yield ""
        yield from _table(table)
    yield ""
    yield "## Recommendations"
    yield ""
    yield from _recommendations(report)


def _recommendations(report: Report) -> Iterator[str]:
    if not report.recommendations:
        yield nothing_needed(report.operations)
    for number, one in enumerate(report.recommendations, 1):
        yield f"{number}. {_escaped(_headline(one))}"
        for text in details(one):
            yield f"   - {_escaped(text)}"


def _headline(one: Recommendation) -> str:
    return f"{shown(one.operation)}: {safe(one.text) or safe(one.strategy)}"


def details(one: Recommendation) -> list[str]:
    """What is known of a recommendation, a line each."""
    lines = [f"{one.when}; effort {one.effort}; expected: {safe(one.expected)}"]
    lines += [f"likely because {safe(cause.text)} ({safe(cause.evidence)})" for cause in one.causes]
    if one.text:
        lines.append(f"strategy: {safe(one.strategy)}")
    if one.also:
        lines.append(f"helps, too: {words.listed([shown(name) for name in one.also])}")
    if one.measured is not None:
        lines.append(f"measured when tried here: {one.measured:.3g} times as good")
    if setting := one.setting:
        change = f"{words.number(setting.before)} → {words.number(setting.after)}"
        lines.append(f"setting: {shown(setting.key)} {change}; id {shown(one.id)}")
    return lines


def safe(text: str) -> str:
    """Longer text, on one line, safe."""
    return safe_text(text, limit=1000)


def _table(table: Table) -> Iterator[str]:
    if not table.rows:
        yield table.empty or "Nothing."
        return
    rows = [tuple(map(_escaped, row)) for row in (table.head, *table.rows)]
    widths = [max(3, *(_width(row[column]) for row in rows)) for column in range(len(table.head))]
    words_last = table.head[-1] in {"status", "in short", "now"}
    left = [at < table.left or (words_last and at == len(widths) - 1) for at in range(len(widths))]
    rule = [("-" * width if side else "-" * (width - 1) + ":")
            for width, side in zip(widths, left, strict=True)]  # fmt: skip
    for index, row in enumerate(rows):
        yield _row(_fit(cell, width, side)
                   for cell, width, side in zip(row, widths, left, strict=True))  # fmt: skip
        if not index:
            yield _row(rule)
    if table.foot:
        yield ""
        yield _escaped(table.foot)


def _row(cells: "Iterator[str] | list[str]") -> str:
    return f"| {' | '.join(cells)} |"


def _fit(cell: str, width: int, left: bool) -> str:
    pad = " " * (width - _width(cell))
    return cell + pad if left else pad + cell


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1
        for one in text
    )


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
