"""A restart in mid-alert: what goes on, what is forgotten, and what cannot be read."""

import logging

import pytest

from components.clock import ManualClock
from components.monitor.alerting import AlertBook, RuleFile, alert_id
from tests.monitor.alerting.world import World, rule

MINUTE = 60_000_000
RULE = rule(for_="60s", keep_firing_for="60s")


def restarted(world: World, down_s: float, *rules) -> World:
    """The same world in a new process, after so many seconds."""
    rows = world.book.dump()
    new = World(*(rules or (RULE,)))
    new.clock = ManualClock(world.clock.now() + round(down_s * 1e6))
    new.clock.advance(0.5)
    new.book = AlertBook(new.clock, RuleFile(rules or (RULE,)))
    new.told += new.book.restore(rows, new.clock.now())
    return new


def pending_for(seconds: int) -> World:
    world = World(RULE)
    world.set("a", 1)
    world.run(seconds)
    return world


def test_a_firing_alert_goes_on() -> None:
    world = pending_for(62)
    world.book.acknowledge(alert_id("r", "a"), "ann", "seen")
    (before,) = world.book.active()
    new = restarted(world, 30)
    assert new.book.active() == (before,)
    new.set("a", 1)
    assert new.run(100) == []
    assert new.book.active()[0].since == before.since
    new.set("a", 0)
    assert new.run(61) == ["resolved"]
    assert new.told[-1].since == before.since


def test_a_pending_alert_goes_on_and_what_passed_counts() -> None:
    world = pending_for(30)
    new = restarted(world, 9)
    assert new.book.active() == world.book.active()
    new.set("a", 1)
    assert new.run(20) == []
    assert new.run(2) == ["firing"]


def test_figures_are_gathered_anew_before_their_absence_says_anything() -> None:
    new = restarted(pending_for(30), 0)
    assert new.run(20) == []
    new.set("a", 1)
    assert new.run(20) == ["firing"]
    new = restarted(pending_for(30), 0)
    assert new.run(61) == ["inactive"]


def test_a_clock_set_back_while_down_makes_nothing_fire_early() -> None:
    new = restarted(pending_for(30), -86_400)
    new.set("a", 1)
    assert new.run(60) == []
    assert new.run(1) == ["firing"]


def test_after_a_long_time_a_pending_alert_is_forgotten_and_a_firing_one_is_not() -> None:
    new = restarted(pending_for(30), 3_600)
    assert [(one.before, one.after) for one in new.told] == [("pending", "inactive")]
    new = restarted(pending_for(62), 30 * 86_400)
    assert new.phases() == {"r a": "firing"}
    new.run(60)
    assert new.run(61) == ["resolved"]
    assert new.told[-1].why == "no data"


def test_alerts_of_rules_that_are_gone_end() -> None:
    new = restarted(pending_for(62), 1, rule("other"))
    assert [(one.rule, one.series, one.after, one.why) for one in new.told] == [
        ("r", "a", "resolved", "rule removed")
    ]
    assert new.told[0].id == alert_id("r", "a")


@pytest.mark.parametrize(("down_s", "left_s"), [(20, 40), (-86_400, 60), (61, 0)])
def test_a_silence_goes_on(down_s: float, left_s: int) -> None:
    world = pending_for(62)
    world.book.silence("r", world.clock.now() + MINUTE, "ann", "known")
    new = restarted(world, down_s)
    new.set("a", 1)
    if left_s:
        new.run(left_s - 1)
        assert new.standing() == []
    new.run(2)
    assert new.standing() == ["r"]
    assert [one.kind for one in new.told] == ["silence over"]


def test_inhibition_is_known_at_once() -> None:
    rules = (rule("cause", inhibits=("other",)), rule("other"))
    world = World(*rules)
    world.set("a", 1)
    world.run(1)
    new = restarted(world, 1, *rules)
    assert new.standing() == ["cause"]


def test_a_row_that_cannot_be_read_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    world = pending_for(62)
    rows = {"bad": b"\xff", "empty": b"", "other": b"\x80"} | world.book.dump()
    book = AlertBook(world.clock, RuleFile((RULE,)))
    with caplog.at_level(logging.WARNING):
        assert book.restore(rows, world.clock.now()) == ()
    assert [one.phase for one in book.active()] == ["firing"]
    assert len(caplog.records) == 3


def test_the_bytes_do_not_change_while_nothing_does() -> None:
    world = pending_for(62)
    rows = world.book.dump()
    world.run(10)
    assert world.book.dump() == rows
    assert set(rows) == {alert_id("r", "a")}
