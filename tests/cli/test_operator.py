"""`assent operator`: people are added, listed and revoked; what is refused is told."""

import getpass
import json
import sys
from pathlib import Path

import pytest

from app.cli import main
from app.people import unlock
from components.clock import SystemClock
from components.keys import Unauthorised

WORDS = "correct horse battery"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSENT_HOME", str(tmp_path))
    (tmp_path / "words").write_text(WORDS + "\nnot this line\n")
    return tmp_path


def operator(*words: str) -> int:
    return main(["operator", *words])


def test_a_person_is_added_listed_revoked_and_added_again(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = ("--passphrase-file", str(home / "words"))
    assert operator("add", "grace", "--tier", "3", "--json", *file) == 0
    first = json.loads(capsys.readouterr().out)
    assert (first["name"], first["tier"]) == ("grace", 3)
    assert unlock(home, "grace", WORDS, SystemClock().now())

    assert operator("add", "grace", *file) == 1
    assert "revoke it before" in capsys.readouterr().err

    assert operator("list", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row == {
        "name": "grace", "tier": 3, "state": "valid", "opens": "passphrase",
        "key_id": first["key_id"],
    }  # fmt: skip

    assert operator("revoke", "grace", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"name": "grace", "revoked": 1}
    with pytest.raises(Unauthorised, match="revoked"):
        unlock(home, "grace", WORDS, SystemClock().now())

    assert operator("add", "grace", *file) == 0
    assert operator("list") == 0
    shown = capsys.readouterr().out.splitlines()[-2:]
    assert "revoked" in shown[0]
    assert "valid" in shown[1]
    assert operator("revoke", "grace") == 0
    assert "1 key revoked" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("revoke", "nobody"), "nobody called nobody"),
        (("add", "../x", "--passphrase-file", "words"), "cannot name a principal"),
        (("add", "x", "--passphrase-file", "missing"), "no such file"),
        (("add", "x", "--passphrase-file", "short"), "too short"),
        (("add", "x"), "no terminal"),
    ],
)
def test_what_is_refused_is_told(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    told: str,
) -> None:
    monkeypatch.chdir(home)
    (home / "short").write_text("seven77")
    assert operator(*words) == 1
    assert told in capsys.readouterr().err
    assert not [path for path in home.glob("operators/*") if path.stat().st_size]


def test_the_passphrase_is_asked_twice_on_a_terminal(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    answers = [WORDS, "another one", WORDS, WORDS]
    monkeypatch.setattr(getpass, "getpass", lambda prompt: answers.pop(0))
    assert operator("add", "grace") == 1
    assert "differ" in capsys.readouterr().err
    assert operator("add", "grace") == 0
    assert unlock(home, "grace", WORDS, SystemClock().now())


def test_the_consoles_own_operator_is_not_added_twice(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "operators").mkdir()
    (home / "operators" / "ada.key").touch()
    assert operator("add", "ada", "--passphrase-file", str(home / "words")) == 1
    assert "own operator" in capsys.readouterr().err
