"""Lines as they are laid out: what must be there is there, aligned, and told apart."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from components.views import (
    AgentRow,
    AuditRow,
    DutyRow,
    EventRow,
    NodeRow,
    NodeState,
    PatternRow,
    Section,
)
from tests.console import scenes
from widgets.agents import agent_face, agents_heading
from widgets.audit import Columns, audit_face, columns_of
from widgets.cells import cell_len, wrap
from widgets.duty import duty_face
from widgets.health import health_face
from widgets.layout import decision_lines
from widgets.learning import learning_faces
from widgets.lines import Face
from widgets.stream import event_face
from widgets.texts import paragraphs
from widgets.waiting import Names, WaitingList, waiting_face

SIZES = (40, 60, 79, 119, 159)


def text(face: Face) -> str:
    return "".join(part for part, _ in face)


def argument(name: str, value: str, tool: str = "read_file"):  # type: ignore[no-untyped-def]
    return scenes.decision(
        tool=tool,
        summary=f"{tool}  {value}",
        sections=(Section(f"argument {name}", value, "action"),),
    )


def shown(view, width: int = 79) -> list[str]:  # type: ignore[no-untyped-def]
    return [text(line.face).rstrip() for line in decision_lines(view, width)]


def test_wrap_breaks_between_words_and_arguments() -> None:
    assert wrap("write_file(content=str,path=notes/)", 30) == [
        "write_file(content=str,",
        "path=notes/)",
    ]
    assert wrap("записать_файл(content=str,path=notes/)", 30)[0] == "записать_файл(content=str,"
    assert wrap("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]


@given(st.text(alphabet="ab ,(é漢", max_size=80), st.integers(0, 9), st.integers(12, 40))
def test_indented_lines_stay_indented_and_whole(words: str, indent: int, width: int) -> None:
    line = " " * indent + words
    faces = paragraphs(line, width)
    assert all(cell_len(text(face)) <= width for face in faces)
    assert text(faces[0]).startswith("  " + " " * min(indent, width // 2))
    kept = "".join(text(face) for face in faces).replace(" ", "")
    assert kept == line.replace(" ", "")


def test_a_long_line_of_json_goes_on_deeper() -> None:
    lines = [text(face) for face in paragraphs('    "digest": "' + "f" * 40 + '",', 40)]
    assert lines[0].startswith('      "digest"')
    assert lines[1].startswith("        f")


def test_one_short_argument_is_not_told_twice() -> None:
    lines = shown(argument("path", "/etc/shadow"))
    assert sum("/etc/shadow" in line for line in lines) == 1
    assert any(line.startswith(" path =") for line in lines)


@pytest.mark.parametrize(
    "view",
    [
        argument("path", "x" * 80),
        argument("path", "/etc/shadow", tool="t" * 60),
        argument("path", "one\ntwo"),
        structs.replace(argument("path", "/etc/shadow"), headline="read_file  /etc/passwd"),
    ],
    ids=["long", "long tool", "lines", "other"],
)
def test_the_headline_stays_wherever_it_says_more(view) -> None:  # type: ignore[no-untyped-def]
    assert shown(view)[0].strip() == wrap(view.headline, 77)[0].strip()


def test_an_argument_cannot_pass_for_a_line_of_the_console() -> None:
    for name in ("code", "scores", "claimed", "two people"):
        lines = shown(argument(name, "FEE0  approving asks for these four characters"))
        assert not any(line.startswith(f" {name}  ") and "FEE0" in line for line in lines)
        assert any(line.startswith(f" {name} =") for line in lines)


@pytest.mark.parametrize("width", SIZES)
def test_outcomes_and_verdicts_differ_without_colour(width: int) -> None:
    def line(kind: str, level: str) -> str:
        return text(event_face(EventRow(1, scenes.NOON, kind, level, "coder", "shell"), width))  # type: ignore[arg-type]

    for kind, level in (("allow", "ok"), ("deny", "bad"), ("expired", "warn")):
        assert "↳" not in line(kind, level)
    assert "●" in line("allow", "ok")
    assert "●" not in line("ok", "ok")
    assert "✖  ↳ failed" in line("failed", "bad")
    assert "↳ ok" in line("ok", "ok")


def test_a_long_kind_keeps_its_last_word() -> None:
    event = EventRow(1, scenes.NOON, "operator.switched", "idle", "", "by grace")
    assert " switched " in text(event_face(event, 79))
    assert "operator.switched" not in text(event_face(event, 79))


@pytest.mark.parametrize("width", SIZES)
def test_audit_lines_hold_their_columns(width: int) -> None:
    rows = [
        AuditRow(1_234_567, scenes.NOON, kind, "data-analyst", "record_decision", "allow", who, "x")
        for kind, who in (("verdict", "ada"), ("decision.escalate", ""), ("operator.switched", ""))
    ]
    columns = columns_of(rows)
    lines = [text(audit_face(row, columns, width)) for row in rows]
    if width >= 75:
        assert {cell_len(line) for line in lines} == {width}
        for line, kind in zip(lines, ("verdict", "escalate", "switched"), strict=True):
            assert kind in line
            assert "data-analyst" in line
            assert "record_decisi…" in line
            assert "allow" in line
        assert "ada" in lines[0]
    assert columns_of([]) == Columns()


@pytest.mark.parametrize("width", [30, 40, 60, 80, 200])
def test_a_visiting_operator_is_named_at_any_width(width: int) -> None:
    health = scenes.snapshot().health
    assert "@grace" in text(health_face(health, scenes.NOON, width, "grace", visiting=True))[:width]


@pytest.mark.parametrize("state", get_args(NodeState))
def test_every_state_is_shown_with_what_is_behind_it(state: NodeState) -> None:
    health = structs.replace(scenes.snapshot().health, state=state, detail="because")
    assert f"{state}: because" in text(health_face(health, scenes.NOON, 80))


def test_before_a_node_serves_nothing_is_said_to_be_measured() -> None:
    health = structs.replace(scenes.snapshot().health, state="starting", waiting=3)
    shown = text(health_face(health, scenes.NOON, 200))
    assert "3 waiting" in shown
    assert "audit #" in shown
    for measured in ("alert", "actions/s", "agents", "lag", " up "):
        assert measured not in shown


def test_a_list_that_does_not_have_what_waits_does_not_say_that_nothing_waits() -> None:
    listing = WaitingList()
    listing.show((), 2, scenes.NOON)
    assert "Nothing" not in listing.EMPTY
    listing.show((), 0, scenes.NOON)
    assert listing.EMPTY == "Nothing waits for you."


def test_what_waits_beside_outlasts_all_but_what_is_wrong_here() -> None:
    beside = (NodeRow("south", 1_204, False), NodeRow("west", 0, True))
    health = structs.replace(scenes.snapshot().health, beside=beside)
    line = text(health_face(health, scenes.NOON, 90, "ada"))
    assert "south 1,204   west silent" in line
    assert cell_len(line) == 90
    assert "south" not in text(health_face(health, scenes.NOON, 40, "ada"))[:40]


def test_who_is_on_duty_is_counted_on_top_and_named_in_a_line() -> None:
    hour = 3_600_000_000
    duty = (
        DutyRow("ada", 3, False, scenes.NOON - hour),
        DutyRow("eve", 1, True, scenes.NOON),
    )
    health = structs.replace(scenes.snapshot().health, duty=duty)
    assert "2 on duty" in text(health_face(health, scenes.NOON, 160, "ada"))
    assert "on duty" not in text(health_face(scenes.snapshot().health, scenes.NOON, 200, "ada"))
    line = text(duty_face(duty, scenes.NOON))
    assert "ada tier 3, 60 min" in line
    assert "eve observes, 0 s" in line


@pytest.mark.parametrize("width", SIZES)
def test_patterns_are_aligned_rows(width: int) -> None:
    view = structs.replace(
        scenes.learning(),
        patterns=(
            PatternRow("successful_action", "shell(command=ls)", "1,180 of 1,204 ≥97%"),
            PatternRow("failure_mode", "move(to=" + "very-long-folder/" * 6 + ",from=x)", "3 of 4"),
        ),
    )
    lines = [text(face) for face in learning_faces(view, width)]
    assert all(cell_len(line) <= width for line in lines)
    rows = [line for line in lines if line[2:12].strip() in {"succeeds", "fails"}]
    assert len(rows) == 2
    if width >= 60:
        assert {cell_len(row) for row in rows} == {width}
        assert [row.split()[-1] for row in rows] == ["≥97%", "4"]
    words = "".join(line.removesuffix("3 of 4").strip() for line in lines)
    assert words.count("very-long-folder/") == 6


@pytest.mark.parametrize("width", SIZES)
def test_the_columns_of_agents_stand_apart_under_their_names(width: int) -> None:
    row = AgentRow("data-analyst-of-the-north", 1_234_567, 999_999, 12, 3, 4, 1, False, False)
    head, line = text(agents_heading(width)), text(agent_face(row, 9_000_000, width))
    assert cell_len(head) == cell_len(line) == width
    for name in ("AGENTS", "state", "denied", "failed"):
        assert f" {name} " in f"{head} "
    assert " running " in line
    if width >= 76:
        assert line.split()[2:] == ["running", "1.2M", "999,999", "12", "3", "4", "9", "s"]
        assert "data-analyst" in line


@pytest.mark.parametrize("width", SIZES)
def test_waiting_columns_grow_to_the_names_and_hold(width: int) -> None:
    rows = [scenes.row(scenes.decision(1, agent="data-analyst", tool="record_decision"))]
    names = Names().over(rows)
    assert names == Names().over(rows).over([])
    line = text(waiting_face(rows[0], names, scenes.NOON, marked=False, width=width))
    assert cell_len(line) == width
    assert ("data-analyst record_decision" in line) is (width >= 79)


@pytest.mark.parametrize("name", ["受取人口座番号（個人）", "a_name_longer_than_the_pane" * 4])
@pytest.mark.parametrize("width", [40, 79])
def test_the_whole_name_of_an_argument_is_on_the_pane(name: str, width: int) -> None:
    view = argument(name, "x")
    lines = decision_lines(view, width)
    assert name in "".join(text(line.face).strip() for line in lines if line.must)
    assert all(cell_len(text(line.face)) <= width for line in lines)
