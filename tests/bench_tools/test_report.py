import csv as reading
import re
from io import StringIO
from xml.etree import ElementTree

import msgspec
import pytest
from msgspec.structs import replace

from bench.figures import Chart, Limits, Line, Run, compared, single
from bench.report import csv, page, read, save, table
from bench.report.csv import points
from bench.report.said import said
from tests.bench_tools.made import operation, run


def test_the_table_says_value_limit_reference_ratio_and_whether_it_is_met():
    text = table(run())
    line = next(line for line in text.splitlines() if line.strip().startswith("x.y"))
    for word in ("95 µs", "≤ 100 µs", "met", "50 µs", "99 µs", "101 µs a <loop>", "0.495×"):
        assert word in line
    goal = next(line for line in text.splitlines() if line.strip().startswith("share"))
    for word in ("0.1×", "≥ 0.25×", "MISSED", "bare"):
        assert word in goal


def test_the_table_says_what_was_skipped_and_why():
    assert "goal.mqtt: no broker is <installed>" in table(run())
    assert "1 skipped." in table(run())


def test_an_interrupted_run_says_so():
    assert "interrupted" in table(run(complete=False))
    assert "interrupted" in page(run(complete=False))


def test_what_an_earlier_run_found_stands_beside_it():
    now, then = operation(), replace(operation(), value=123.0)
    later = compared(run(now, replace(now, name="operation.new")), run(then))
    assert [one.earlier for one in later.figures] == [123.0, None]
    for text in (table(later), page(later)):
        assert "123 µs" in text
        assert "Earlier: a run of 2023-11-14 22:13 UTC on" in text
    assert "earlier" not in table(run())


def test_a_figure_in_another_unit_is_not_compared():
    then = replace(operation(), unit="ms")
    assert compared(run(operation()), run(then)).figures[0].earlier is None


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing():
    text = page(run())
    for word in ("http://", "https://", "<script", "<link", "src=", "@import", "url("):
        assert word not in text
    assert "default-src 'none'" in text


def test_the_page_escapes_what_it_is_given():
    hostile = replace(operation(note="<b>&</b>"), reference="<script>x</script>")
    text = page(run(hostile))
    assert "<script" not in text
    assert "<b>" not in text
    assert "&lt;installed&gt;" in text


def test_the_page_draws_distributions_and_charts():
    text = page(run())
    assert text.count('role="img"') == 2
    assert text.count('class="strip"') == 1
    assert "exponent 0.3" in text
    for name in ("P50", "P95", "P99"):
        assert f">{name}</text>" in text


def test_pictures_are_well_formed_and_stay_in_their_frame():
    for text in re.findall(r"<svg.*?</svg>", page(run()), re.DOTALL):
        drawn = ElementTree.fromstring(text)
        _, _, width, height = map(float, drawn.attrib["viewBox"].split())
        assert "aria-hidden" in drawn.attrib or drawn.find("title").text
        for one in drawn.iter("rect"):
            x, y, wide, tall = (float(one.attrib[name]) for name in ("x", "y", "width", "height"))
            assert 0 <= x <= x + wide <= width + 1
            assert 0 <= y <= y + tall <= height


def test_pictures_of_next_to_nothing():
    one = single("x", 0.0, Limits())
    empty = Chart(name="c", title="Empty", x="s", y="MB", lines=(Line("none", ()),))
    flat = Chart(name="d", title="Flat", x="s", y="MB", lines=(Line("one", ((1.0, 0.0),)),))
    for log in (False, True):
        charts = (replace(empty, log=log), replace(flat, log=log))
        assert "Flat" in page(replace(run(one), charts=charts))


def test_csv_has_a_line_for_each_figure_and_each_point():
    rows = list(reading.DictReader(StringIO(csv(run()))))
    assert [row["name"] for row in rows] == ["operation.x.y", "goal.share"]
    assert rows[0]["p95"] == "95.0"
    assert rows[1]["p95"] == ""
    assert len(points(run()).splitlines()) == 1 + 5


def test_a_run_comes_back_as_it_was_saved(tmp_path):
    told = save(run(), tmp_path / "new", "bench")
    assert all(line.endswith("is written.") for line in told)
    assert read(tmp_path / "new" / "bench.json") == run()
    assert {path.name for path in (tmp_path / "new").iterdir()} == {
        "bench.json", "bench.html", "bench.csv", "bench-points.csv",
    }  # fmt: skip


def test_what_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    told = save(run(), tmp_path / "file", "bench")
    assert len(told) == 4
    assert all("could not be written" in line for line in told)


def test_a_run_is_strict_json():
    assert msgspec.json.decode(msgspec.json.encode(run()), type=Run) == run()


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.25, "µs", "250 ns"), (1500, "µs", "1.5 ms"), (2, "ms", "2 ms"), (1.5, "×", "1.5×"),
        (20_000, "/s", "20,000/s"), (None, "µs", "–"), (0.01, "share", "1.0%"), (3, "MB", "3 MB"),
    ],
)  # fmt: skip
def test_values_are_said_with_their_unit(value, unit, text):
    assert said(value, unit) == text
