"""The key files of `[mqtt] witnesses` and `witness_of`: read, or refused by name."""

from pathlib import Path

import pytest
from nacl.signing import SigningKey

from app.broker.checks import checks
from app.broker.settings import MqttSettings
from app.broker.witnesses import BadWitness, witness_keys, witnessed_logs
from components.audit_system import WitnessKey
from components.keys import verifier_key

OWN, ONE, TWO = (SigningKey(bytes([number]) * 32) for number in (1, 2, 3))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name, key in (("node", OWN), ("one", ONE), ("two", TWO)):
        (tmp_path / f"{name}.pub").write_text(verifier_key(name, key) + "\n")
    return tmp_path


def test_keys_are_read_from_the_home_on(home: Path) -> None:
    settings = MqttSettings(witnesses=("one.pub", str(home / "two.pub")), witness_of=("two.pub",))
    found = witness_keys(settings, home)
    assert [key.name for key in found] == ["one", "two"]
    assert all(isinstance(key, WitnessKey) for key in found)
    assert [str(key) for key in witnessed_logs(settings, home)] == [verifier_key("two", TWO)]
    assert witness_keys(MqttSettings(), home) == ()


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (("nowhere.pub",), "nowhere.pub: no such file"),
        (("node.pub",), "is this node's own key"),
        (("one.pub", "one.pub"), "one is there twice"),
        (("one.pub", "alias.pub"), "alias is there twice"),
        (("one.pub", "other.pub"), "one is there twice"),
        (("rubbish.pub",), "rubbish.pub: not a"),
        (("binary.pub",), "binary.pub: "),
        (("slash.pub",), "'a/b' cannot name a principal"),
        ((".",), "is a directory"),
    ],
)
@pytest.mark.parametrize("setting", ["witnesses", "witness_of"])
def test_what_is_no_key_of_another_node_is_refused(
    home: Path, setting: str, files: tuple[str, ...], why: str
) -> None:
    (home / "rubbish.pub").write_text("hello")
    (home / "binary.pub").write_bytes(b"\xff" * 9000)
    (home / "alias.pub").write_text(verifier_key("alias", ONE))
    (home / "other.pub").write_text(verifier_key("one", TWO))
    (home / "slash.pub").write_text(verifier_key("a/b", TWO))
    settings = MqttSettings("mqtt://127.0.0.1:1", **{setting: files})  # type: ignore[arg-type]
    read = witness_keys if setting == "witnesses" else witnessed_logs
    with pytest.raises(BadWitness, match=setting) as refused:
        read(settings, home)
    assert why in str(refused.value)
    (check,) = checks(settings, home, 0)
    assert check.result == "bad"
    assert why in check.text
