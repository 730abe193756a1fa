"""A report of a home, whether or not its node runs."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from app.baselines import BaselineProblem, Baselines
from components.advisor import SPAN_S, Kind, Progress, Report, Trial, advise, build, gather
from components.monitor.baseline import Baseline
from storage import StoreError, open_reader

_OLDER = (
    "the store is of an older version, in which nothing was measured: start its node once with "
    "`assent run`"
)


class BadPeriod(ValueError):  # noqa: N818 - what somebody asked for
    """There is no such period; the text says why."""


def period(kind: Kind, since: int | None, until: int | None, now: int) -> tuple[int, int]:
    """From when until when (µs): the kind's own span up to `until` or `now`, or as was asked.

    Raises `BadPeriod`.
    """
    end = now if until is None else min(until, now)
    begin = end - SPAN_S[kind] * 1_000_000 if since is None else since
    if begin >= end:
        raise BadPeriod("--since must be before --until, and before now")
    return begin, end


def make_report(
    home: Path,
    kind: Kind,
    since: int,
    until: int,
    *,
    now: int,
    progress: Progress | None = None,
    trials: Sequence[Trial] = (),
) -> Report:
    """Read the home's store and write the report, with what came of trials, if any were made.

    Raises `StoreError`.
    """
    with closing(open_reader(home)) as reader:
        try:
            baseline = _baseline(home)
            gathered = gather(reader, since, until, now=now, baseline=baseline, progress=progress)
            found = advise(reader, gathered, baseline, trials)
            node = _node(reader)
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise StoreError(f"the recorded history cannot be read: {error}") from error
            raise StoreError(_OLDER) from error
        except (sqlite3.Error, ValueError) as error:
            raise StoreError(f"the recorded history cannot be read: {error}") from error
    return build(kind, node, now, gathered, found, baseline.name if baseline else "")


def _baseline(home: Path) -> Baseline | None:
    # A report is worth having without the baseline; `assent baseline list` says what is wrong.
    try:
        return Baselines(home).current()
    except BaselineProblem:
        return None


def _node(reader: sqlite3.Connection) -> str:
    row = reader.execute(
        "SELECT note FROM checkpoints WHERE size = (SELECT max(size) FROM checkpoints)"
    ).fetchone()
    return str(row[0]).partition("\n")[0][:100] if row else ""
