"""`assent operator`: people are added, listed and revoked; what is refused is told."""

import getpass
import json
import sys
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from app.cli import main
from app.people import unlock
from components.clock import SystemClock
from components.keys import Unauthorised
from components.keys.encoding import encode

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
        "name": "grace", "tier": 3, "observer": False, "state": "valid", "opens": "passphrase",
        "key_id": first["key_id"],
    }  # fmt: skip

    assert operator("revoke", "grace", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"name": "grace", "revoked": 1, "left": 0}
    with pytest.raises(Unauthorised, match="revoked"):
        unlock(home, "grace", WORDS, SystemClock().now())

    assert operator("add", "grace", *file) == 0
    assert operator("list") == 0
    shown = capsys.readouterr().out.splitlines()[-2:]
    assert "revoked" in shown[0]
    assert "valid" in shown[1]
    assert operator("revoke", "grace") == 0
    told = capsys.readouterr()
    assert "1 key revoked" in told.out
    assert "nobody may answer" in told.err


def test_an_empty_list_says_what_to_do(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert operator("list") == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert "operator add" in told.err


def test_who_is_not_the_last_is_revoked_without_a_word(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = ("--passphrase-file", str(home / "words"))
    assert operator("add", "grace", *file) == operator("add", "ada", *file) == 0
    capsys.readouterr()
    assert operator("revoke", "grace") == 0
    assert capsys.readouterr().err == ""


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


def test_a_key_made_here_is_trusted_there_by_its_line(
    home: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    file = ("--passphrase-file", str(home / "words"))
    assert operator("new", "grace", *file) == 0
    told = capsys.readouterr()
    line = told.out.strip()
    assert line.startswith("grace ed25519 ")
    assert f"assent operator trust '{line}'" in told.err
    assert not (home / "operators" / "keyring").exists(), "nobody trusts it yet"
    assert operator("new", "grace", *file) == 1
    assert "has a key here already" in capsys.readouterr().err
    assert operator("new", "eve", "--json", *file) == 0
    eve = json.loads(capsys.readouterr().out)
    assert Path(eve["file"]).exists()

    monkeypatch.setenv("ASSENT_HOME", str(tmp_path_factory.mktemp("node")))
    assert operator("trust", line, "--tier", "2", "--json") == 0
    assert json.loads(capsys.readouterr().out)["tier"] == 2
    assert operator("trust", eve["line"], "--observer") == 0
    assert "may look and answer nothing" in capsys.readouterr().out
    assert operator("list", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["name"], row["tier"], row["observer"], row["opens"]) for row in rows] == [
        ("grace", 2, False, "not here"),
        ("eve", 1, True, "not here"),
    ]
    assert operator("list") == 0
    assert "eve                  observer" in capsys.readouterr().out
    assert operator("trust", line) == 1
    assert "has a key already" in capsys.readouterr().err
    assert operator("revoke", "grace") == 0
    assert operator("trust", line) == 1, "what was revoked stays so"
    assert "stands twice" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("grace tier=3 ed25519 {key}",), "leave them out"),
        (("grace observer ed25519 {key}",), "leave them out"),
        (("grace ed25519 {key}\neve ed25519 {key}",), "stands twice"),
        (("",), "not one line"),
        (("# grace",), "not one line"),
        (("grace ed25519 AAAA",), "no Ed25519 public key"),
        (("../grace ed25519 {key}",), "cannot name a principal"),
        (("grace ed25519 {key}", "--observer", "--tier", "3"), "answers nothing"),
        (("ada ed25519 {key}",), "own operator"),
    ],
)
def test_what_is_no_plain_line_is_not_trusted(
    home: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    (home / "operators").mkdir()
    (home / "operators" / "ada.key").touch()
    key = encode(bytes(SigningKey.generate().verify_key))
    assert operator("trust", *(word.replace("{key}", key) for word in words)) == 1
    assert told in capsys.readouterr().err
    assert not (home / "operators" / "keyring").exists()
