import signal
import tomllib

from bench.report import read
from bench.scale.__main__ import Size, main, sections
from bench.scale.full_node import Stock, pack_of
from bench.scale.model import Demand
from bench.scale.rows import limit, operations, sizes, specified
from bench.scale.screening import text
from bench.targets import targets
from components.intent_firewall.loader import parse_pack
from tests.bench_tools.commands import command


def start(tmp_path, *words):
    return command("scale", tmp_path, *words)


def test_a_small_run_measures_or_explains_every_row(tmp_path):
    out, err = start(tmp_path, "--most", "60").communicate()
    run = read(tmp_path / "scale.json")
    told = {one.name for one in (*run.figures, *run.skipped)}
    wanted = {row for one in sections(Size(most=60, step_s=0.2), Demand(), {}) for row in one.rows}
    assert wanted <= told, err
    assert not [one for one in run.skipped if "failed" in one.why], run.skipped
    assert run.complete
    exponents = [one for one in run.figures if one.name.endswith(".exponent")]
    assert len(exponents) >= 18
    assert all("standard error" in one.extra for one in exponents)
    assert next(one for one in run.figures if one.name == "scale.pipeline.unrecorded").value == 0
    assert any("extrapolated" in one.why for one in run.skipped)
    assert "One node of this machine is full at" in out
    assert not list(tmp_path.glob(".bench-*"))


def test_an_interrupted_run_keeps_what_it_has(tmp_path):
    process = start(tmp_path, "--only", "audit")
    assert "scale 0%" in process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    process.communicate()
    run = read(tmp_path / "scale.json")
    assert process.returncode == 130
    assert not run.complete
    assert run.skipped


def test_nothing_of_that_name_is_said(tmp_path, capsys):
    assert main(["--only", "no such thing", "--report", str(tmp_path / "none")]) == 2
    assert "no such thing" in capsys.readouterr().err


def test_every_row_of_the_tables_is_measured():
    rows = {
        row
        for one in sections(Size(most=1_000_000, step_s=1.0), Demand(), {})
        for row in one.rows
    }  # fmt: skip
    for component in targets().scale:
        if component == "pipeline":
            continue
        for operation in operations(component):
            for size in specified(component):
                assert f"scale.{component}.{operation}.{size}" in rows
            assert f"scale.{component}.{operation}.exponent" in rows
    for rate in (100, 500, 1_000, 5_000):
        assert {f"scale.pipeline.achieved.{rate}", f"scale.pipeline.p95.{rate}"} <= rows


def test_sizes_are_those_of_the_table_with_one_between():
    assert sizes("audit_system", 100_000) == [1_000, 3_162, 10_000, 31_623, 100_000]
    assert sizes("audit_system", 50) == [5, 9, 16, 28, 50]


def test_limits_belong_to_a_size_and_an_operation():
    assert limit("audit_system", "verify_chain", 1_000_000).target == 10_000
    assert limit("evolution_core", "memory", 10_000).target == 100
    assert limit("evolution_core", "memory", 10_000).unit == "MB"
    assert limit("audit_system", "verify_chain", 3_162).target is None
    assert limit("audit_system", "search", 1_000).target is None


def test_a_pack_of_many_rules_is_a_pack():
    assert len(parse_pack(pack_of(30), "many.toml").rules) == 30
    assert tomllib.loads(pack_of(1))["pack"]["name"] == "many"


def test_texts_have_their_length_and_differ():
    assert [len(text(size, 1)) for size in (0, 1, 100, 5_000)] == [0, 1, 100, 5_000]
    assert text(500, 1) != text(500, 2)


def test_a_small_run_has_a_small_stock():
    assert Stock().at_most(50).waiting == 50
    assert Stock().at_most(10**6) == Stock()
