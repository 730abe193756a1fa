"""What `assent init --broker` and `assent broker` write: private, once, and what they say."""

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.broker import folder as brokers
from app.broker.errors import BrokerProblem
from app.cli import main
from components.keys import KeyProblem

MODES = {True: 0o700, False: 0o600}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSENT_HOME", str(tmp_path))
    return tmp_path


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() if p.is_file() else b"" for p in folder.rglob("*")}


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("auth", ["certificate", "password"])
def test_everything_is_private_and_made_once(
    home: Path, auth: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--broker", "--auth", auth]) == 0
    assert main(["broker", "add", "alice", "--role", "agent"]) == 0
    folder = home / "broker"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == MODES[path.is_dir()], path
    before = tree(home)
    capsys.readouterr()
    assert main(["init", "--broker", "--host", "elsewhere"]) == 0
    assert "already" in capsys.readouterr().out
    assert main(["init", "--broker", "--json"]) == 0
    assert said(capsys)["broker"]["made"] is False
    assert tree(home) == before


def test_the_settings_told_are_settings(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from app.settings import load

    assert main(["init", "--broker", str(home / "b c"), "--host", "::1", "--host", "x.test"]) == 0
    told = capsys.readouterr().out
    (home / "assent.toml").write_text(told[told.index("[mqtt]") : told.index("and for")])
    mqtt = load(home).mqtt
    assert mqtt.url == "mqtts://[::1]:8883"
    assert Path(mqtt.key).read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    assert (
        main(["broker", "add", "--dir", str(home / "b c"), "eve", "--role", "agent", "--json"]) == 0
    )
    row = said(capsys)
    assert row["mqtt"]["url"] == mqtt.url
    assert set(row["mqtt"]) == {"url", "ca", "cert", "key"}


def test_principals_come_and_go(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "assent.toml").write_text('[node]\nname = "node-1"\n')
    assert main(["init", "--broker"]) == 0
    assert main(["broker", "add", "alice", "--role", "agent"]) == 0
    assert main(["broker", "revoke", "alice"]) == 0
    assert not (home / "broker" / "clients" / "alice").exists()
    assert main(["broker", "add", "alice", "--role", "agent"]) == 0
    capsys.readouterr()
    assert main(["broker", "list", "--json"]) == 0
    rows = said(capsys)
    assert [(row["name"], row["role"], row["state"]) for row in rows] == [
        ("node-1", "node", "valid"),
        ("alice", "agent", "revoked"),
        ("alice", "agent", "valid"),
    ]
    assert main(["broker", "list"]) == 0
    assert (
        capsys.readouterr().out.splitlines()[0].startswith("node-1               node      valid")
    )


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("add node-1 --role agent", "is the name of one node"),
        ("add Assent --role agent", "is the name under which nodes themselves ask"),
        ("add node-1 --role node", "is there already"),
        ("add .. --role agent", "cannot name a folder"),
        ("add a/b --role agent", "cannot name a principal"),
        ("add +  --role agent", "cannot name a principal"),
        ("add gone --role observer", "is the name of one agent"),
        ("revoke nobody", "nobody called nobody"),
        ("list --dir /nowhere", "no broker's folder"),
        ("add x --role agent --dir /nowhere", "is not there"),
        ("add left --role agent", "is not overwritten"),
    ],
)
def test_what_cannot_be_is_refused(
    home: Path, words: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "assent.toml").write_text('[node]\nname = "node-1"\n')
    assert main(["init", "--broker"]) == 0
    assert main(["broker", "add", "gone", "--role", "agent"]) == 0
    assert main(["broker", "revoke", "gone"]) == 0
    (home / "broker" / "clients" / "left").mkdir()
    before = tree(home)
    capsys.readouterr()
    assert main(["broker", *words.split(), "--json"]) == 1
    assert why in said(capsys)["why"]
    assert tree(home) == before


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--host", "x"], "are for --broker"),
        (["--broker", "--host", "not a host"], "no name or address"),
        (["--broker", "a\nlistener 1883"], "cannot stand in a line"),
        (["--broker", "full"], "holds something else"),
        (["--broker", "full/file"], "not a directory"),
    ],
)
def test_what_cannot_be_made_leaves_nothing(
    home: Path,
    words: list[str],
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(home)
    (home / "full").mkdir()
    (home / "full" / "file").touch()
    (home / "assent.toml").touch()
    before = tree(home)
    assert main(["init", *words, "--json"]) == 2
    assert why in said(capsys)["why"].lower()
    assert tree(home) == before


def test_what_is_cut_short_before_the_register_is_mended(tmp_path: Path) -> None:
    folder = tmp_path / "broker"
    brokers.make(folder, hosts=("localhost",), auth="certificate", node="node", now=1)
    brokers.add(folder, "alice", "agent", 1)
    written = (folder / "register.json").read_bytes()
    brokers.revoke(folder, "alice", 2)
    (folder / "register.json").write_bytes(written)  # the last step did not happen
    assert "alice" not in (folder / "acl").read_text()
    brokers.revoke(folder, "alice", 2)
    assert [one.state(3) for one in brokers.read(folder).credentials] == ["valid", "revoked"]


def test_a_broken_register_is_named(tmp_path: Path) -> None:
    (tmp_path / "register.json").write_text('{"auth": "none"}')
    with pytest.raises(BrokerProblem, match=r"register\.json cannot be read"):
        brokers.read(tmp_path)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "broker"
    brokers.make(folder, hosts=("localhost",), auth="certificate", node="node", now=1)
    key = (folder / "ca.key").read_bytes()
    (folder / "register.json").unlink()
    with pytest.raises((BrokerProblem, KeyProblem)):
        brokers.make(folder, hosts=("localhost",), auth="certificate", node="node", now=1)
    assert (folder / "ca.key").read_bytes() == key


def test_without_the_library_one_is_told_what_to_install(home: Path) -> None:
    for words in (["init", "--broker", "--json"], ["broker", "list", "--json"]):
        program = (
            "import sys; sys.modules['cryptography'] = None; from app.cli import main; "
            "sys.exit(main(sys.argv[1:]))"
        )
        done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True)
        assert done.returncode == 2
        assert "assent[broker]" in json.loads(done.stdout)["why"]
    assert not (home / "broker").exists()
