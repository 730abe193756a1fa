"""Each rule that ships with the program, through its whole life."""

import pytest

from components.monitor.alerting import Sample, builtin_rules
from components.monitor.alerting.rules import duration_ns
from tests.monitor.alerting.world import World

QUIET_SECONDS = 900
"""Longer than any rule waits or holds on."""

LIVES = [
    ("audit-frozen", "audit.frozen", Sample(1), Sample(0)),
    ("gate-silent", "gate.silent_s", Sample(3.1), Sample(3)),
    ("disk-low", "store.free_mb", Sample(511), Sample(512)),
    ("superseded", "condition.superseded", Sample(1, text="elsewhere"), Sample(0)),
    ("log-forked", "condition.witness.other-log", Sample(1, text="two histories"), Sample(0)),
    ("decisions-overdue", "hitl.overdue", Sample(1), Sample(0)),
    ("bridge-down", "condition.bridge", Sample(1), Sample(0)),
    ("p99", "gate.verdict.p99", Sample(201, 100, 100), Sample(200, 100, 100)),
    ("throughput", "gate.verdict.per_s", Sample(7.9, 1500, 10), Sample(8, 1500, 10)),
    (
        "throughput-parts",
        "audit_system.log_action.per_s",
        Sample(7.9, 1500, 10),
        Sample(8, 1500, 10),
    ),
    ("errors", "gate.verdict.errors", Sample(0.002, 8000), Sample(0.0005, 8000)),
    ("errors-many", "hitl.approve_decision.errors", Sample(0.5, 20), Sample(0, 20)),
    ("resource", "resource.cpu", Sample(0.81, 60), Sample(0.8, 60)),
    ("resource", "resource.memory", Sample(0.81, 60), Sample(0.8, 60)),
    ("resource", "resource.disk_io", Sample(0.81, 60), Sample(0.8, 60)),
    ("resource-disk", "resource.disk_space", Sample(0.81, 60), Sample(0.8, 60)),
    ("wal-large", "store.wal_mb", Sample(64.1), Sample(64)),
    ("loop-lag", "runtime.loop_lag.p99", Sample(100_001, 600), Sample(100_000, 600)),
    ("condition", "condition.rules-refused", Sample(1, text="line 3"), Sample(0)),
]
NAMES = [f"{row[0]}-{row[1]}" for row in LIVES]


def of_rule(id_: str) -> tuple[int, int]:
    """How long a rule waits, and holds on, in seconds."""
    found = next(one for one in builtin_rules().rules if one.id == id_)
    lengths = duration_ns(found.for_), duration_ns(found.keep_firing_for)
    return (lengths[0] or 0) // 10**9, (lengths[1] or 0) // 10**9


def test_every_shipped_rule_has_a_life_here() -> None:
    assert {row[0] for row in LIVES} == {one.id for one in builtin_rules().rules}


@pytest.mark.parametrize(("id_", "series", "bad", "good"), LIVES, ids=NAMES)
def test_a_whole_life(id_: str, series: str, bad: Sample, good: Sample) -> None:
    world, (wait, keep) = World(file=builtin_rules()), of_rule(id_)
    world.samples[series] = good
    assert world.run(QUIET_SECONDS) == []
    world.samples[series] = bad
    if wait:
        assert world.run(wait) == ["pending"]
    assert world.run(1) == ["firing"]
    assert world.run(QUIET_SECONDS) == []
    assert world.standing() == [id_]
    world.samples[series] = good
    assert world.run(keep) == []
    assert world.run(1) == ["resolved"]
    assert world.book.active() == ()
    assert {one.rule for one in world.told} == {id_}


@pytest.mark.parametrize(("id_", "series", "bad", "good"), LIVES, ids=NAMES)
def test_flapping_is_one_alert(id_: str, series: str, bad: Sample, good: Sample) -> None:
    world, (wait, keep) = World(file=builtin_rules()), of_rule(id_)
    world.samples[series] = bad
    world.run(wait + 1)
    for _ in range(20):
        world.samples[series] = good
        world.run(keep - 1)
        world.samples[series] = bad
        world.run(1)
    assert [one.after for one in world.told if one.grave] == ["firing"]


@pytest.mark.parametrize(("id_", "series", "bad", "good"), LIVES, ids=NAMES)
def test_a_short_moment_fires_nothing_where_a_rule_waits(
    id_: str, series: str, bad: Sample, good: Sample
) -> None:
    world, (wait, _) = World(file=builtin_rules()), of_rule(id_)
    for _ in range(5 if wait else 0):
        world.samples[series] = bad
        world.run(wait)
        world.samples[series] = good
        world.run(1)
    assert set(world.phases().values()) <= {"pending"}
    assert not any(one.grave for one in world.told)


def test_three_slow_calls_at_night_fire_nothing() -> None:
    world = World(file=builtin_rules())
    for operation in ("gate.verdict", "audit_system.log_action"):
        world.set(f"{operation}.p99", 9e6, samples=3, baseline=100)
        world.set(f"{operation}.per_s", 0.01, samples=3, baseline=500)
        world.set(f"{operation}.errors", 0.0, samples=3, baseline=0)
    assert world.run(QUIET_SECONDS) == []


def test_an_idle_night_fires_nothing() -> None:
    world = World(file=builtin_rules())
    world.set("gate.verdict.per_s", 0.0, samples=0, baseline=500)
    world.set("gate.verdict.errors", 0.0, samples=0)
    assert world.run(QUIET_SECONDS) == []


def test_a_burst_of_slow_calls_has_passed_before_p99_could_fire() -> None:
    world = World(file=builtin_rules())
    world.set("gate.verdict.p99", 900, samples=100, baseline=100)
    world.run(60)
    world.set("gate.verdict.p99", 100, samples=100, baseline=100)
    world.run(60)
    assert [one.after for one in world.told] == ["pending", "inactive"]


def test_how_long_people_take_is_nobodys_p99() -> None:
    world = World(file=builtin_rules())
    world.set("person.wait.p99", 9e9, samples=10_000, baseline=1)
    world.set("person.wait.errors", 1.0, samples=10_000)
    assert world.run(QUIET_SECONDS) == []


@pytest.mark.parametrize("calls", [4_000, 20_000, 300_000])
def test_two_in_a_thousand_fire_and_one_in_two_thousand_does_not(calls: int) -> None:
    world = World(file=builtin_rules())
    world.set("gate.verdict.errors", 0.0005, samples=calls)
    assert world.run(QUIET_SECONDS) == []
    world.set("gate.verdict.errors", 0.002, samples=calls)
    assert world.run(31) == ["pending", "firing"]
    assert world.standing() == ["errors"]


def test_without_a_baseline_its_rules_sleep() -> None:
    world = World(file=builtin_rules())
    world.set("gate.verdict.p99", 9e6, samples=10_000)
    world.set("gate.verdict.per_s", 0.1, samples=10_000)
    assert world.run(QUIET_SECONDS) == []


def test_a_condition_that_is_no_longer_reported_resolves() -> None:
    world = World(file=builtin_rules())
    world.set("condition.rules-refused", 1, text="alerts.toml:3: above")
    assert world.run(1) == ["firing"]
    assert world.told[-1].text == "alerts.toml:3: above"
    del world.samples["condition.rules-refused"]
    assert world.run(5) == []
    assert world.run(1) == ["resolved"]
    assert world.told[-1].why == ""


def test_a_slowed_node_is_told_of_once() -> None:
    """Slowness lowers throughput too, for as long as five minutes after it is over."""
    world = World(file=builtin_rules())
    slow = {"gate.verdict.p99": (900.0, 100.0), "gate.verdict.per_s": (40.0, 100.0)}
    for series, (value, baseline) in slow.items():
        world.set(series, value, samples=3_000, baseline=baseline)
    world.run(900)
    assert world.phases() == {
        "p99 gate.verdict.p99": "firing",
        "throughput gate.verdict.per_s": "firing",
    }
    assert world.standing() == ["p99"]
    world.set("gate.verdict.p99", 100, samples=3_000, baseline=100)
    for second in range(600):
        recovered = 40 + 60 * min(1, second / 300)
        world.set("gate.verdict.per_s", recovered, samples=3_000, baseline=100)
        world.run(1)
        assert world.standing() in (["p99"], [])
    assert world.phases() == {}


def test_a_frozen_audit_log_is_told_of_once() -> None:
    world = World(file=builtin_rules())
    world.set("audit.frozen", 1)
    world.set("gate.verdict.errors", 1.0, samples=9_000)
    world.set("gate.verdict.p99", 900, samples=9_000, baseline=100)
    world.set("gate.verdict.per_s", 1, samples=9_000, baseline=100)
    world.run(900)
    assert set(world.phases().values()) == {"firing"}
    assert len(world.phases()) == 5
    assert world.standing() == ["audit-frozen"]
    assert {one.inhibited_by for one in world.book.active()} == {"", "audit-frozen (audit.frozen)"}
