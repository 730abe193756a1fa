"""The table in the terminal: a line a figure, then what was skipped and why. Pure."""

from collections.abc import Iterator, Sequence
from unicodedata import combining

from bench.figures import Figure, Run
from bench.machine import told
from bench.report import said as say
from bench.report.said import KINDS, said

_HEAD = ("figure", "value", "earlier", "limit", "acceptable", "stands", "P50", "P99", "reference",
         "ratio", "predecessor")  # fmt: skip
_LEFT = frozenset({"figure", "stands", "reference"})


def table(run: Run) -> str:
    """The whole of it, as text that ends with a newline."""
    return "\n".join(_lines(run)) + "\n"


def _lines(run: Run) -> Iterator[str]:
    yield f"{run.title} on {told(run.surroundings)}"
    for kind in KINDS:
        found = [figure for figure in run.figures if figure.kind == kind]
        if found:
            yield ""
            yield say.title(kind)
            yield from grid(*_without_empty(list(map(_row, found))), _LEFT)
    if run.skipped:
        yield ""
        yield "Skipped"
        yield from (f"  {one.name}: {one.why}" for one in run.skipped)
    yield ""
    yield from run.notes
    yield summary(run)


def summary(run: Run) -> str:
    """How much was met, in a sentence."""
    stand = [figure.met for figure in run.figures if figure.met != "no target"]
    parts = [f"{stand.count(word)} {word}" for word in ("met", "acceptable", "missed")]
    text = f"{len(run.figures)} figures in {run.seconds:.0f} s: {', '.join(parts)}"
    if run.skipped:
        text += f"; {len(run.skipped)} skipped"
    return text + ("." if run.complete else "; interrupted, so that the rest is missing.")


def grid(head: Sequence[str], rows: Sequence[Sequence[str]], left: frozenset[str]) -> Iterator[str]:
    """Rows in columns: numbers to the right, the columns named in `left` to the left."""
    every = [head, *rows]
    widths = [max(_width(row[at]) for row in every) for at in range(len(head))]
    for row in every:
        cells = [
            _padded(cell, width, name in left)
            for name, cell, width in zip(head, row, widths, strict=True)
        ]
        yield "  ".join(("", *cells)).rstrip()


def _without_empty(rows: list[tuple[str, ...]]) -> tuple[list[str], list[list[str]]]:
    """Head and rows without the columns in which no row says anything; but for the reference's."""
    kept = sorted({*say.telling(rows), _HEAD.index("reference")})
    return [_HEAD[at] for at in kept], [[row[at] for at in kept] for row in rows]


def _row(figure: Figure) -> tuple[str, ...]:
    unit = figure.unit
    reference = figure.reference
    if figure.reference_value is not None:
        reference = f"{said(figure.reference_value, unit)} {reference}"
    return (
        say.short(figure), said(figure.value, unit), say.earlier(figure), say.limit(figure),
        say.acceptable(figure),
        say.standing(figure).upper() if figure.met == "missed" else say.standing(figure),
        said(figure.p50, unit), said(figure.p99, unit), reference[:52], say.ratio(figure),
        say.predecessor(figure),
    )  # fmt: skip


def _width(text: str) -> int:
    return sum(1 for char in text if not combining(char))


def _padded(text: str, width: int, left: bool) -> str:
    gap = " " * (width - _width(text))
    return text + gap if left else gap + text
