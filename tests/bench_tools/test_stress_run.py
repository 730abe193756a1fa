import signal
import time

import pytest

from bench.report import read
from bench.stress import limits
from bench.stress.__main__ import main, sections
from bench.stress.options import FULL, QUICK, SHORT
from bench.stress.running import Findings, Section, Work
from bench.targets import targets
from tests.bench_tools.commands import command
from tests.support import until


def start(tmp_path, *words):
    return command("stress", tmp_path, *words)


@pytest.mark.parametrize(
    "part", ["throughput.pipeline", "throughput.hitl", "concurrent.hitl", "memory.hitl", "burst"]
)
def test_a_part_measures_all_of_its_rows(part, tmp_path):
    out, err = start(tmp_path, "--quick", "--only", part).communicate()
    run = read(tmp_path / "stress.json")
    wanted = [row for one in sections(QUICK) if one.chosen(part) for row in one.rows]
    told = {one.name for one in (*run.figures, *run.skipped)}
    assert told == set(wanted), err
    assert not [one for one in run.skipped if "failed" in one.why], run.skipped
    assert run.complete
    assert all(one.value == 0 for one in run.figures if one.unit == "lost")
    assert "stress 100%" in err
    assert "Under stress" in out
    assert not list(tmp_path.glob(".bench-*"))


def test_an_interrupted_run_tells_what_it_has_up_to_then(tmp_path):
    process = start(tmp_path, "--only", "concurrent")
    assert "stress 0%" in process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate()
    run = read(tmp_path / "stress.json")
    assert process.returncode == 130
    assert not run.complete
    assert any("interrupted" in one.why for one in run.skipped)
    assert "interrupted" in out
    assert "interrupted" in (tmp_path / "stress.html").read_text("utf-8")


def test_an_interrupted_load_is_drawn_as_far_as_it_came(tmp_path):
    process = start(tmp_path, "--only", "endurance")
    until(lambda: list(tmp_path.glob(".bench-stress-*/home/store.db")) or process.poll())
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    process.communicate()
    (chart, *_) = read(tmp_path / "stress.json").charts
    assert chart.name == "endurance.p95"
    assert chart.lines[0].points


def test_nothing_of_that_name_is_said(tmp_path, capsys):
    assert main(["--only", "no such thing", "--report", str(tmp_path / "none")]) == 2
    assert "no such thing" in capsys.readouterr().err


def test_every_row_of_the_tables_is_measured():
    rows = {row for one in sections(FULL) for row in one.rows}
    table = targets().stress
    for name in table.throughput:
        assert f"stress.throughput.{name}" in rows
    for name in table.concurrent:
        assert f"stress.concurrent.{name}" in rows
    for name, found in table.memory_mb.items():
        ends = [f".{size}" for size in limits.MARKS] if isinstance(found, tuple) else [""]
        assert {f"stress.memory.{name}{end}" for end in ends} <= rows
    assert {"stress.endurance.p95", "stress.burst.recovery", "stress.burst.errors_else"} <= rows


def test_the_usual_run_is_short_and_the_full_one_as_specified():
    assert sum(one.seconds for one in sections(SHORT)) < 6 * 60
    assert FULL.endure_s == 3600 * targets().stress.endurance["hours"]
    assert (FULL.normal_s, FULL.burst_s) == (300, 60)
    assert FULL.cycles * (FULL.normal_s + FULL.burst_s) == 4 * 3600


def test_limits_are_those_of_the_tables():
    assert limits.throughput("audit_system").target == 5_000
    assert limits.throughput("hitl_pending").unit == "waiting"
    assert limits.memory("hitl", 100_000).target == 50
    assert limits.memory("hitl", 123).target is None
    assert limits.memory("idle").target == 50


def test_what_a_section_did_not_measure_is_told_once():
    found = Findings()
    found.expect(["a", "b", "c"])
    found.give_up(Section("part", ("a", "b", "c"), 1.0, lambda _: None), "the disk is full")
    assert [(one.name, one.why) for one in found.skipped] == [
        ("part", "the disk is full (3 figures are missing)")
    ]
    assert not found.missing((), whole=False, complete=True)


def test_one_row_that_is_missing_is_named():
    found = Findings()
    found.expect(["a", "b"])
    Work(found, lambda *_: None).skip("a", "no broker")
    found.give_up(Section("part", ("a", "b"), 1.0, lambda _: None), "no room")
    assert [one.name for one in found.skipped] == ["a", "b"]
