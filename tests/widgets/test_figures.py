"""Figures as people read them."""

import pytest

from widgets import figures

S = 1_000_000


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"), (0.0, "0.00 µs"), (9.994, "9.99 µs"), (9.996, "10.0 µs"), (99.96, "100 µs"),
        (999.4, "999 µs"), (999.6, "1.00 ms"), (4_920.0, "4.92 ms"), (999_600.0, "1.00 s"),
        (45e6, "45.0 s"), (600e6, "10 min"),
    ],
)  # fmt: skip
def test_duration(value: float | None, shown: str) -> None:
    assert figures.duration(value) == shown
    assert len(shown) <= 8


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0 s"), (99, "99 s"), (100, "2 min"), (12_000, "3 h 20"),
     (200_000, "2 d 7 h")],
)  # fmt: skip
def test_span(seconds: float, shown: str) -> None:
    assert figures.span(seconds) == shown


@pytest.mark.parametrize(
    ("left", "shown"),
    [(-5, "now"), (0, "now"), (0.2, "0:01"), (44.1, "0:45"), (60, "1:00"), (3_600, "1:00:00"),
     (360_000, "4 d")],
)  # fmt: skip
def test_countdown_rounds_up_and_ends_at_now(left: float, shown: str) -> None:
    assert figures.countdown(1000 * S + int(left * S), 1000 * S) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (0.44, "0.4"), (9.96, "10"), (312.4, "312"), (12_400, "12.4k"), (2e6, "2.0M")],
)
def test_rate(value: float, shown: str) -> None:
    assert figures.rate(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (0, "0"), (0.0001, "<0.1%"), (0.0021, "0.2%"), (0.12, "12%"), (1, "100%")],
)
def test_share_never_rounds_a_failure_away(value: float | None, shown: str) -> None:
    assert figures.share(value) == shown


def test_bar_is_bounded() -> None:
    assert figures.bar(-1, 4) == "▱▱▱▱"
    assert figures.bar(0.5, 4) == "▰▰▱▱"
    assert figures.bar(7, 4) == "▰▰▰▰"


def test_sparkline_shows_peaks_gaps_and_its_width() -> None:
    assert figures.sparkline((), 4) == "····"
    assert figures.sparkline((0, 1, 2, 4), 4) == "·▂▄█"
    assert figures.sparkline((1,), 3) == "  █"
    many = (1.0,) * 59 + (9.0,)
    assert len(figures.sparkline(many, 20)) == 20
    assert figures.sparkline(many, 20)[-1] == "█"


def test_times_are_utc_and_never_fail() -> None:
    assert figures.clock(1_772_366_400 * S) == "12:00:00"
    assert figures.moment(1_772_366_400 * S) == "2026-03-01 12:00:00"
    assert figures.moment(-5) == "1970-01-01 00:00:00"
    assert figures.moment(10**30).startswith("9999")
