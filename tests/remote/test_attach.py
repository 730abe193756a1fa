"""`assent attach`: from a key file and a node's public key to a console that is attached."""

import argparse
from pathlib import Path
from typing import Any

import pytest

from app import people
from app.cli import attach, attach_actions
from app.remote.fleet import FleetDesk
from components.keys import update_keyring
from tests.remote.harness import Remote
from tests.support import until

WORDS = "correct horse battery"


@pytest.fixture
def here(tmp_path: Path, remote: Remote, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with grace's key and the node's public half; the node trusts her."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.setenv("ASSENT_HOME", str(here))
    monkeypatch.chdir(here)
    key, path = people.make(here, "grace", WORDS)
    path.rename(here / "grace.locked")
    update_keyring(remote.keyring, lambda ring: ring.enrol(key))
    (here / "node.pub").write_text(remote.node.identity.vkey + "\n")
    (here / "words").write_text(WORDS + "\n")
    return here


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    attach.add(parser.add_subparsers())
    args = parser.parse_args(
        ["attach", "mqtts://broker", "--as", "grace", "--key", "grace.locked", *words]
    )
    return int(args.run(args))


def test_the_console_is_attached_while_it_runs(
    here: Path, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    def console(desk: FleetDesk, *_: Any, **__: Any) -> int:
        until(lambda: desk.snapshot().health.state == "open", "a snapshot")
        assert (desk.operator, desk.nodes()) == ("grace", (remote.vkey.name,))
        assert [row.observer for row in remote.node.engine.duty] == [True]
        return 0

    monkeypatch.setattr(attach_actions, "connect", lambda *_: remote.link("grace"))
    monkeypatch.setattr(attach_actions, "on_terminal", lambda: True)
    monkeypatch.setattr("app.console.run_console", console)
    monkeypatch.setattr("app.session.tune_interpreter", lambda: None)
    words = ("--node", "node.pub", "--passphrase-file", "words", "--observe")
    assert run(*words) == 0
    until(lambda: not remote.node.engine.duty, "the leave")
    (gone,) = until(lambda: remote.entries(kind="operator.detached"))
    assert gone.entry.detail["reason"] == "left"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--node", "missing"), "missing: no such file"),
        (("--node", "words"), "words: not a verifier key"),
        (("--node", "node.pub", "--node", "node.pub"), "the same name"),
        (("--node", "node.pub", "--as", "../x"), "cannot name a principal"),
        (("--node", "node.pub", "--key", "missing"), "missing cannot be read"),
        (("--node", "node.pub", "--passphrase-file", "node.pub"), "the passphrase is wrong"),
        (("--node", "node.pub"), "no terminal"),
        (("--node", "node.pub", "--observe"), "the console needs a terminal"),
    ],
)
def test_what_is_refused_is_told(
    here: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    file = () if told == "no terminal" else ("--passphrase-file", "words")
    assert run(*file, *words) == 1
    assert told in capsys.readouterr().err
