"""What a rule finds in one sample, and the words it has for it."""

from math import inf, nan

import pytest

from components.monitor.alerting import Sample
from components.monitor.alerting.rules import component_of, duration_ns, operation_of, read
from components.monitor.alerting.words import LONGEST, shown, tell, text_problem
from tests.monitor.alerting.world import rule

RATIO = rule(compare="baseline", above=2.0)
SLOW = rule(compare="baseline", above=None, below=0.8)


@pytest.mark.parametrize(
    ("one", "sample", "found"),
    [
        (rule(), Sample(1), "holds"),
        (rule(), Sample(0), "clear"),
        (rule(), Sample(inf), "holds"),
        (rule(), Sample(nan), "no data"),
        (rule(), None, "no data"),
        (rule(absent="clear"), None, "clear"),
        (rule(above=None, below=0.0), Sample(-1), "holds"),
        (rule(above=None, below=0.0), Sample(0), "clear"),
        (rule(min_samples=30), Sample(9, samples=29), "too few samples"),
        (rule(min_samples=30), Sample(9, samples=30), "holds"),
        (RATIO, Sample(201, baseline=100), "holds"),
        (RATIO, Sample(200, baseline=100), "clear"),
        (RATIO, Sample(201), "no baseline"),
        (RATIO, Sample(201, baseline=0), "no baseline"),
        (SLOW, Sample(79, baseline=100), "holds"),
        (SLOW, Sample(80, baseline=100), "clear"),
        (rule(above=0.001, certain=True), Sample(0.002, samples=500), "clear"),
        (rule(above=0.001, certain=True), Sample(0.002, samples=10_000), "holds"),
        (rule(above=0.001, certain=True), Sample(0.0005, samples=10_000), "clear"),
        (rule(above=0.001, certain=True), Sample(inf, samples=10_000), "clear"),
    ],
)
def test_what_a_rule_finds(one, sample, found) -> None:
    assert read(one, sample) == found


@pytest.mark.parametrize(
    ("text", "ns"),
    [("30s", 30 * 10**9), ("2m", 120 * 10**9), ("1h", 3600 * 10**9), ("500ms", 5 * 10**8),
     ("1d", 86400 * 10**9), ("", None), ("5", None), ("-5s", None), ("1.5s", None), ("٣s", None)],
)  # fmt: skip
def test_durations(text: str, ns: int | None) -> None:
    assert duration_ns(text) == ns


def test_the_parts_of_a_series() -> None:
    assert operation_of("gate.verdict.p99") == "gate.verdict"
    assert operation_of("resource.cpu") == "resource.cpu"
    assert operation_of("odd.errors") == "odd.errors"
    assert component_of("gate.verdict.p99") == "gate"


@pytest.mark.parametrize(
    ("series", "value", "text"),
    [
        ("a.b.p99", 12.34, "12.3 µs"),
        ("a.b.p99", 12_345, "12.3 ms"),
        ("a.b.p50", 2_500_000, "2.5 s"),
        ("a.b.errors", 0.002, "0.2%"),
        ("a.b.per_s", 4_321.5, "4,322/s"),
        ("a.b.calls", 3, "3"),
        ("resource.cpu", 0.83, "83%"),
        ("my.queue_s", 1.5, "1.5 s"),
        ("my.own", 1.5, "1.5"),
        ("my.own", inf, "inf"),
    ],
)
def test_values_have_the_unit_of_their_series(series: str, value: float, text: str) -> None:
    assert shown(series, value) == text


def test_a_text_is_filled_in() -> None:
    words = "{operation}|{series}|{value}|{baseline}|{ratio}|{limit}"
    one = rule(compare="baseline", above=2.0, text=words)
    sample = Sample(30_000, baseline=10_000)
    assert tell(one, "a.b.p99", sample) == "a.b|a.b.p99|30 ms|10 ms|3×|2×"
    assert tell(one, "a.b.p99", Sample(30_000)) == "a.b|a.b.p99|30 ms|no baseline|–|2×"
    assert tell(rule(text="{limit}", above=0.001), "a.b.errors", Sample(1)) == "0.1%"


def test_a_text_of_the_sample_is_shown_instead_and_never_filled_in() -> None:
    assert tell(rule(), "condition.x", Sample(1, text="{value.__class__}")) == "{value.__class__}"
    assert len(tell(rule(), "condition.x", Sample(1, text="x" * 9999))) == LONGEST


@pytest.mark.parametrize(
    "text", ["{nothing}", "{value.real}", "{value[0]}", "{}", "{0}", "{value!r}", "{value:9}", "{",
             "{value", "}"],
)  # fmt: skip
def test_texts_that_are_refused(text: str) -> None:
    assert text_problem(text)


@pytest.mark.parametrize("text", ["plain", "{{braces}}", "{value} of {limit}"])
def test_texts_that_are_taken(text: str) -> None:
    assert text_problem(text) == ""
