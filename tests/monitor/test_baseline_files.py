"""The folder of baselines: whole files, strict reading, names that stay inside, and what is new."""

import os
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from app import baselines as files
from app.baselines import BadBaseline, BaselineProblem, Baselines
from app.machine import this_machine
from components.monitor.baseline import is_name, same_machine
from tests.monitor.test_baseline import baseline, measured


def test_this_machine_can_be_described_and_kept(tmp_path: Path) -> None:
    here = this_machine()
    assert here.cores >= 1
    assert here.memory_mb > 0
    assert here.system
    assert here.cpu
    assert same_machine(here, this_machine()) == ()
    kept = Baselines(tmp_path)
    kept.write(baseline(machine=here))
    assert kept.read("one").machine == here


@pytest.fixture
def kept(tmp_path: Path) -> Baselines:
    found = Baselines(tmp_path)
    found.write(baseline(gate__verdict=measured()))
    return found


def test_what_is_written_is_read_again(kept: Baselines) -> None:
    assert kept.read("one") == baseline(gate__verdict=measured())
    assert kept.names() == ["one"]
    assert kept.current() is None
    assert kept.use("one") == kept.current() == kept.read("one")
    assert (kept.folder / "current").read_text() == "one\n"
    assert (kept.folder / "one.json").stat().st_mode & 0o077 == 0


def test_an_empty_home_has_none(tmp_path: Path) -> None:
    kept = Baselines(tmp_path / "nowhere")
    assert (kept.names(), kept.current_name(), kept.current()) == ([], None, None)
    with pytest.raises(BaselineProblem, match="no baseline one"):
        kept.read("one")


def test_a_name_is_replaced_only_where_asked(kept: Baselines) -> None:
    with pytest.raises(BaselineProblem, match="already"):
        kept.write(baseline())
    assert kept.read("one").operations
    kept.write(baseline(), replace=True)
    assert not kept.read("one").operations


@pytest.mark.parametrize(
    "name",
    ["", "../x", "a/b", "/etc/passwd", "a\n", "a\0", "ü", "٣", "x" * 65, " ", "a b", "a\\b", "~"],
)
def test_hostile_names_cannot_leave_the_folder(kept: Baselines, name: str) -> None:
    assert not is_name(name)
    before = sorted(kept.folder.parent.rglob("*"))
    for act in (kept.read, kept.use, kept.remove):
        with pytest.raises(BaselineProblem, match="cannot name a baseline"):
            act(name)
    with pytest.raises(BaselineProblem, match="cannot name a baseline"):
        kept.write(baseline(name), replace=True)
    assert sorted(kept.folder.parent.rglob("*")) == before


@pytest.mark.parametrize("name", [".", "..", "...", "-", "--json", "current", "a.json", ".x.new"])
def test_odd_names_are_names_and_stay_in_the_folder(kept: Baselines, name: str) -> None:
    kept.write(baseline(name))
    kept.use(name)
    assert kept.read(name).name == kept.current_name() == name
    assert sorted(kept.names()) == sorted(["one", name])
    assert {path.parent for path in kept.folder.parent.rglob("*.json")} == {kept.folder}
    assert kept.remove(name)
    assert (kept.names(), kept.current()) == (["one"], None)


def test_a_write_cut_short_leaves_the_old_file(
    kept: Baselines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    before = (kept.folder / "one.json").read_bytes()
    monkeypatch.setattr(files.os, "fsync", no_room)
    with pytest.raises(BaselineProblem, match=r"cannot be written: no space left"):
        kept.write(baseline(), replace=True)
    with pytest.raises(BaselineProblem, match=r"cannot be written: no space left"):
        kept.use("one")
    assert [path.name for path in kept.folder.iterdir()] == ["one.json"]
    assert (kept.folder / "one.json").read_bytes() == before


def test_what_was_left_by_a_kill_is_not_listed(kept: Baselines) -> None:
    (kept.folder / ".one.json.abc123.new").write_text('{"name":')
    assert kept.names() == ["one"]


def test_a_running_node_sees_what_changes(kept: Baselines) -> None:
    node = Baselines(kept.folder.parent)
    assert node.changed()
    assert node.current() is None
    assert not node.changed()
    kept.use("one")
    assert node.changed()
    assert node.current() == kept.read("one")
    assert not node.changed()
    kept.write(baseline("two"))
    assert not node.changed()
    kept.write(baseline(), replace=True)
    assert node.changed()
    assert node.current() == baseline()
    kept.remove("one")
    assert node.changed()
    assert node.current() is None
    assert not node.changed()


def test_a_broken_file_is_told_once_and_the_mended_one_is_taken(kept: Baselines) -> None:
    kept.use("one")
    good = (kept.folder / "one.json").read_bytes()
    (kept.folder / "one.json").write_text("{")
    with pytest.raises(BadBaseline, match=r"one\.json: is no baseline") as caught:
        kept.current()
    assert caught.value.file == kept.folder / "one.json"
    assert not kept.changed()
    (kept.folder / "one.json").unlink()
    assert kept.changed()
    with pytest.raises(BadBaseline, match=r"current: names one, which is not there"):
        kept.current()
    assert not kept.changed()
    (kept.folder / "one.json").write_bytes(good)
    assert kept.changed()
    assert kept.current() is not None


GOOD = msgspec.to_builtins(baseline(gate__verdict=measured()))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is no baseline"), (b"[]", "is no baseline"), (b"\xff\xfe", "is no baseline"),
        (b'{"name": "\xff"}', "is no baseline"), (b"[" * 100_000, "is no baseline"),
        (b" " * 300_000, "larger than 256 KiB"),
        (msgspec.json.encode({**GOOD, "more": 1}), "unknown field `more`"),
        (msgspec.json.encode({**GOOD, "name": "two"}), "another name"),
        (msgspec.json.encode({**GOOD, "since": 2**63}), "is no baseline"),
        (msgspec.json.encode({**GOOD, "since": "1"}), "is no baseline"),
        (msgspec.json.encode({**GOOD, "note": "x" * 201}), "is no baseline"),
        (msgspec.json.encode({**GOOD, "operations": {"a\x1b[m.b": {}}}), "is no baseline"),
        (msgspec.json.encode({**GOOD, "operations": {"a.b\n": {}}}), "is no baseline"),
        (msgspec.json.encode(GOOD).replace(b"460.5", b"-1"), "is no baseline"),
        (msgspec.json.encode(GOOD).replace(b"460.5", b"1e999"), "is no baseline"),
        (msgspec.json.encode(GOOD).replace(b"460.5", b"NaN"), "is no baseline"),
    ],
)  # fmt: skip
def test_files_are_read_strictly(kept: Baselines, content: bytes, told: str) -> None:
    (kept.folder / "one.json").write_bytes(content)
    with pytest.raises(BadBaseline, match=told) as caught:
        kept.read("one")
    assert str(kept.folder / "one.json") in str(caught.value)
    assert kept.names() == ["one"]
    assert not kept.remove("one")


@pytest.mark.parametrize("content", ["", "../one", "one\ntwo\n", "\n", "x" * 100, "é"])
def test_a_broken_choice_is_told_and_can_be_mended(kept: Baselines, content: str) -> None:
    (kept.folder / "current").write_text(content)
    with pytest.raises(BadBaseline, match="current: names no baseline"):
        kept.current()
    kept.use("one")
    assert kept.current_name() == "one"


def test_a_pipe_or_a_folder_in_a_files_place_holds_nobody_up(kept: Baselines) -> None:
    os.mkfifo(kept.folder / "pipe.json")
    (kept.folder / "folder.json").mkdir()
    with pytest.raises(BadBaseline, match="not a regular file"):
        kept.read("pipe")
    with pytest.raises(BadBaseline, match=r"folder\.json"):
        kept.read("folder")
    with pytest.raises(BaselineProblem, match="cannot be removed"):
        kept.remove("folder")


def test_a_note_that_is_no_text_is_refused(tmp_path: Path) -> None:
    kept = Baselines(tmp_path)
    with pytest.raises(BaselineProblem):
        kept.write(structs.replace(baseline(), note="\ud800"))
    with pytest.raises(BaselineProblem):
        kept.write(structs.replace(baseline(), note="x" * 201))
    assert kept.names() == []
