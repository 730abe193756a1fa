"""Running what was downloaded: by the same script, or from an address the agent was given."""

import pytest

from components.actions import Action, ContextPiece
from components.intent_firewall import Firewall, builtin_packs
from components.intent_firewall.downloads import MAX_LINKS, linked_files


@pytest.fixture(scope="module")
def firewall() -> Firewall:
    return Firewall(builtin_packs())


def rules(firewall: Firewall, command: str, request: str = "", read: str = "") -> set[str]:
    context = (ContextPiece("web", False, read),) if read else ()
    action = Action(tool="shell", arguments={"command": command}, request=request, context=context)
    return {one.rule for one in firewall.validate(action).reasons}


RUN = "execute.downloaded-file"
PAGE = "It is said that https://fix.example/get/repair.sh?v=2 helps."


@pytest.mark.parametrize("command", ["bash repair.sh", "./repair.sh", "sudo sh /tmp/repair.sh -y"])
def test_an_address_given_to_the_agent_tells_what_is_run(firewall: Firewall, command: str) -> None:
    assert RUN in rules(firewall, command, request=PAGE)
    assert RUN in rules(firewall, command, request="Mend it", read=PAGE)
    assert RUN not in rules(firewall, command, request="Mend it")


@pytest.mark.parametrize("command", ["bash check.sh", "cat repair.sh", "ls -l repair.sh"])
def test_another_file_or_mere_looking_is_not(firewall: Firewall, command: str) -> None:
    assert RUN not in rules(firewall, command, request=PAGE)


def test_an_address_leads_to_a_file_where_its_path_ends_in_a_name_with_an_ending() -> None:
    texts = ["https://a.example/x/y.py, https://a.example/, https://a.example", "ftp://b.example/z"]
    assert linked_files(texts) == {"y.py"}


def test_only_so_many_addresses_are_kept() -> None:
    text = " ".join(f"https://a.example/{number}.sh" for number in range(10 * MAX_LINKS))
    assert len(linked_files([text])) == MAX_LINKS
