"""The life of one alert, by itself."""

import pytest

from components.monitor.alerting.rules import Reading
from components.monitor.alerting.state import GAP_NS, QUIET, Hold, Life, step

S = 1_000_000_000
HOLD = Hold(30 * S, 60 * S)
GAPS: tuple[Reading, ...] = ("no data", "too few samples", "no baseline")


def test_a_whole_life() -> None:
    life = step(QUIET, "holds", 0, HOLD)
    assert life == Life("pending", 0)
    assert step(life, "holds", 30 * S - 1, HOLD) is life
    life = step(life, "holds", 30 * S, HOLD)
    assert life == Life("firing", 30 * S)
    life = step(life, "clear", 40 * S, HOLD)
    assert life == Life("firing", 30 * S, gone=40 * S)
    assert step(life, "clear", 100 * S - 1, HOLD) is life
    life = step(life, "clear", 100 * S, HOLD)
    assert life == Life("resolved", 100 * S)
    assert step(life, "clear", 101 * S, HOLD) == QUIET
    assert step(life, "holds", 101 * S, HOLD) == Life("pending", 101 * S)


def test_without_for_it_fires_at_once() -> None:
    assert step(QUIET, "holds", 5, Hold()) == Life("firing", 5)
    assert step(Life("firing", 5), "clear", 6, Hold()) == Life("resolved", 6)


def test_a_break_while_pending_begins_anew() -> None:
    life = step(Life("pending", 0), "clear", 29 * S, HOLD)
    assert life.phase == "inactive"
    assert step(life, "holds", 30 * S, HOLD) == Life("pending", 30 * S)


def test_coming_back_while_kept_forgets_the_break() -> None:
    life = step(Life("firing", 0, gone=10 * S), "holds", 60 * S, HOLD)
    assert life == Life("firing", 0)
    assert step(life, "clear", 80 * S, HOLD) == Life("firing", 0, gone=80 * S)


@pytest.mark.parametrize("gap", GAPS)
def test_a_gap_neither_fires_nor_resolves_at_once(gap: Reading) -> None:
    assert step(QUIET, gap, 0, HOLD) is QUIET
    assert step(Life("pending", 0), gap, 40 * S, HOLD).phase == "inactive"
    life = step(Life("firing", 0), gap, 0, Hold())
    assert life.phase == "firing"
    assert step(life, gap, GAP_NS - 1, Hold()).phase == "firing"
    assert step(life, gap, GAP_NS, Hold()).phase == "resolved"


def test_nothing_happens_to_what_is_inactive() -> None:
    assert step(QUIET, "clear", 7, HOLD) is QUIET
