"""A report as one HTML file: nothing is fetched, nothing runs, all text is escaped."""

from collections.abc import Iterator
from html import escape

from app.report import pictures, tables
from app.report.markdown import details, safe, span, title
from app.report.style import PAGE
from app.report.tables import Table, shown
from components.advisor import Recommendation, Report
from components.advisor.summary import nothing_needed

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STANDING = ("met", "acceptable", "missed")


def html(report: Report) -> str:
    """The whole page."""
    name = escape(title(report))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{name}</title>\n<style>\n{PAGE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(_body(report, name))
        + "\n</main>\n</body>\n</html>\n"
    )


def _body(report: Report, name: str) -> Iterator[str]:
    yield f'<header><h1>{name}</h1><p class="soft">{escape(span(report))}</p></header>'
    facts = "".join(f"<li>{escape(safe(fact))}</li>" for fact in report.facts)
    yield _section("Summary", f'<p class="lead">{escape(safe(report.summary))}</p><ul>{facts}</ul>')
    yield _part(tables.operations(report), pictures.targets(report))
    yield _section("Over time", pictures.over_time(report) or "<p>Nothing was measured.</p>")
    yield _part(tables.trends(report))
    yield _part(tables.alerts(report))
    yield _part(tables.decisions(report), pictures.decisions(report))
    yield _part(tables.operators(report))
    yield _part(tables.agents(report))
    yield _part(tables.resources(report), pictures.resources(report))
    yield _part(tables.audit(report))
    yield _section("Recommendations", _recommendations(report))
    yield _part(tables.notes(report))


def _part(table: Table, picture: str = "") -> str:
    return _section(table.title, picture + _table(table))


def _section(name: str, content: str) -> str:
    return f"<section><h2>{escape(name)}</h2>{content}</section>"


def _table(table: Table) -> str:
    if not table.rows:
        return f"<p>{escape(table.empty or 'Nothing.')}</p>"
    head = "".join(
        f'<th scope="col"{_side(at, table)}>{escape(cell)}</th>'
        for at, cell in enumerate(table.head)
    )
    body = "".join(f"<tr>{_cells(row, table)}</tr>" for row in table.rows)
    foot = f'<p class="foot">{escape(table.foot)}</p>' if table.foot else ""
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>{foot}"
    )


def _cells(row: tuple[str, ...], table: Table) -> str:
    first = f'<th scope="row" class="w">{escape(row[0])}</th>'
    rest = "".join(
        f"<td{_side(at, table, cell)}>{escape(cell)}</td>" for at, cell in enumerate(row[1:], 1)
    )
    return first + rest


def _side(at: int, table: Table, cell: str = "") -> str:
    """The class of a cell: words to the left, and how an operation stands."""
    classes = ["w"] if at < table.left else []
    if table.head[at] == "status":
        classes += ["w", *(word for word in _STANDING if word in cell.split())]
    return f' class="{" ".join(classes)}"' if classes else ""


def _recommendations(report: Report) -> str:
    if not report.recommendations:
        return f"<p>{nothing_needed(report.operations)}</p>"
    return f"<ol>{''.join(map(_recommendation, report.recommendations))}</ol>"


def _recommendation(one: Recommendation) -> str:
    lines = "".join(f"<li>{escape(line)}</li>" for line in details(one))
    said = escape(safe(one.text) or safe(one.strategy))
    return f"<li><strong>{escape(shown(one.operation))}</strong>: {said}<ul>{lines}</ul></li>"
