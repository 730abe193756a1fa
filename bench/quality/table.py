"""The table: a line a set, with its interval, its false alarms, the naive screen and the goal."""

from collections.abc import Iterable

from bench.quality.judging import Judged
from bench.quality.scoring import Figure

_HEAD = ("set", "metric", "value [95%]", "false alarms [95%]", "naive", "goal", "met", "bad/good",
         "groups")  # fmt: skip
_METRICS = {"caught": "recall", "auc": "AUC", "accuracy": "accuracy", "asked": "blocked|asked"}


def lines(found: Iterable[Judged]) -> list[str]:
    """The table as lines of text."""
    rows = [_HEAD, *map(_cells, found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _cells(one: Judged) -> tuple[str, ...]:
    how = f" ({one.folds}-fold)" if one.folds else " (trained on)" if one.seen else ""
    metric = f"{_METRICS[one.metric]}{how}"
    return (
        one.name, metric, _figure(one.figure), _figure(one.false_alarms), _naive(one), _goal(one),
        {None: "", True: "met", False: "MISSED"}[one.met], f"{one.bad}/{one.good}", str(one.groups),
    )  # fmt: skip


def _figure(figure: Figure | None) -> str:
    if figure is None:
        return "–"
    return f"{_percent(figure.value)} [{_percent(figure.low)}–{_percent(figure.high)}]"


def _naive(one: Judged) -> str:
    alarms = one.naive_false_alarms
    value = _percent(one.naive) if one.naive is not None else "–"
    return f"{value} at {_percent(alarms)}" if alarms is not None else value


def _goal(one: Judged) -> str:
    if one.least is None or one.most is None:
        return ""
    least = f"{'≤' if one.metric == 'asked' else '≥'} {_percent(one.least)}"
    return f"{least} at ≤ {_percent(one.most)}" if one.most < 1 else least


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
