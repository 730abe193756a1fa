"""What is told: exact counts, base units, names that Prometheus likes, nothing hostile."""

import math
import subprocess
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import exposition as plain
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_plain

from app.metrics import Exposed
from app.metrics.exposition import EDGES, families
from app.metrics.gauges import named
from components.monitor.catalogue import OPERATIONS
from components.monitor.gauges import GAUGES
from components.monitor.sketch import bin_of, lower_edge
from tests.metrics.made import DURATIONS, alert, exposed, total


class Told:
    def __init__(self, figures: Exposed) -> None:
        self._figures = figures

    def collect(self):
        return families(self._figures)


def as_openmetrics(figures: Exposed) -> str:
    return openmetrics.generate_latest(Told(figures)).decode()


def value(figures: Exposed, name: str, /, **labels: str) -> float:
    found = [
        sample.value
        for family in families(figures)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    assert len(found) == 1, (name, labels, found)
    return found[0]


def test_a_bin_of_the_sketch_begins_at_every_edge() -> None:
    assert all(lower_edge(bin_of(edge)) == edge for edge in EDGES)
    assert all(a < b <= 1.5 * a for a, b in pairwise(EDGES))
    assert EDGES[0] / 1e9 == pytest.approx(1e-6, rel=0.03)
    assert EDGES[-1] / 1e9 > 100


@given(st.lists(st.integers(0, 1 << 40), max_size=50))
def test_the_counts_of_the_buckets_are_exact(durations: list[int]) -> None:
    family = next(iter(families(exposed(totals={"gate.verdict": total(durations)}))))
    samples = {
        sample.labels.get("le", sample.name): sample.value
        for sample in family.samples
        if sample.labels["component"] == "gate" and sample.labels["operation"] == "verdict"
    }
    for edge in EDGES:
        assert samples[repr(edge / 1e9)] == sum(1 for ns in durations if ns < edge)
    assert samples["+Inf"] == samples["assent_operation_seconds_count"] == len(durations)
    assert samples["assent_operation_seconds_sum"] == pytest.approx(sum(durations) / 1e9)


def test_what_did_not_work_is_counted_beside() -> None:
    figures = exposed()
    where = {"component": "gate", "operation": "verdict"}
    assert value(figures, "assent_operation_failures_total", **where) == 3
    assert value(figures, "assent_operation_timeouts_total", **where) == 1
    assert value(figures, "assent_operation_seconds_count", **where) == len(DURATIONS)


def test_what_never_ran_stands_at_zero() -> None:
    figures = exposed(totals={})
    for operation in OPERATIONS:
        component, _, name = operation.name.partition(".")
        where = {"component": component, "operation": name}
        assert value(figures, "assent_operation_seconds_count", **where) == 0
        assert value(figures, "assent_operation_failures_total", **where) == 0


def test_units_are_base_units() -> None:
    gauges = {"process.rss_mb": 2.0, "resource.cpu": 0.25, "process.read_mb_s": 0.5,
              "gate.silent_s": 3.0, "store.mb": 1.0, "hitl.waiting": 4.0}  # fmt: skip
    figures = exposed(gauges=gauges)
    assert value(figures, "assent_process_rss_bytes") == 2 * 2**20
    assert value(figures, "assent_resource_cpu_ratio") == 0.25
    assert value(figures, "assent_process_read_bytes_per_second") == 2**19
    assert value(figures, "assent_gate_silent_seconds") == 3
    assert value(figures, "assent_store_bytes") == 2**20
    assert value(figures, "assent_hitl_waiting") == 4
    assert value(figures, "assent_start_time_seconds") == 1_700_000_000.5
    assert value(figures, "assent_audit_entries_total") == 7
    where = {"component": "gate", "operation": "verdict"}
    assert value(figures, "assent_baseline_seconds", **where, percentile="99") == 0.002
    assert value(figures, "assent_baseline_calls_per_second", **where) == 12.5


def test_every_gauge_has_a_name_of_its_own() -> None:
    names = {named(gauge.name).family for gauge in GAUGES}
    assert len(names) == len(GAUGES)
    assert {named(gauge.name).family.endswith("_ratio") for gauge in GAUGES if gauge.share} == {
        True
    }


def test_many_of_a_kind_are_one_family_with_a_label() -> None:
    figures = exposed(gauges={"condition.rules-refused": 1.0, "condition.learning": 1.0,
                              "memory.hitl": 9.0})  # fmt: skip
    assert value(figures, "assent_condition", name="rules-refused") == 1
    assert value(figures, "assent_condition", name="learning") == 1
    assert value(figures, "assent_memory_bytes", component="hitl") == 9


def test_two_gauges_of_one_name_are_told_once() -> None:
    figures = exposed(gauges={"a.b": 1.0, "a_b": 2.0, "a-b": 3.0})
    assert math.isfinite(value(figures, "assent_a_b"))


def test_alerts_are_told_by_rule_series_and_state_but_not_in_words() -> None:
    figures = exposed(
        alerts=(alert(), alert(series="x.p99", phase="pending"), alert(phase="inactive"))
    )
    assert value(figures, "assent_alert_state", series="gate.verdict.p99", state="firing") == 1
    assert value(figures, "assent_alert_state", series="x.p99", state="pending") == 1
    assert value(figures, "assent_alerts_firing", severity="high") == 1
    assert value(figures, "assent_alerts_firing", severity="critical") == 0
    assert "never told" not in as_openmetrics(figures)


def test_both_formats_can_be_read_back() -> None:
    figures = exposed()
    told = plain.generate_latest(Told(figures)).decode()
    names = {family.name for family in read_openmetrics(as_openmetrics(figures))}
    assert names == {family.name for family in families(figures)}
    assert len(list(read_plain(told))) == len(names)
    assert as_openmetrics(figures).endswith("# EOF\n")


@settings(max_examples=10, deadline=None)
@given(st.text(max_size=20))
def test_hostile_names_stay_within_their_quotes(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    hostile = text + '"} 1\n# EOF\nassent_forged 1\\'
    figures = exposed(node=hostile, alerts=(alert(rule=hostile),), totals={}, gauges={hostile: 1.0})
    read = list(read_openmetrics(as_openmetrics(figures)))
    assert [family.name for family in read] == [family.name for family in families(figures)]
    build = next(family for family in read if family.name == "assent_build")
    assert build.samples[0].labels["node"] == hostile


def test_promtool_finds_no_fault(promtool: str) -> None:
    told = plain.generate_latest(Told(exposed()))
    checked = subprocess.run([promtool, "check", "metrics"], input=told, capture_output=True)
    assert not checked.stderr, checked.stderr.decode()
    assert checked.returncode == 0
