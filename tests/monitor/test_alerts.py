"""Alerts: each change is told once, and the time is that of the first raise."""

from components.clock import ManualClock
from components.monitor import Alert, Alerts


def test_an_alert_from_raise_to_clear() -> None:
    clock, changes = ManualClock(now=100), []
    alerts = Alerts(clock, lambda alert, raised: changes.append((alert, raised)))
    alerts.raise_("wal", "64 MiB")
    clock.advance(1)
    alerts.raise_("wal", "65 MiB")
    assert alerts.active() == (Alert("wal", "65 MiB", 100),)
    assert changes == [(Alert("wal", "64 MiB", 100), True)]
    alerts.clear("wal")
    alerts.clear("wal")
    assert alerts.active() == ()
    assert changes[1:] == [(Alert("wal", "65 MiB", 100), False)]


def test_an_alert_raised_again_starts_anew() -> None:
    clock = ManualClock(now=100)
    alerts = Alerts(clock)
    alerts.raise_("frozen", "disk")
    alerts.clear("frozen")
    clock.advance(1)
    alerts.raise_("frozen", "disk")
    assert alerts.active() == (Alert("frozen", "disk", 1_000_100),)


def test_alerts_stand_in_the_order_of_raising() -> None:
    alerts = Alerts(ManualClock())
    for name in ("b", "a", "c"):
        alerts.raise_(name, name)
    alerts.raise_("b", "again")
    assert [alert.name for alert in alerts.active()] == ["b", "a", "c"]


def test_a_callback_sees_the_state_after_the_change() -> None:
    seen: list[int] = []
    alerts = Alerts(ManualClock(), lambda *_: seen.append(len(alerts.active())))
    alerts.raise_("a", "")
    alerts.clear("a")
    assert seen == [1, 0]
