"""Rules about several programs of one script."""

import pytest

from components.actions import Action
from components.intent_firewall import BadPack, Firewall, builtin_packs, parse_pack

PACK = """\
[pack]
name = "mine"

[[rule]]
id = "my.rule"
reason = "Because"
match.shell.program = {programs}
match.shell.words = '^-[a-z]'
match.shell.together = {together}
for = ["who -a; last -x"]
against = ["who -a"]
"""


def rules(command: str, programs: str = '["who", "last", "w"]', together: int = 2) -> list[str]:
    pack = parse_pack(PACK.format(programs=programs, together=together), "mine.toml")
    action = Action(tool="bash", arguments={"command": command})
    return [one.rule for one in Firewall([pack]).validate(action).reasons]


@pytest.mark.parametrize(
    "command",
    ["who -a; last -x", "who -a | sort; echo x; w -h", "sudo who -a && bash -c 'last -x'"],
)
def test_different_programs_of_one_script_are_counted_together(command: str) -> None:
    assert rules(command) == ["my.rule"]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("who -a; who -b; who -c", "the same program over and over is one"),
        ("who -a; last", "all the rest of the rule must hold of each"),
        ("who -a", "one is not enough"),
        ("echo 'who -a; last -x'", "a text is not run"),
        ("", "nothing"),
    ],
)
def test_what_is_not_enough(command: str, why: str) -> None:
    assert rules(command) == [], why


def test_the_place_is_the_first_of_them() -> None:
    pack = parse_pack(PACK.format(programs='["who", "last"]', together=2), "mine.toml")
    action = Action(tool="bash", arguments={"command": "date; who -a; last -x"})
    (reason,) = Firewall([pack]).validate(action).reasons
    assert reason.excerpt == "who -a"


@pytest.mark.parametrize(
    ("programs", "together"),
    [('["wh*", "last"]', 2), ('["who", "last"]', 3), ('["who", "last"]', 1), ('["who"]', -1)],
)
def test_what_cannot_be_counted_is_refused(programs: str, together: int) -> None:
    with pytest.raises(BadPack, match="together"):
        parse_pack(PACK.format(programs=programs, together=together), "mine.toml")


@pytest.mark.parametrize(
    ("tool", "command"),
    [
        ("bash", "hostname; uname -a; ifconfig; netstat -rn"),
        ("command_prompt", "systeminfo & ipconfig /all & tasklist /v"),
        ("powershell", "Get-Process; Get-LocalUser; Get-NetRoute"),
    ],
)
def test_a_survey_of_the_machine_is_asked_about(tool: str, command: str) -> None:
    found = Firewall(builtin_packs()).validate(Action(tool=tool, arguments={"command": command}))
    assert "recon.survey" in [one.rule for one in found.reasons]
