"""What people type all day passes, in three shells."""

from pathlib import Path

import pytest

from components.actions import Action
from components.intent_firewall import Firewall

_FILE = Path(__file__).with_name("ordinary_commands.txt")


def ordinary() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    tool = ""
    for line in _FILE.read_text("utf-8").splitlines():
        if line.startswith("[") and line.endswith("]") and " " not in line:
            tool = line[1:-1]
        elif line and not line.startswith("#"):
            found.append((tool, line.replace("\\n", "\n")))
    return found


@pytest.mark.parametrize(("tool", "command"), ordinary())
def test_an_ordinary_command_passes(firewall: Firewall, tool: str, command: str) -> None:
    safety = firewall.validate(Action(tool=tool, arguments={"command": command}))
    asking = [one.rule for one in safety.reasons if one.effect != "flag"]
    assert asking == []


def test_there_are_enough_of_them() -> None:
    tools = [tool for tool, _ in ordinary()]
    assert all(tools.count(tool) >= 30 for tool in ("bash", "powershell", "command_prompt"))
