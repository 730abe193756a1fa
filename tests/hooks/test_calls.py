from pathlib import Path

from app.hooks.calls import Calls, Note

NOTE = Note("r", "Bash", "d", 1)


def test_a_note_is_taken_once_and_by_its_own_call(tmp_path: Path) -> None:
    calls = Calls(tmp_path, "claude-code")
    calls.note("s", "t", NOTE)
    assert calls.take("s", "other") is None
    assert Calls(tmp_path, "codex").take("s", "t") is None
    assert calls.take("s", "t") == NOTE
    assert calls.take("s", "t") is None


def test_what_was_never_taken_makes_room(tmp_path: Path) -> None:
    calls = Calls(tmp_path, "claude-code")
    for number in range(600):
        calls.note("s", f"t{number}", NOTE)
    assert len(list((tmp_path / "hooks").iterdir())) < 513
    assert calls.take("s", "t599") == NOTE


def test_a_torn_note_is_none(tmp_path: Path) -> None:
    calls = Calls(tmp_path, "claude-code")
    calls.note("s", "t", NOTE)
    (path,) = (tmp_path / "hooks").iterdir()
    path.write_bytes(b'{"request_id":')
    assert calls.take("s", "t") is None
