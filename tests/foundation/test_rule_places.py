"""A refusal names the line that somebody has to look at."""

import pytest

from components.rule_places import rule_line, top_line

TEXT = '''\
name = "own"
# window = 9
["limits"]
"window" = 3

[[rule]]
id = "first"
text = """
severity = low
[[rule]]
"""
severity = "low"

[[ "rule" ]]
id = "second"
match.shell.together = ["a", "b"]
[rule.match.paths]
globs = ["x = 1"]

[[rule]]
id = "third"
match = { kind = "text", literal = ["id = 5"], 'regex' = "(" }
'''


@pytest.mark.parametrize(
    ("index", "key", "line"),
    [
        (0, "id", 7), (0, "severity", 12), (0, "effect", 6),
        (1, "id", 15), (1, "match.shell.together", 16), (1, "match.shell", 16),
        (1, "match.paths.globs", 18), (1, "match.paths", 17), (1, "match.paths.absent", 17),
        (2, "match.regex", 22), (2, "match.kind", 22), (2, "match.absent", 22), (2, "", 20),
        (9, "id", 6),
    ],
)  # fmt: skip
def test_the_line_of_a_key_in_a_rule(index: int, key: str, line: int) -> None:
    assert rule_line(TEXT, index, key) == line


@pytest.mark.parametrize(
    ("key", "line"), [("name", 1), ("limits.window", 4), ("limits", 3), ("absent", 1)]
)
def test_the_line_of_a_key_in_no_rule(key: str, line: int) -> None:
    assert top_line(TEXT, key) == line


def test_rules_in_one_list_are_found_by_its_name() -> None:
    assert rule_line('version = 1\nrule = [{ id = "a" }]\n', 0, "id") == 2
