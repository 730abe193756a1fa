"""Sections that fail: in a process of their own, as a run settles the interpreter for good."""

import subprocess
import sys
from pathlib import Path

import msgspec

from bench.figures import Run

_RUN = """
import msgspec, pytest
from bench.figures import Chart, Line, Limits, single
from bench.stress.running import Section, carry_out

def good(work):
    work.add(single("stress.good", 1.0, Limits(kind="stress")))

def bad(work):
    work.add(single("stress.early", 1.0, Limits(kind="stress")))
    raise OSError(28, "No space left on device")

def elsewhere(work):
    pytest.skip("the folder is in memory")

def cut(work):
    try:
        raise KeyboardInterrupt
    finally:
        work.chart(Chart(name="half", title="h", x="s", y="ms", lines=(Line("l", ((0.0, 1.0),)),)))

sections = [
    Section("bad", ("stress.early", "stress.late"), 1, bad),
    Section("elsewhere", ("stress.elsewhere",), 1, elsewhere),
    Section("good", ("stress.good",), 1, good),
    Section("cut", ("stress.cut",), 1, cut),
    Section("never", ("stress.never",), 1, good),
]
print(msgspec.json.encode(carry_out("stress", sections, ["a note"])).decode())
"""


def test_what_goes_wrong_in_one_section_is_told_and_the_next_begins():
    made = subprocess.run(
        [sys.executable, "-c", _RUN], cwd=Path(__file__).parents[2], check=True, text=True,
        capture_output=True,
    )  # fmt: skip
    run = msgspec.json.decode(made.stdout, type=Run)
    why = {one.name: one.why for one in run.skipped}
    assert [one.name for one in run.figures] == ["stress.early", "stress.good"]
    assert "No space left" in why["stress.late"]
    assert why["stress.elsewhere"] == "the folder is in memory"
    assert "interrupted" in why["stress.cut"]
    assert "interrupted" in why["stress.never"]
    assert [one.name for one in run.charts] == ["half"]
    assert not run.complete
    assert run.notes[0] == "a note"
    assert run.notes[1].startswith("Pace: ")
