"""Standing grants and refusals: bounded, revocable, never over-used."""

from typing import Any

import pytest

from components.clock import ManualClock
from components.hitl import Grant, Grants, Policies
from tests.hitl.world import SECOND, refuses


class Standing:
    """The grants, their clock, and one grant to make."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.grants = Grants(self.clock, Policies())

    def grant(self, name: str = "g1", priority: Any = "medium", **given: Any) -> Grant:
        wanted: dict[str, Any] = {
            "agent": "ada",
            "tool": "shell",
            "shape": "shell(command=rm)",
            "verdict": "allow",
            "left": 2,
            "until": self.clock.now() + 600 * SECOND,
            "operator": "anna",
            "created_at": self.clock.now(),
            "rules": ("shell.delete", "paths.outside"),
        }
        change = self.grants.prepare_grant(Grant(id=name, **(wanted | given)), priority)
        return self.grants.apply(change)

    def match(
        self, priority: Any = "medium", asked_by: tuple[str, ...] = ("shell.delete",), **given: Any
    ) -> Grant | None:
        wanted = {"agent": "ada", "tool": "shell", "shape": "shell(command=rm)"} | given
        now = self.clock.now()
        return self.grants.match(**wanted, priority=priority, asked_by=asked_by, now=now)

    def use(self, name: str = "g1") -> Grant:
        return self.grants.apply(self.grants.prepare_use(name))


@pytest.fixture
def standing() -> Standing:
    return Standing()


def test_a_grant_matches_its_agent_tool_and_shape_only(standing: Standing) -> None:
    grant = standing.grant()
    assert standing.match() == grant
    for other in ({"agent": "bob"}, {"tool": "sql"}, {"shape": "shell(command=ls)"}):
        assert standing.match(**other) is None


def test_it_allows_nothing_that_another_rule_asks_about(standing: Standing) -> None:
    grant = standing.grant()
    assert standing.match(asked_by=("paths.outside", "shell.delete")) == grant
    assert standing.match(asked_by=("shell.delete", "sequence.after-secret")) is None
    refusal = standing.grant("g2", verdict="deny")
    assert standing.match(asked_by=("sequence.after-secret",)) == refusal


def test_it_ends_by_count(standing: Standing) -> None:
    standing.grant()
    assert standing.use().left == 1
    last = standing.grants.prepare_use("g1")
    assert (last.after.left, last.state) == (0, "used")
    standing.grants.apply(last)
    assert standing.match() is None
    assert (len(standing.grants), standing.grants.get("g1")) == (0, None)
    with refuses(404):
        standing.grants.prepare_use("g1")


def test_it_ends_by_time_to_the_microsecond(standing: Standing) -> None:
    until = standing.grant().until
    standing.clock.set_wall(until - 1)
    assert standing.match() is not None
    assert standing.grants.expired() == ()
    standing.clock.set_wall(until)
    assert standing.match() is None
    with refuses(409):
        standing.grants.prepare_use("g1")
    [end] = standing.grants.expired()
    assert end.state == "expired"
    assert standing.grants.expired() == ()
    standing.grants.revert(end)
    [end] = standing.grants.expired()
    standing.grants.apply(end)
    assert standing.grants.in_force() == ()


def test_nothing_critical_is_ever_granted_or_matched(standing: Standing) -> None:
    with refuses(403, "one by one"):
        standing.grant(priority="critical")
    standing.grant()
    standing.grant("g2", verdict="deny")
    assert standing.match(priority="critical") is None


def test_a_refusal_comes_before_an_allowance(standing: Standing) -> None:
    standing.grant("g1")
    standing.grant("g2", verdict="deny")
    match = standing.match()
    assert match is not None
    assert match.id == "g2"


def test_uses_in_flight_hold_their_place(standing: Standing) -> None:
    standing.grant(left=2)
    first, second = standing.grants.prepare_use("g1"), standing.grants.prepare_use("g1")
    assert [first.after.left, second.after.left] == [1, 0]
    assert standing.match() is None
    with refuses(409, "no further"):
        standing.grants.prepare_use("g1")
    standing.grants.revert(first)
    assert standing.match() is not None
    standing.grants.apply(second)
    left = standing.grants.get("g1")
    assert left is not None
    assert left.left == 1
    standing.use()
    assert len(standing.grants) == 0


def test_a_revoked_grant_answers_nothing_from_the_moment_it_is_prepared(
    standing: Standing,
) -> None:
    standing.grant(left=5)
    use = standing.grants.prepare_use("g1")
    end = standing.grants.prepare_revoke("g1")
    assert end.state == "revoked"
    assert standing.match() is None
    with refuses(409):
        standing.grants.prepare_use("g1")
    with refuses(409, "just ending"):
        standing.grants.prepare_revoke("g1")
    standing.grants.apply(end)
    standing.grants.apply(use)  # it was prepared before
    assert len(standing.grants) == 0
    with refuses(404):
        standing.grants.prepare_revoke("g1")


def test_a_revocation_that_failed_leaves_the_grant(standing: Standing) -> None:
    grant = standing.grant()
    standing.grants.revert(standing.grants.prepare_revoke("g1"))
    assert standing.match() == grant


def test_the_last_use_and_the_end_may_meet(standing: Standing) -> None:
    standing.grant(left=1)
    use = standing.grants.prepare_use("g1")
    end = standing.grants.prepare_revoke("g1")
    standing.grants.apply(use)
    standing.grants.apply(end)
    assert len(standing.grants) == 0
    standing.grant("g1")
    assert standing.match() is not None


@pytest.mark.parametrize(
    "bad",
    [
        {"left": 0},
        {"left": -1},
        {"left": 1_001},
        {"until": 0},
        {"until": 2_000_000_000_000_000},
    ],
)
def test_a_grant_without_bounds_is_refused(standing: Standing, bad: dict[str, int]) -> None:
    with refuses(422):
        standing.grant(**bad)


def test_an_id_is_granted_once(standing: Standing) -> None:
    standing.grant()
    with refuses(409):
        standing.grant()


def test_a_grant_counts_only_once_it_is_durable(standing: Standing) -> None:
    made = standing.grant()
    standing.grants.apply(standing.grants.prepare_revoke("g1"))
    change = standing.grants.prepare_grant(made, "low")
    assert (change.state, standing.match()) == ("active", None)
    with refuses(409):
        standing.grants.prepare_grant(made, "low")
    standing.grants.revert(change)
    with pytest.raises(LookupError):
        standing.grants.apply(change)


def test_a_use_is_finished_once(standing: Standing) -> None:
    standing.grant()
    use = standing.grants.prepare_use("g1")
    standing.grants.revert(use)
    with pytest.raises(LookupError):
        standing.grants.apply(use)


def test_they_are_listed_by_their_end_and_come_back_after_a_restart(standing: Standing) -> None:
    now = standing.clock.now()
    for name, seconds in (("g1", 90), ("g2", 30), ("g3", 60)):
        standing.grant(name, until=now + seconds * SECOND)
    standing.use("g1")
    again = Grants(standing.clock, Policies())
    again.restore(standing.grants.in_force())
    assert [grant.id for grant in again.in_force()] == ["g2", "g3", "g1"]
    assert again.in_force() == standing.grants.in_force()
    assert again.match("ada", "shell", "shell(command=rm)", "low", (), now) is not None
