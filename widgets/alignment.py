"""How far engine and people agree, as a table: by tool and by agent, with what has drifted."""

from collections.abc import Iterable, Iterator, Sequence

from components.views import AlignmentRow
from widgets.cells import fit
from widgets.lines import Face

_DRIFTS = {"low": ("▼ too low", "bad"), "moved": ("≠ moved", "warn")}
_NONE = "—"
_BETWEEN = 52
_WEEKS = 66
"""From these widths on there is room for the interval, and for the weeks."""


def alignment_faces(rows: Iterable[AlignmentRow], width: int) -> Iterator[Face]:
    """A heading and a line for each row; `—` where there are too few decisions."""
    name = (
        width - 2 - 13 - 2 - (15 + 9 if width >= _BETWEEN else 0) - (14 if width >= _WEEKS else 0)
    )
    heading = _columns(("n", "kappa", "95%", "week", "before"), width)
    title = "ALIGNMENT with people" if name > 21 else "ALIGNMENT"
    yield (("  " + fit(title, name), "accent"), (heading, "dim"))
    for row in rows:
        drift, ink = _DRIFTS.get(row.drift, ("", "text"))
        between = _NONE
        if row.low is not None and row.high is not None:
            between = f"{row.low:.2f} to {row.high:.2f}"
        figures = (f"{row.n:,}", _kappa(row.kappa), between, _kappa(row.week), _kappa(row.before))
        yield (
            ("  " + fit(f"{row.of} {row.name}".strip(), name), "text"),
            (_columns(figures, width), "text" if row.kappa is not None else "dim"),
            (" " + fit(drift, 10 if width >= _BETWEEN else 1), ink),
        )


def _columns(words: Sequence[str], width: int) -> str:
    """Those of the columns that there is room for."""
    shown = 5 if width >= _WEEKS else 3 if width >= _BETWEEN else 2
    pairs = list(zip(words, (6, 7, 15, 7, 7), strict=True))[:shown]
    return "".join(fit(word, wide, "right") for word, wide in pairs)


def _kappa(value: float | None) -> str:
    return _NONE if value is None else f"{value:.2f}"
