"""Figures of the quality table: shares, areas, and intervals over groups."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.quality import scoring
from bench.quality.scoring import Unit


def found(*scores: tuple[bool, float]) -> list[Unit]:
    return [Unit(bad, str(place), score) for place, (bad, score) in enumerate(scores)]


def test_shares_are_of_their_own_kind() -> None:
    units = found((True, 1), (True, 0), (False, 1), (False, 0), (False, 0), (False, 0))
    assert scoring.recall(units) == 0.5
    assert scoring.false_alarms(units) == 0.25
    assert scoring.accuracy(units) == pytest.approx(4 / 6)


def test_nothing_of_a_kind_gives_no_figure() -> None:
    good = found((False, 1))
    assert scoring.recall(good) is None
    assert scoring.auc(good) is None
    assert scoring.figure(good, scoring.auc) is None


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.25, 0.5, 1.0])), max_size=30))
@settings(max_examples=100, deadline=None, derandomize=True, database=None)
def test_the_area_is_the_share_of_pairs_in_order(scores: list[tuple[bool, float]]) -> None:
    units = found(*scores)
    pairs = [
        (bad.score > good.score) + 0.5 * (bad.score == good.score)
        for bad in units if bad.bad
        for good in units if not good.bad
    ]  # fmt: skip
    assert scoring.auc(units) == (pytest.approx(sum(pairs) / len(pairs)) if pairs else None)


def test_a_unit_is_as_suspicious_as_its_most_suspicious_row() -> None:
    rows = [("run", True, "g", 0.0), ("run", True, "g", 1.0), ("other", False, "g", 0.0)]
    assert sorted(unit.score for unit in scoring.units(rows)) == [0.0, 1.0]


def test_the_interval_is_wider_where_rows_share_a_group() -> None:
    alone = [Unit(True, str(place), float(place % 2)) for place in range(60)]
    together = [Unit(True, str(place // 20), float(place // 20 % 2)) for place in range(60)]
    narrow, wide = (scoring.figure(units, scoring.recall) for units in (alone, together))
    assert narrow is not None
    assert wide is not None
    assert narrow.low <= narrow.value <= narrow.high
    assert wide.high - wide.low > narrow.high - narrow.low
    assert scoring.figure(alone, scoring.recall) == narrow
