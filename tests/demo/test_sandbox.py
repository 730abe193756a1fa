from pathlib import Path

import pytest

from app.demo import sandbox as module
from app.demo.files import file_tools
from app.demo.office import office_tools
from app.demo.sandbox import Refused, Sandbox
from app.demo.tools import Done, carry_out


def call(sandbox: Sandbox, tool: str, **arguments: object) -> Done:
    return carry_out({**file_tools(sandbox), **office_tools(sandbox)}, tool, arguments)


def test_files_are_really_written_read_moved_listed_and_deleted(sandbox: Sandbox) -> None:
    assert call(sandbox, "write_file", path="n/a.md", content="hällo").status == "ok"
    assert (sandbox.root / "n/a.md").read_text(encoding="utf-8") == "hällo"
    assert call(sandbox, "read_file", path="n/a.md").output == "hällo"
    assert call(sandbox, "move_file", source="n/a.md", destination="m/b.md").status == "ok"
    assert call(sandbox, "list_files", path="m").output == "b.md"
    assert call(sandbox, "delete_file", path="m/b.md").detail == "deleted"
    gone = call(sandbox, "read_file", path="m/b.md")
    assert (gone.status, gone.output) == ("failed", "")
    assert gone.duration_us > 0
    assert str(sandbox.root) not in gone.detail


@pytest.mark.parametrize(
    "path", ["../outside.txt", "/etc/passwd", "a/../../outside.txt", "link/x", "link", "nul\0"]
)
@pytest.mark.parametrize("tool", ["write_file", "read_file", "delete_file", "list_files"])
def test_no_path_leads_out(sandbox: Sandbox, tool: str, path: str) -> None:
    outside = sandbox.root.parent / "outside"
    outside.mkdir()
    (outside / "x").write_text("mine")
    (sandbox.root / "link").symlink_to(outside)
    (sandbox.root.parent / "outside.txt").write_text("mine")
    done = call(sandbox, tool, path=path, content="theirs")
    assert done.status == "failed"
    assert done.detail.startswith("refused by the sandbox")
    assert (outside / "x").read_text() == "mine"
    assert (sandbox.root.parent / "outside.txt").read_text() == "mine"


def test_moving_leads_neither_out_nor_in(sandbox: Sandbox) -> None:
    theirs = sandbox.root.parent / "theirs"
    theirs.write_text("mine")
    assert call(sandbox, "write_file", path="a", content="x").status == "ok"
    for source, destination in (("a", "../b"), ("../theirs", "b"), (".", "b"), ("a", ".")):
        done = call(sandbox, "move_file", source=source, destination=destination)
        assert done.detail.startswith("refused by the sandbox"), (source, destination)
    assert theirs.read_text() == "mine"
    assert (sandbox.root / "a").exists()


def test_odd_arguments_fail_and_raise_nothing(sandbox: Sandbox) -> None:
    assert call(sandbox, "read_file").detail == "argument 'path' is missing"
    assert call(sandbox, "read_file", path=3).status == "failed"
    assert call(sandbox, "write_file", path="a", content="x" * 9000).status == "failed"
    assert call(sandbox, "write_file", path="a", content="\ud800").status == "failed"
    assert call(sandbox, "format_disk").detail == "refused by the sandbox: not a tool of this agent"


def test_messages_go_into_a_file_that_stays_small(sandbox: Sandbox) -> None:
    letter = {"to": "ada@example.org", "subject": "s", "text": "x" * 8000}
    for _ in range(100):
        assert call(sandbox, "send_message", **letter).detail == "delivered to ada@example.org"
    files, size = sandbox.used()
    assert files == 2
    assert size < 600_000


def test_a_sandbox_beyond_its_bounds_is_emptied(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 1000)
    outside = sandbox.root.parent / "outside"
    outside.mkdir()
    (outside / "kept").write_text("mine")
    (sandbox.root / "link").symlink_to(outside)
    assert call(sandbox, "write_file", path="n/a", content="x" * 800).status == "ok"
    assert not sandbox.tidy()
    assert call(sandbox, "write_file", path="n/b", content="x" * 800).status == "ok"
    assert sandbox.tidy()
    assert sandbox.used() == (0, 0)
    assert (outside / "kept").read_text() == "mine"


def test_the_refusal_is_an_exception_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        Sandbox(tmp_path / "a").inside("../b")
