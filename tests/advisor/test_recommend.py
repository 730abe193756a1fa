"""What is recommended, in which order, and when nothing is."""

import pytest

from components.advisor.causes import Evidence
from components.advisor.recommend import (
    WHEN,
    Need,
    Setting,
    in_short,
    recommend,
    roadmap,
)
from components.advisor.strategies import STRATEGIES
from components.advisor.trial import Trial
from tests.advisor.advising import figures, need, trial

SLOW_COMMIT = Evidence(
    operation="gate.verdict",
    seconds=60.0,
    figures={"gate.verdict": figures(1000, 1000), "storage.commit": figures(40, 500),
             "gate.commit": figures(1000, 800)},
)  # fmt: skip
GOOD = trial("batch", "largest_batch", 1000, 4000)


def test_nothing_is_needed_where_nothing_is_slow() -> None:
    assert recommend((), (GOOD,)) == ()
    said = in_short((), 12, (GOOD,))
    assert said.startswith("Nothing needs to be done: of 12 operations")
    assert "1 trial ran" in said


def test_what_was_measured_and_is_easy_comes_first() -> None:
    found = recommend([need(SLOW_COMMIT)], [GOOD])
    first = found[0]
    assert first.id == "batch"
    assert first.when == "now"
    assert first.effort == "low"
    assert first.measured == pytest.approx(4.0)
    assert first.setting == Setting("largest_batch", 1.0, 256.0)
    assert first.causes[0].kind == "storage.commit"
    assert "4,000 rows/s instead of 1,000 rows/s" in first.expected
    assert "largest_batch = 256 instead of 1" in first.text


def test_half_of_the_time_four_times_as_fast_is_a_gain_of_what_amdahl_says() -> None:
    first = recommend([need(SLOW_COMMIT)], [GOOD])[0]
    assert "gate.verdict about 1.6× as fast" in first.expected  # 1 / (0.5 + 0.5 / 4)


@pytest.mark.parametrize(
    "vain",
    [
        trial("batch", "largest_batch", 1000, 900),
        trial("batch", "largest_batch", 1000, 1050),
        trial("batch", "largest_batch", 1000, 1300, noise=0.4),
    ],
    ids=["worse", "margin", "noise"],
)
def test_what_was_tried_in_vain_is_not_recommended(vain: Trial) -> None:
    assert not vain.worthwhile
    found = recommend([need(SLOW_COMMIT)], [vain])
    assert found
    assert all(one.setting is None and one.measured is None for one in found)
    assert "batch" not in {one.id for one in found}


def test_before_anything_was_tried_trying_is_what_to_do() -> None:
    found = recommend([need(SLOW_COMMIT)])
    assert found[0].id == "trials"
    assert found[0].expected == "not known beforehand"
    assert all(one.setting is None for one in found)


def test_what_is_hard_comes_later_and_says_that_it_is_an_estimate() -> None:
    plan = roadmap(recommend([need(SLOW_COMMIT)], [GOOD]))
    assert tuple(plan) == WHEN
    assert [one.id for one in plan["later"]] == ["disk-gate.verdict"]
    assert "an estimate" in plan["later"][0].expected


def test_what_is_still_acceptable_is_less_urgent() -> None:
    busy = Evidence(operation="gate.parse", seconds=60.0, gauges={"resource.cpu": 0.9},
                    figures={"gate.parse": figures(1000, 100)})  # fmt: skip
    others = [trial("switch", "switch_interval_ms", 1, 1)]
    urgent = recommend([need(busy)], others)
    patient = recommend([need(busy, status="acceptable")], others)
    assert [one.when for one in urgent] == ["next"]
    assert [one.when for one in patient] == ["later"]


def test_a_setting_is_recommended_once_for_whom_it_helps_most() -> None:
    log = Evidence(
        operation="gate.answer",
        seconds=60.0,
        figures={"gate.answer": figures(1000, 600),
                 "storage.commit": figures(40, 500)},
    )  # fmt: skip
    found = recommend([need(SLOW_COMMIT), need(log)], [GOOD])
    (batch,) = [one for one in found if one.id == "batch"]
    assert batch.operation == "gate.answer"
    assert batch.also == ("gate.verdict",)


def test_what_nothing_explains_is_to_be_profiled() -> None:
    alone = Evidence(operation="love_engine.check_ethics", seconds=60.0,
                     figures={"love_engine.check_ethics": figures(1000, 900)})  # fmt: skip
    (found,) = recommend([Need(alone, "missed", 4.5, "P95 900 µs")], [GOOD])
    assert found.id == "profile-love_engine.check_ethics"
    assert found.when == "later"
    assert found.causes[0].text.startswith("nothing that is measured")


def test_an_operation_gets_a_few_recommendations_at_most() -> None:
    gauges = {"resource.cpu": 0.95, "resource.disk_io": 0.95, "resource.memory": 0.99}
    crowded = Evidence(operation="gate.verdict", seconds=60.0, gauges=gauges,
                       figures=SLOW_COMMIT.figures)  # fmt: skip
    assert len(recommend([need(crowded)], [GOOD])) == 3


def test_strategies_are_named_once_and_tell_what_they_are_for() -> None:
    names = [strategy.name for strategy in STRATEGIES]
    assert len(names) == len(set(names))
    assert all(strategy.text and strategy.kinds for strategy in STRATEGIES)
