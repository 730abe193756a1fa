"""A run as one HTML file: nothing is fetched, nothing runs, all text is escaped. Pure."""

from collections.abc import Iterator
from html import escape

from app.report.style import PAGE
from bench.figures import Figure, Run
from bench.machine import told
from bench.report import said as say
from bench.report.said import KINDS, said
from bench.report.svg import STYLE, chart, distribution, strip
from bench.report.table import summary
from components.advisor import words

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_WIDE = "main { max-width: 100rem; } figure { max-width: 62rem; }\n"
_HEAD = ("value", "earlier", "limit", "acceptable", "stands", "P50", "P95", "P99", "measured",
         "reference", "its median", "ratio", "predecessor")  # fmt: skip
_LEFT = frozenset({"figure", "distribution", "stands", "reference"})
_STRIPS = (
    "Distributions are drawn on logarithmic scales of their own: above ours, below the "
    "reference's, across both the limit."
)


def page(run: Run) -> str:
    """The whole page."""
    name = escape(run.title)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{name}</title>\n<style>\n{PAGE}{STYLE}{_WIDE}</style>\n</head>\n<body>\n<main>\n"
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
    yield f'<p class="soft">{escape(_STRIPS)}</p>'
    for kind in KINDS:
        found = [figure for figure in run.figures if figure.kind == kind]
        if found:
            yield _section(say.title(kind), _table(found) + _details(found))
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
    rows = list(map(_cells, found))
    kept = say.telling(rows)
    names = ("figure", "distribution", *(_HEAD[at] for at in kept))
    head = "".join(f'<th scope="col"{_class(name)}>{name}</th>' for name in names)
    body = "".join(
        f'<tr><th scope="row" class="w">{escape(say.short(figure))}</th>'
        f'<td class="w">{strip(figure)}</td>'
        + "".join(f"<td{_class(_HEAD[at], row[at])}>{escape(row[at])}</td>" for at in kept)
        + "</tr>"
        for figure, row in zip(found, rows, strict=True)
    )
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cells(figure: Figure) -> tuple[str, ...]:
    unit = figure.unit
    return (
        said(figure.value, unit), say.earlier(figure), say.limit(figure), say.acceptable(figure),
        say.standing(figure),
        said(figure.p50, unit), said(figure.p95, unit), said(figure.p99, unit),
        f"{figure.count:,}" if figure.count else "", figure.reference,
        "" if figure.reference_value is None else said(figure.reference_value, unit),
        say.ratio(figure), say.predecessor(figure),
    )  # fmt: skip


def _class(name: str, cell: str = "") -> str:
    names = ["w"] if name in _LEFT else []
    if name == "stands" and cell:
        names.append(cell)
    return f' class="{" ".join(names)}"' if names else ""


def _details(found: list[Figure]) -> str:
    """What each figure is, and how it is distributed; folded away."""
    parts = "".join(filter(None, map(_detail, found)))
    return f"<details><summary>Each in full</summary>{parts}</details>" if parts else ""


def _detail(figure: Figure) -> str:
    drawn = distribution(f"d-{_key(figure.name)}", figure)
    extra = "; ".join(f"{name}: {_told(value)}" for name, value in figure.extra.items())
    told_of = " ".join(f"<p>{escape(text)}</p>" for text in (figure.note, extra) if text)
    if not drawn and not told_of:
        return ""
    return f"<h3>{escape(say.short(figure))}</h3>{told_of}{_figure(drawn, figure)}"


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
