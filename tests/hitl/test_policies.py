"""Class policies: their defaults, and settings that name what is wrong."""

import math
from typing import Any

import pytest

from components.hitl import BadPolicy, ClassPolicy, Policies, load_policies


def test_the_defaults() -> None:
    policies = load_policies({})
    assert policies == Policies()
    assert policies.of("critical") == ClassPolicy(600, "deny", 3)
    assert policies.of("high") == ClassPolicy(300, "escalate")
    assert policies.of("medium") == ClassPolicy(300, "deny")
    assert policies.of("low") == ClassPolicy(900, "deny")
    assert policies.two_person_tier == 3


def test_what_is_left_out_keeps_its_default() -> None:
    policies = load_policies({"critical": {"wait_s": 60}, "two_person_tier": 2})
    assert policies.critical == ClassPolicy(60, "deny", 3)
    assert policies.two_person_tier == 2
    assert policies.high == Policies().high


def test_times_are_exact_microseconds() -> None:
    policy = load_policies({"low": {"wait_s": 0.1, "release_delay_s": 1.5}}).low
    assert (policy.wait_us, policy.release_delay_us) == (100_000, 1_500_000)


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"high": {"on_timeout": "allow"}}, "[hitl.high.on_timeout]"),
        ({"high": {"wait_s": 0}}, "[hitl.high.wait_s]"),
        ({"high": {"wait_s": -5}}, "[hitl.high.wait_s]"),
        ({"high": {"wait_s": math.inf}}, "[hitl.high.wait_s]"),
        ({"high": {"wait_s": math.nan}}, "[hitl.high.wait_s]"),
        ({"high": {"wait_s": "600"}}, "[hitl.high.wait_s]"),
        ({"high": {"wait": 600}}, "`wait`"),
        ({"high": 600}, "[hitl.high]"),
        ({"urgent": {"wait_s": 600}}, "`urgent`"),
        ({"low": {"release_delay_s": -1}}, "[hitl.low.release_delay_s]"),
        ({"low": {"release_delay_s": math.nan}}, "[hitl.low.release_delay_s]"),
        ({"two_person_tier": 0}, "[hitl.two_person_tier]"),
        ({"two_person_tier": 5}, "[hitl.two_person_tier]"),
        ({"two_person_tier": True}, "[hitl.two_person_tier]"),
        ({"longest_s": 0}, "[hitl.longest_s]"),
        ({"grant_most": 0}, "[hitl.grant_most]"),
    ],
)
def test_a_bad_setting_is_named(table: dict[str, Any], named: str) -> None:
    with pytest.raises(BadPolicy) as caught:
        load_policies(table)
    assert named in str(caught.value)
