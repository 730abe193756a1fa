"""Times on the command line: spans back from now, dates, and what is neither."""

import argparse

import pytest

from app.cli.timespan import BadMoment, moment, moment_argument

SECOND = 1_000_000
DAY = 86_400 * SECOND
NOW = 20_000 * DAY


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("2h", 7200), ("3d", 259_200), ("1w", 604_800), ("0s", 0)],
)
def test_a_span_counts_back_from_now(text: str, seconds: int) -> None:
    assert moment(text, NOW) == NOW - seconds * SECOND


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("1970-01-02", DAY),
        ("1970-01-02T00:00", DAY),
        ("1970-01-02 00:00:01.5", DAY + 1_500_000),
        ("1970-01-02T00:00Z", DAY),
        ("1970-01-02T02:00+02:00", DAY),
    ],
)
def test_dates_are_in_utc_unless_they_say_otherwise(
    text: str, micros: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert moment(text, NOW) == micros


def test_longer_than_all_time_is_its_beginning() -> None:
    assert moment("999999w", NOW) == 0


@pytest.mark.parametrize(
    "text",
    ["", "now", "yesterday", "2", "h", "-2h", "2 h", "2H", "1.5h", "9999999s", "2h\n", "٣h",
     "2026-13-01", "2026-01-01T25:00", "10000-01-01"],
)  # fmt: skip
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(BadMoment, match="a date such as"):
        moment(text, NOW)
    with pytest.raises(argparse.ArgumentTypeError, match="a date such as"):
        moment_argument(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00+23:59", "9999-12-31T23:59-23:59"])
def test_the_ends_of_the_calendar_are_times(text: str) -> None:
    assert isinstance(moment(text, NOW), int)
