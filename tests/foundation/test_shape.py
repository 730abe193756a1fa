"""The similarity key: what it keeps, and that no text makes it slow."""

import pytest

from components.actions import Action
from components.shape import shape


@pytest.mark.parametrize(
    ("command", "programs"),
    [
        ("tar cf a b | gzip", "gzip|tar"),
        ("sudo ls && cat x; wc $(which y)", "cat|ls|wc|which"),
        ("\n  \n make\n\ttest -f x", "make|test"),
        ("ls;\n\n  ps", "ls|ps"),
        ("", ""),
    ],
)
def test_the_programs_of_a_command_are_its_key(command: str, programs: str) -> None:
    assert shape(Action(tool="sh", arguments={"command": command})) == f"sh(command={programs})"


@pytest.mark.parametrize("text", ["\n", ";", " ", "; ", "sudo ", "$(", "\n ", "|\t"])
def test_no_repeated_text_takes_longer_than_its_length(text: str) -> None:
    """Within the time that a test has: a key that grows with the square would take hours."""
    long = text * (200_000 // len(text)) + "!"
    assert shape(Action(tool="sh", arguments={"code": long})).startswith("sh(code=")
