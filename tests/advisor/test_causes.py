"""Each cause is found where it is planted, and only there."""

import pytest

from components.advisor.causes import Cause, Evidence, Moment, causes, correlation
from components.advisor.parts import PARTS, leaves, profile
from components.monitor.catalogue import BY_NAME
from components.monitor.figures import Figures
from tests.advisor.advising import figures

COMMIT = {
    "gate.verdict": figures(1000, 1000),
    "gate.screens": figures(1000, 100),
    "gate.commit": figures(1000, 850),
    "storage.wait": figures(1000, 300),
    "storage.commit": figures(40, 500),
}


def evidence(operation: str = "gate.verdict", **more: object) -> Evidence:
    given = {"figures": COMMIT, "seconds": 60.0, **more}
    return Evidence(operation=operation, **given)  # type: ignore[arg-type]


def kinds(found: tuple[Cause, ...]) -> list[str]:
    return [cause.kind for cause in found]


def test_parts_are_operations_of_the_catalogue() -> None:
    for operation, parts in PARTS.items():
        assert {operation, *parts} <= set(BY_NAME)


def test_leaves_have_no_operation_twice() -> None:
    found = leaves("gate.verdict")
    assert found[0] == "gate.verdict"
    assert {"storage.commit", "intent_firewall.pattern_matching"} <= set(found)
    assert len(found) == len(set(found))


def test_a_profile_adds_up_to_the_whole() -> None:
    found = profile("gate.verdict", COMMIT)
    assert sum(found.values()) == pytest.approx(1000)
    assert found["storage.commit"] == pytest.approx(500)  # each of 25 calls waits for all of it
    assert found["gate.commit"] == pytest.approx(50)


def test_a_part_that_few_calls_have_counts_for_few() -> None:
    seen = {
        "gate.screens": figures(1000, 100),
        "intent_firewall.validate_unsafe": figures(100, 200),
        "intent_firewall.validate_safe": figures(900, 50),
    }
    found = profile("gate.screens", seen)
    assert found["intent_firewall.validate_unsafe"] == pytest.approx(20)
    assert found["intent_firewall.validate_safe"] == pytest.approx(45)


def test_parts_that_overlap_never_exceed_the_whole() -> None:
    seen = {"gate.commit": figures(10, 100), "storage.wait": figures(10, 90),
            "storage.commit": figures(10, 90)}  # fmt: skip
    assert sum(profile("gate.commit", seen).values()) == pytest.approx(100)


def test_the_part_that_takes_most_is_first_with_its_numbers() -> None:
    found = causes(evidence())
    assert kinds(found) == ["storage.commit", "storage.wait"]
    assert found[0].share == pytest.approx(0.5)
    assert "500 µs of 1 ms a call" in found[0].evidence


def test_what_grew_is_to_blame_where_it_became_slower() -> None:
    before = {**COMMIT, "gate.verdict": figures(1000, 500), "gate.commit": figures(1000, 350),
              "storage.commit": figures(40, 10)}  # fmt: skip
    found = causes(evidence(before=before))
    assert found[0].kind == "storage.commit"
    assert found[0].share > 0.9
    assert "before" in found[0].evidence
    assert "storage.wait" not in kinds(found)


def test_nothing_stands_out_of_an_operation_that_is_quick() -> None:
    assert causes(evidence("love_engine.check_ethics")) == ()  # it did not run
    alone = {"love_engine.check_ethics": figures(1000, 50)}
    assert causes(evidence("love_engine.check_ethics", figures=alone)) == ()


def moments(latency: list[float], load: list[float], queue: list[float]) -> tuple[Moment, ...]:
    return tuple(map(Moment, latency, load, queue))


def test_latency_that_goes_with_the_queue_is_the_queues() -> None:
    rising = [float(at) for at in range(20)]
    steady = [5.0, 6.0] * 10
    found = causes(evidence(figures={"gate.verdict": figures(100, 10)},
                            moments=moments(rising, steady, rising)))  # fmt: skip
    assert kinds(found) == ["queue"]
    assert found[0].share == pytest.approx(1.0)
    assert "up to 19 jobs" in found[0].evidence


def test_latency_that_goes_with_the_load_is_the_loads() -> None:
    rising = [float(at) for at in range(20)]
    found = causes(evidence(figures={"gate.verdict": figures(100, 10)},
                            moments=moments(rising, rising, [1.0] * 20)))  # fmt: skip
    assert kinds(found) == ["load"]


def test_a_few_moments_prove_nothing() -> None:
    rising = [float(at) for at in range(5)]
    assert correlation(rising, rising) == 0.0
    assert correlation([1.0] * 20, [float(at) for at in range(20)]) == 0.0


def test_pauses_that_meet_many_calls_make_the_tail() -> None:
    seen = {"love_engine.check_ethics": figures(1000, 50, tail=10_000),
            "runtime.gc_pause": figures(600, 10_000)}  # fmt: skip
    found = causes(evidence("love_engine.check_ethics", figures=seen))
    assert kinds(found) == ["runtime.gc_pause"]
    assert found[0].share == pytest.approx(1.0)
    assert "10%" in found[0].evidence


def test_rare_pauses_are_no_cause() -> None:
    seen = {"love_engine.check_ethics": figures(1000, 50, tail=10_000),
            "runtime.gc_pause": figures(2, 10_000)}  # fmt: skip
    assert causes(evidence("love_engine.check_ethics", figures=seen)) == ()


def test_lag_counts_for_what_comes_back_from_the_writer_only() -> None:
    lag = {"runtime.loop_lag": figures(600, 800)}
    assert "runtime.loop_lag" in kinds(causes(evidence(figures=COMMIT | lag)))
    alone = {"love_engine.check_ethics": figures(1000, 900)} | lag
    assert causes(evidence("love_engine.check_ethics", figures=alone)) == ()


@pytest.mark.parametrize("gauge", ["resource.cpu", "resource.disk_io", "resource.memory"])
def test_a_resource_that_is_short_is_a_cause(gauge: str) -> None:
    assert gauge in kinds(causes(evidence(gauges={gauge: 0.95})))
    assert gauge not in kinds(causes(evidence(gauges={gauge: 0.5})))


def test_the_disk_does_not_slow_what_never_touches_it() -> None:
    alone = {"love_engine.check_ethics": figures(1000, 900)}
    found = causes(evidence("love_engine.check_ethics", figures=alone,
                            gauges={"resource.disk_io": 1.0}))  # fmt: skip
    assert found == ()


def test_failures_are_named() -> None:
    failing = Figures(1000, 5, 7, 16.0, 10, 10, 10, 10, 10)
    (found,) = causes(evidence(figures={"gate.verdict": failing}))
    assert found.kind == "errors"
    assert "5 failed, 7 timed out of 1,000" in found.evidence
