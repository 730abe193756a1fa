"""The book: gaps, clocks, inhibition, what operators say, other rules, and bounds."""

from graphlib import CycleError
from time import perf_counter_ns

import pytest

from components.monitor.alerting import (
    AlertError,
    RuleFile,
    Sample,
    alert_id,
    builtin_rules,
    watching,
)
from tests.monitor.alerting.world import World, rule

MINUTE = 60_000_000


def firing(*rules, series: str = "a") -> World:
    """A world in which every rule fires on one series."""
    world = World(*(rules or (rule(),)))
    world.set(series, 1)
    world.run(1)
    return world


# -- gaps and clocks ---------------------------------------------------------------------------


def test_a_gap_in_data_holds_and_then_resolves_as_no_data() -> None:
    world = firing(rule(keep_firing_for="30s"))
    world.samples.clear()
    assert world.run(30) == []
    assert world.run(1) == ["resolved"]
    assert world.told[-1].why == "no data"


def test_a_short_gap_changes_nothing() -> None:
    world = firing()
    for _ in range(10):
        world.samples.clear()
        assert world.run(9) == []
        world.set("a", 1)
        assert world.run(1) == []


def test_a_gap_while_pending_begins_anew() -> None:
    world = World(rule(for_="10s"))
    world.set("a", 1)
    assert world.run(9) == ["pending"]
    world.samples.clear()
    assert world.run(1) == ["inactive"]
    world.set("a", 1)
    assert world.run(10) == ["pending"]
    assert world.run(1) == ["firing"]


@pytest.mark.parametrize("shift", [-86_400_000_000, 86_400_000_000])
def test_the_wall_clock_has_no_part_in_durations(shift: int) -> None:
    world = World(rule(for_="60s", keep_firing_for="60s"))
    world.set("a", 1)
    assert world.run(30) == ["pending"]
    world.clock.set_wall(world.clock.now() + shift)
    assert world.run(30) == []
    assert world.run(1) == ["firing"]
    world.book.silence("r", world.clock.now() + 10 * MINUTE, "ann")
    world.clock.set_wall(world.clock.now() - shift)
    world.run(500)
    assert world.standing() == []
    world.run(200)
    assert world.standing() == ["r"]
    world.set("a", 0)
    assert world.run(60) == []
    world.clock.set_wall(world.clock.now() + shift)
    assert world.run(1) == ["resolved"]


def test_windows_are_looked_at_one_by_one() -> None:
    world = World(rule("short", window="10s"), rule("long", window="1h"))
    world.windows = {"10s": {"a": Sample(1)}, "1h": {"a": Sample(0)}}
    world.look()
    assert world.phases() == {"short a": "firing"}


def test_a_text_tells_of_what_held_and_a_value_of_now() -> None:
    world = firing(rule(text="{value} is too much", keep_firing_for="10s"))
    world.set("a", 7)
    world.run(1)
    world.set("a", 0)
    world.run(1)
    (state,) = world.book.active()
    assert (state.text, state.value) == ("7 is too much", "0")


def test_order_is_by_severity_then_age() -> None:
    world = World(
        rule("low", severity="low"), rule("top", series="b", severity="critical"), rule("high")
    )
    world.set("a", 1)
    world.run(1)
    world.set("b", 1)
    world.run(1)
    found = [(one.rule, one.series) for one in world.book.active()]
    assert found == [
        ("top", "b"), ("high", "a"), ("high", "b"), ("low", "a"), ("low", "b"),
    ]  # fmt: skip


# -- inhibition --------------------------------------------------------------------------------


def test_the_first_cause_is_named_along_a_chain() -> None:
    world = firing(rule("c"), rule("b", inhibits=("c",)), rule("a", inhibits=("b",)))
    named = {one.rule: one.inhibited_by for one in world.book.active()}
    assert named == {"a": "", "b": "a (a)", "c": "a (a)"}
    assert world.standing() == ["a"]


def test_what_was_inhibited_stands_once_its_cause_is_gone() -> None:
    world = firing(rule("cause", series="a", inhibits=("*",)), rule("other"))
    assert world.told[-1].inhibited_by == "cause (a)"
    world.set("b", 1)
    world.set("a", 0)
    world.run(1)
    assert world.standing() == ["other"]
    assert world.book.active()[0].series == "b"


def test_a_pending_cause_explains_nothing() -> None:
    world = firing(rule("cause", for_="10s", inhibits=("other",)), rule("other"))
    assert world.standing() == ["other"]
    world.run(10)
    assert world.standing() == ["cause"]


@pytest.mark.parametrize(
    ("scope", "left"),
    [
        ("all", ["x.y.p99"]),
        ("component", ["x.y.p99", "z.y.errors"]),
        ("series", ["x.other.errors", "x.y.p99", "z.y.errors"]),
    ],
)
def test_how_far_inhibition_reaches(scope: str, left: list[str]) -> None:
    cause = rule("cause", series="*.p99", inhibits=("e",), inhibits_scope=scope)
    world = World(cause, rule("e", series="*.errors"))
    for series in ("x.y.p99", "x.y.errors", "x.other.errors", "z.y.errors"):
        world.set(series, 1)
    world.run(1)
    assert sorted(one.series for one in world.book.standing()) == left


def test_a_silenced_cause_still_explains() -> None:
    world = firing(rule("cause", inhibits=("other",)), rule("other"))
    world.book.silence("cause", world.clock.now() + MINUTE, "ann")
    assert world.standing() == []


def test_a_circle_is_no_book() -> None:
    with pytest.raises(CycleError):
        World(rule("a", inhibits=("*",)), rule("b", inhibits=("*",)))


# -- what operators say ------------------------------------------------------------------------


def test_acknowledging_is_apart_from_silencing() -> None:
    world = firing()
    id_ = alert_id("r", "a")
    told = world.book.acknowledge(id_, "ann", "looking")
    assert (told.kind, told.before, told.after) == ("acknowledged", "firing", "firing")
    assert (told.operator, told.why) == ("ann", "looking")
    (state,) = world.book.active()
    assert (state.acknowledged_by, state.why, state.silenced_until) == ("ann", "looking", 0)
    assert world.standing() == ["r"]
    until = world.clock.now() + MINUTE
    told = world.book.silence(id_, until, "bob", "known")
    assert (told.kind, told.series, told.operator, told.why) == ("silenced", "a", "bob", "known")
    (state,) = world.book.active()
    assert (state.acknowledged_by, state.silenced_until) == ("ann", until)
    assert world.standing() == []


def test_an_acknowledgement_ends_with_its_alert() -> None:
    world = firing()
    world.book.acknowledge(alert_id("r", "a"), "ann")
    world.set("a", 0)
    world.run(1)
    assert world.book.recent()[0].acknowledged_by == "ann"
    with pytest.raises(AlertError):
        world.book.acknowledge(alert_id("r", "a"), "ann")
    world.set("a", 1)
    world.run(1)
    assert world.book.active()[0].acknowledged_by == ""


def test_a_silence_outlasts_its_alert_and_ends_by_itself() -> None:
    world = firing()
    id_ = alert_id("r", "a")
    world.book.silence(id_, world.clock.now() + MINUTE, "ann")
    for value in (0, 1):
        world.set("a", value)
        world.run(10)
    assert world.standing() == []
    world.run(39)
    assert world.standing() == []
    world.told.clear()
    world.run(2)
    assert [(one.kind, one.id, one.after) for one in world.told] == [
        ("silence over", id_, "firing")
    ]
    assert world.standing() == ["r"]


def test_a_silence_over_rules_covers_what_comes_later() -> None:
    world = firing(rule("net.one"), rule("disk"))
    told = world.book.silence("net.*", world.clock.now() + MINUTE, "ann", "moving house")
    assert (told.rule, told.series, told.after) == ("net.*", "", "inactive")
    world.set("b", 1)
    world.run(1)
    assert world.standing() == ["disk", "disk"]
    assert world.book.unsilence("net.*", "bob").kind == "unsilenced"
    assert len(world.standing()) == 4


def test_silences_that_cannot_be() -> None:
    world = firing()
    now = world.clock.now()
    for target, until in (("nobody", now + 1), ("r", now), ("r", now + 31 * 24 * 60 * MINUTE)):
        with pytest.raises(AlertError):
            world.book.silence(target, until, "ann")
    with pytest.raises(AlertError):
        world.book.unsilence("r", "ann")


def test_a_resolved_alert_can_be_silenced_while_it_is_remembered() -> None:
    world = firing()
    world.set("a", 0)
    world.run(1)
    world.book.silence(alert_id("r", "a"), world.clock.now() + MINUTE, "ann")
    world.set("a", 1)
    world.run(1)
    assert world.standing() == []


def test_what_operators_write_is_bounded() -> None:
    world = firing()
    told = world.book.acknowledge(alert_id("r", "a"), "a" * 9999, "w" * 9999)
    assert (len(told.operator), len(told.why)) == (500, 500)


# -- other rules -------------------------------------------------------------------------------


def test_exchanged_rules_keep_the_alerts_that_are_still_theirs() -> None:
    world = firing(rule("stays"), rule("goes"), rule("waits", for_="10s"))
    world.book.acknowledge(alert_id("stays", "a"), "ann")
    since = {one.rule: one.since for one in world.book.active()}
    new = (rule("stays", severity="low"), rule("waits", for_="5s"), rule("new"))
    told = world.book.exchange(RuleFile(new))
    assert [(one.rule, one.after, one.why) for one in told] == [
        ("goes", "resolved", "rule removed")
    ]
    world.run(5)
    found = {one.rule: one for one in world.book.active()}
    assert {name: one.phase for name, one in found.items()} == dict.fromkeys(
        ("stays", "waits", "new"), "firing"
    )
    assert (found["stays"].since, found["stays"].severity) == (since["stays"], "low")
    assert found["stays"].acknowledged_by == "ann"


def test_a_rule_switched_off_ends_its_alerts() -> None:
    world = firing(rule("a"), rule("b", for_="10s"))
    off = RuleFile((rule("a", enabled=False), rule("b", enabled=False)))
    told = world.book.exchange(off)
    assert [(one.rule, one.before, one.after) for one in told] == [
        ("a", "firing", "resolved"), ("b", "pending", "inactive"),
    ]  # fmt: skip
    assert world.run(5) == []


def test_a_series_that_a_changed_rule_no_longer_means_fades() -> None:
    world = firing(rule(keep_firing_for="20s"))
    world.book.exchange(RuleFile((rule(series="b", keep_firing_for="20s"),)))
    assert world.run(20) == []
    assert world.run(1) == ["resolved"]


# -- bounds ------------------------------------------------------------------------------------


def test_thousands_of_series_are_cut_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "SERIES_IN_ALL", 700)
    world = World(rule("one"), rule("two"), rule("three", series="none.*"))
    for number in range(2_000):
        world.set(f"s.{number:05}", 1)
    world.look()
    assert world.book.cut() == {"one": 1_500, "two": 1_800}
    assert len(world.book.active()) == 700


def test_live_alerts_are_not_cut_by_new_series() -> None:
    world = firing(series="z.last")
    for number in range(2_000):
        world.set(f"s.{number:05}", 0)
    world.run(60)
    assert world.phases() == {"r z.last": "firing"}
    assert world.book.cut() == {"r": 1_501}


def test_a_look_at_everything_is_cheap() -> None:
    world = World(file=builtin_rules())
    figures = ("p50", "p95", "p99", "p999", "mean", "per_s", "errors", "calls", "total")
    for operation in range(40):
        for figure in figures:
            world.set(f"gate.op{operation}.{figure}", 1e-6, samples=1_000, baseline=1e-6)
    world.look()
    spent = []
    for _ in range(50):
        started = perf_counter_ns()
        world.look()
        spent.append(perf_counter_ns() - started)
    assert sorted(spent)[25] < 2_000_000
