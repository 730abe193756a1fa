import tomllib

import pytest

from bench.targets import limits, targets
from components.advisor.targets import targets as operation_targets
from tests.support import SHARED


def test_the_nineteen_operations_have_limits_and_a_predecessor():
    found = [one for one in limits().values() if one.kind == "operation"]
    assert len(found) == 19
    assert all(one.target and one.acceptable and one.predecessor for one in found)


def test_a_predecessor_is_of_an_operation_that_there_is():
    assert targets().predecessor.keys() <= operation_targets().keys()


def test_every_goal_is_a_most_or_a_least():
    for name, goal in targets().goal.items():
        assert (goal.most is None) != (goal.least is None), name


def test_sizes_have_a_limit_each():
    for name, table in targets().scale.items():
        assert len({len(values) for values in table.values()}) == 1, name


def test_they_are_the_ones_agreed_on():
    path = SHARED / "targets.toml"
    if not path.exists():
        pytest.skip("../shared is not here")
    agreed = tomllib.loads(path.read_text("utf-8"))
    for name, one in flat(agreed["operation"]):
        held = limits()[f"operation.{name}"]
        assert (held.target, held.acceptable) == (one["target_us"], one["acceptable_us"]), name
        assert held.predecessor == one["predecessor_us"], name
    for name, flow in agreed["workflow"].items():
        assert limits()[f"workflow.{name}"].target == flow["target_us"]
        assert limits()[f"workflow.{name}"].acceptable == flow["acceptable_us"]
        assert limits()[f"workflow.{name}.per_s"].target == flow.get("per_s")
    for name, value in agreed["goal"].items():
        assert limits()[f"goal.{name}"].goal == value
    for name, table in agreed["scale"].items():
        assert {key: list(values) for key, values in targets().scale[name].items()} == table
    for name in ("throughput", "concurrent"):
        held = getattr(targets().stress, name)
        assert {key: list(values) for key, values in held.items()} == agreed["stress"][name]


def flat(tree):
    for component, operations in tree.items():
        for name, one in operations.items():
            yield f"{component}.{name}", one
