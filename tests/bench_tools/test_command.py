import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bench.report import read

ROOT = Path(__file__).parents[2]
ENV = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}


def start(*words, report):
    return subprocess.Popen(
        [sys.executable, "-m", "bench", "--quick", "--report", str(report), *words],
        cwd=ROOT, env=ENV, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_a_part_is_measured_beside_its_reference(tmp_path):
    report = tmp_path / "part"
    out, err = start("--only", "operation.hitl.get_pending", report=report).communicate()
    run = read(tmp_path / "part.json")
    (figure,) = run.figures
    assert figure.name == "operation.hitl.get_pending"
    assert figure.count >= 100
    assert figure.p50 <= figure.p95 <= figure.p99
    assert figure.reference_value > 0
    assert figure.target == 200
    assert run.complete
    assert not run.skipped
    assert "hitl.get_pending" in out
    assert "bench 100%" in err


def test_what_is_no_earlier_run_is_told_before_anything_is_measured(tmp_path):
    (tmp_path / "old.json").write_text("[]")
    process = start("--earlier", str(tmp_path / "old.json"), report=tmp_path / "part")
    _, err = process.communicate()
    assert process.returncode == pytest.ExitCode.USAGE_ERROR
    assert "is no saved run" in err
    assert not (tmp_path / "part.json").exists()


def test_an_interrupted_run_leaves_a_report_that_says_so(tmp_path):
    process = start("--only", "test_evolution", report=tmp_path / "cut")
    assert "bench 0%" in process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    process.communicate()
    run = read(tmp_path / "cut.json")
    assert not run.complete
    assert any("interrupted" in one.why for one in run.skipped)
    assert "interrupted" in (tmp_path / "cut.html").read_text("utf-8")
