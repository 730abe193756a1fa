"""A flow is its mean over the window, everything else is how it stands."""

from components.monitor.gauge_windows import GaugeWindows


def test_flows_are_means_and_states_are_of_now() -> None:
    windows = GaugeWindows()
    for second in range(100):
        windows.push({"resource.cpu": float(second >= 95), "store.free_mb": float(second)})
    found = {name: (value, seconds) for name, value, seconds in windows.over("10s")}
    assert found == {"resource.cpu": (0.5, 10), "store.free_mb": (99.0, 10)}
    assert {name: seconds for name, _, seconds in windows.over("5m")} == {
        "resource.cpu": 100, "store.free_mb": 100,
    }  # fmt: skip


def test_what_is_not_known_any_more_is_gone_and_begins_again() -> None:
    windows = GaugeWindows()
    windows.push({"resource.cpu": 1.0})
    windows.push({})
    assert list(windows.over("1m")) == []
    windows.push({"resource.cpu": 0.25})
    assert list(windows.over("1m")) == [("resource.cpu", 0.25, 1)]
