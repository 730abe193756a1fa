"""The house: who may import whom, how large rooms may be, what the tree may not say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [
    path
    for folder in ("app", "components", "storage", "widgets")
    for path in (ROOT / folder).rglob("*.py")
]


def test_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run(
        [str(linter), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_only_the_mqtt_intake_may_know_the_mqtt_client() -> None:
    users = [
        path
        for path in SOURCES
        if re.search(r"^\s*(import|from) aiomqtt", path.read_text(), re.MULTILINE)
    ]
    assert all(path == ROOT / "app/intake/mqtt.py" for path in users), users


def test_rooms_are_small() -> None:
    sizes = {path: len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert {path: size for path, size in sizes.items() if size > 400} == {}
    assert sorted(sizes.values())[len(sizes) // 2] < 150


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"])
def test_documents_name_only_files_that_exist(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    named = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    missing = [target for target in named if not (ROOT / target).exists()]
    assert missing == []


def test_the_map_names_every_package() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    packages = {path.parent.name for path in SOURCES if path.name == "__init__.py"}
    assert {name for name in packages if f"{name}/" not in text} == set()
