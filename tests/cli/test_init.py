"""The settings file that `assent init` writes tells of every key there is."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from app.cli import main
from app.settings import Settings
from components.hitl import Policies, load_policies

_KEY = re.compile(r"^# ([a-z_]+ = .*|\[[a-z_.]+\].*)$", re.MULTILINE)


def keys(of: Struct, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every key below a struct of settings, with its default."""
    for name in of.__struct_fields__:
        value = getattr(of, name)
        if path == "" and name == "hitl":
            value = Policies()
        if isinstance(value, Struct):
            yield from keys(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The template with every key uncommented."""
    monkeypatch.setenv("ASSENT_HOME", str(tmp_path))
    assert main(["init"]) == 0
    text = (tmp_path / "assent.toml").read_text()
    assert msgspec.convert(tomllib.loads(text), Settings) == Settings(
        hitl=tomllib.loads(text)["hitl"]
    )
    return tomllib.loads(_KEY.sub(r"\1", text))


def test_every_key_of_the_settings_is_in_it(template: dict[str, Any]) -> None:
    for path, _ in keys(Settings()):
        place: Any = template
        for name in path.split("."):
            assert name in place, path
            place = place[name]


def test_what_it_says_is_valid_and_the_default_unless_it_says_such_as(
    template: dict[str, Any],
) -> None:
    settings = msgspec.convert(template, Settings)
    load_policies(settings.hitl)
    such_as = {"node.name", "node.workspace", "firewall.packs", "alerts.rules", "mqtt.url",
        "mqtt.witnesses", "mqtt.witness_of",
    }  # fmt: skip
    for path, default in keys(Settings()):
        place: Any = template
        for name in path.split("."):
            place = place[name]
        assert path in such_as or place == default, path
