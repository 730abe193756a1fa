"""A request id that came again with another action: a condition until it is quiet."""

from app.node.conflicts import CONDITION, QUIET_NS, Conflicts
from components.clock import ManualClock
from components.gate import TurnedAway, conflict


def test_each_conflict_raises_it_and_a_quiet_time_clears_it() -> None:
    clock, told = ManualClock(), list[tuple[str, str]]()
    conflicts = Conflicts(lambda name, text: told.append((name, text)), clock)
    refusal = conflict()
    for agent in ("ann", "bob"):
        conflicts.hear(TurnedAway(agent, "r", refusal.code, refusal.reason))
        conflicts.look()
        clock.advance((QUIET_NS + 1) / 1e9)
        conflicts.look()
        conflicts.look()
    assert [(name, text.partition(":")[0]) for name, text in told] == [
        (CONDITION, "ann"), (CONDITION, ""), (CONDITION, "bob"), (CONDITION, ""),
    ]  # fmt: skip


def test_a_request_that_is_just_being_decided_is_no_conflict() -> None:
    told = list[tuple[str, str]]()
    conflicts = Conflicts(lambda name, text: told.append((name, text)), ManualClock())
    conflicts.hear(TurnedAway("ann", "r", 409, "this request is being decided"))
    conflicts.look()
    assert not told
