"""A run as one HTML file: nothing is fetched, nothing runs, all text is escaped. Pure."""

from collections.abc import Iterator
from html import escape

from app.report.style import PAGE
from bench.figures import Figure, Run
from bench.machine import told
from bench.report import said as say
from bench.report.said import KINDS, said
from bench.report.svg import STYLE, chart, distribution
from bench.report.table import summary
from components.advisor import words

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_HEAD = ("figure", "value", "earlier", "limit", "acceptable", "stands", "P50", "P95", "P99",
         "measured", "reference", "its median", "ratio", "predecessor")  # fmt: skip
_LEFT = frozenset({"figure", "stands", "reference"})


def page(run: Run) -> str:
    """The whole page."""
    name = escape(run.title)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{name}</title>\n<style>\n{PAGE}{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(_body(run))
        + "\n</main>\n</body>\n</html>\n"
    )


def _body(run: Run) -> Iterator[str]:
    here = run.surroundings
    versions = ", ".join(f"{name} {number}" for name, number in here.versions.items())
    yield (
        f"<header><h1>{escape(run.title)}</h1>"
        f'<p class="soft">{escape(words.moment(run.started))} UTC. {escape(told(here))}. '
        f'{escape(versions)}.</p><p class="lead">{escape(summary(run))}</p></header>'
    )
    yield from (f"<p>{escape(note)}</p>" for note in run.notes)
    for kind in KINDS:
        found = [figure for figure in run.figures if figure.kind == kind]
        if found:
            yield _section(say.title(kind), _table(found) + "".join(_details(found)))
    if run.charts:
        yield _section("Over size and time", "".join(_charts(run)))
    if run.skipped:
        rows = "".join(
            f"<li><strong>{escape(one.name)}</strong>: {escape(one.why)}</li>"
            for one in run.skipped
        )
        yield _section("Skipped", f"<ul>{rows}</ul>")


def _section(name: str, content: str) -> str:
    return f"<section><h2>{escape(name)}</h2>{content}</section>"


def _table(found: list[Figure]) -> str:
    head = "".join(f'<th scope="col"{_class(name)}>{name}</th>' for name in _HEAD)
    body = "".join(f"<tr>{_cells(figure)}</tr>" for figure in found)
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cells(figure: Figure) -> str:
    unit = figure.unit
    cells = (
        said(figure.value, unit), say.earlier(figure), say.limit(figure), say.acceptable(figure),
        say.standing(figure),
        said(figure.p50, unit), said(figure.p95, unit), said(figure.p99, unit),
        f"{figure.count:,}" if figure.count else "", figure.reference,
        "" if figure.reference_value is None else said(figure.reference_value, unit),
        say.ratio(figure), say.predecessor(figure),
    )  # fmt: skip
    first = f'<th scope="row" class="w">{escape(say.short(figure))}</th>'
    rest = "".join(
        f"<td{_class(name, cell)}>{escape(cell)}</td>"
        for name, cell in zip(_HEAD[1:], cells, strict=True)
    )
    return first + rest


def _class(name: str, cell: str = "") -> str:
    names = ["w"] if name in _LEFT else []
    if name == "stands" and cell:
        names.append(cell)
    return f' class="{" ".join(names)}"' if names else ""


def _details(found: list[Figure]) -> Iterator[str]:
    """What a figure is, and how it is distributed; folded away."""
    for figure in found:
        drawn = distribution(f"d-{_key(figure.name)}", figure)
        extra = "; ".join(f"{name}: {_told(value)}" for name, value in figure.extra.items())
        told_of = " ".join(f"<p>{escape(text)}</p>" for text in (figure.note, extra) if text)
        if drawn or told_of:
            yield (
                f"<details><summary>{escape(say.short(figure))}</summary>{told_of}"
                f"{_figure(drawn, figure)}</details>"
            )


def _figure(drawn: str, figure: Figure) -> str:
    if not drawn:
        return ""
    caption = f"{figure.count:,} measurements, on a logarithmic scale."
    if figure.reference_sample:
        caption += f" Behind them: {figure.reference}."
    return f"<figure>{drawn}<figcaption>{escape(caption)}</figcaption></figure>"


def _charts(run: Run) -> Iterator[str]:
    for one in run.charts:
        drawn = chart(f"c-{_key(one.name)}", one)
        note = f"<figcaption>{escape(one.note)}</figcaption>" if one.note else ""
        yield f"<h3>{escape(one.title)}</h3><figure>{drawn}{note}</figure>"


def _told(value: float | str) -> str:
    return value if isinstance(value, str) else words.number(value)


def _key(name: str) -> str:
    return "".join(char if char.isascii() and char.isalnum() else "-" for char in name)
