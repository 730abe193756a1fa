"""Targets: they are the ones that were set, and limits are within."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from components.advisor import Target, judge, targets
from components.monitor.catalogue import BY_NAME

AIM = Target(100, 500)


@pytest.mark.parametrize(
    ("calls", "p95", "status", "factor"),
    [
        (0, None, "not run", None),
        (9, 99.0, "met", 0.99),
        (9, 100.0, "met", 1.0),
        (9, 100.1, "acceptable", 1.001),
        (9, 500.0, "acceptable", 5.0),
        (9, 501.0, "missed", 5.01),
        (9, None, "missed", None),
    ],
)
def test_judging(calls: int, p95: float | None, status: str, factor: float | None) -> None:
    assert judge(calls, p95, AIM) == (status, factor and pytest.approx(factor))


def test_without_a_target_nothing_is_missed() -> None:
    assert judge(5, 9e9, None) == ("no target", None)


def test_every_target_is_of_an_operation_that_is_measured() -> None:
    assert set(targets()) - set(BY_NAME) == {"hitl.concurrent_requests"}


def test_they_are_the_targets_that_were_set() -> None:
    file = Path(__file__).parents[3] / "shared" / "targets.toml"
    if not file.exists():
        pytest.skip("../shared is not here")
    given = tomllib.loads(file.read_text("utf-8"))
    wanted: dict[str, Any] = {
        f"{component}.{name}": one
        for component, operations in given["operation"].items()
        for name, one in operations.items()
    }
    wanted["gate.verdict"] = given["workflow"]["complete"]
    assert {name: (one["target_us"], one["acceptable_us"]) for name, one in wanted.items()} == {
        name: (one.target_us, one.acceptable_us) for name, one in targets().items()
    }
