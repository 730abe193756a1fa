"""Counting as it comes is the same as counting all at once, wherever it was interrupted."""

import random
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.actions import Experience
from components.evolution_core import Metrics
from components.evolution_core.durations import Durations
from components.evolution_core.ledger import Ledger
from components.evolution_core.tally import Stats
from components.wilson import wilson
from tests.evolution_core.making import experience, experiences, ran, rejected

Many = st.lists(experiences(), max_size=150)


def counted(logged: list[Experience]) -> Metrics:
    metrics = Metrics()
    for row_id, one in enumerate(logged, 1):
        metrics.add(row_id, one)
    return metrics


@given(Many, st.sets(st.integers(0, 150), max_size=6), st.sets(st.integers(0, 150), max_size=6))
def test_saving_and_asking_in_between_change_nothing(
    logged: list[Experience], saves: set[int], questions: set[int]
) -> None:
    metrics = Metrics()
    for row_id, one in enumerate(logged, 1):
        metrics.add(row_id, one)
        if row_id in questions:
            metrics.totals(), metrics.shapes(), metrics.tools()
        if row_id in saves:
            metrics = Metrics(metrics.to_bytes())
    assert metrics.to_bytes() == counted(logged).to_bytes()
    assert metrics.up_to == len(logged)


@given(Many)
def test_counts_are_those_of_the_rows(logged: list[Experience]) -> None:
    metrics = counted(logged)
    check(metrics.totals(), logged)
    for found, field in (
        (metrics.tools(), "tool"),
        (metrics.agents(), "agent"),
        (metrics.shapes(), "shape"),
    ):
        assert {stats.key for stats in found} == {getattr(one, field) for one in logged}
        for stats in found:
            check(stats, [one for one in logged if getattr(one, field) == stats.key])


def check(stats: Stats, rows: list[Experience]) -> None:
    def count(**fields: str) -> int:
        return sum(all(getattr(r, k) == v for k, v in fields.items()) for r in rows)

    timed = sorted(one.duration_us for one in rows if one.status == "ok" and one.duration_us)
    people = [one for one in rows if one.decided_by == "operator"]
    assert stats.seen == len(rows)
    assert (stats.ok, stats.failed) == (count(status="ok"), count(status="failed"))
    assert stats.skipped == count(status="skipped")
    assert (stats.denied, stats.expired) == (count(verdict="deny"), count(verdict="expired"))
    assert stats.interventions == len(people) + count(decided_by="timeout")
    assert stats.approved == sum(one.verdict == "allow" for one in people)
    assert stats.rejected == sum(one.verdict == "deny" for one in people)
    assert stats.unsafe == sum(one.safety < 0.5 for one in rows)
    assert stats.unethical == sum(one.ethics < 0.6 for one in rows)
    assert stats.timed == len(timed)
    assert stats.mean_us == (sum(timed) / len(timed) if timed else None)
    if timed and len(timed) < 64:
        assert stats.p50_us == timed[ceil(0.5 * len(timed)) - 1]
        assert stats.p99_us == timed[ceil(0.99 * len(timed)) - 1]


@pytest.mark.parametrize("kind", ["lognormal", "bimodal", "heavy tail"])
def test_percentiles_are_within_a_percent(kind: str) -> None:
    dice = random.Random(3)
    draw = {
        "lognormal": lambda: dice.lognormvariate(10, 1),
        "bimodal": lambda: dice.gauss(1e5, 5e3) if dice.random() < 0.9 else dice.gauss(5e6, 2e5),
        "heavy tail": lambda: 1e4 * dice.paretovariate(2),
    }[kind]
    durations, values = Durations(800), [max(1, round(draw())) for _ in range(10_000)]
    for value in values:
        durations.add(value)
    values.sort()
    for share, found in zip((0.5, 0.95, 0.99), durations.quantiles(0.5, 0.95, 0.99), strict=True):
        assert found == pytest.approx(values[ceil(share * len(values)) - 1], rel=0.01)


def test_a_flood_of_new_shapes_keeps_what_people_decided() -> None:
    ledger = Ledger(limit=64, centroids=50)
    for number in range(2):
        ledger.add("risky", rejected(number))
    for number in range(5000):
        ledger.add(f"odd{number}", experience(number))
    risky = ledger.stats("risky")
    assert risky is not None
    assert risky.rejected == 2
    assert len(ledger.keys()) == 64
    assert ledger.evicted == 5001 - 64


def test_old_weight_goes_in_the_end_and_every_eviction_is_counted() -> None:
    ledger = Ledger(limit=32, centroids=50)
    for number in range(100):
        ledger.add(f"risky{number}", rejected(number))
    assert ledger.stats("risky0") is None
    assert ledger.stats("risky99") is not None
    assert ledger.evicted == 68


def test_reasons_and_agents_of_rejections_are_the_newest_five() -> None:
    metrics = Metrics()
    for number in range(8):
        metrics.add(number + 1, rejected(number, agent=f"a{number}", reason=f"why {number % 6}"))
    metrics.add(9, ran(9, agent="other", reason="kept out"))
    totals = metrics.totals()
    assert totals.agents == ("a3", "a4", "a5", "a6", "a7")
    assert totals.reasons == ("why 3", "why 4", "why 5", "why 0", "why 1")


def test_evicted_tools_agents_and_shapes_survive_a_restart() -> None:
    metrics = counted([experience(number, tool=f"t{number}") for number in range(300)])
    assert metrics.evicted() == (300 - 256, 0, 0)
    assert Metrics(metrics.to_bytes()).evicted() == metrics.evicted()
    assert metrics.totals().seen == 300


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [(0, 0, 0.0, 1.0), (3, 3, 0.43850, 1.0), (0, 3, 0.0, 0.56150), (8, 10, 0.49016, 0.94332)],
)
def test_wilson_interval(count: int, n: int, low: float, high: float) -> None:
    assert wilson(count, n) == pytest.approx((low, high), abs=1e-5)
