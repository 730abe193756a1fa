"""The file of learned rules: added to without losing a word, exchanged whole or not at all."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.node.learned_pack import CannotLearn, with_rule
from app.rule_text import rule_text
from app.toml_text import toml_value
from components.evolution_core.learned import PACK
from components.intent_firewall import (
    AmountMatch,
    Match,
    PathMatch,
    Rule,
    RulePack,
    ShellMatch,
    check_rule,
    load_pack,
    parse_pack,
)

_SCALARS = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
)
_NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(_NAMES, _VALUES, max_size=4))
def test_what_is_written_as_toml_reads_the_same_and_shows_itself(value: dict[str, Any]) -> None:
    text = toml_value(value)
    assert tomllib.loads(f"x = {text}")["x"] == value
    assert text.isprintable()


def rule(name: str = "learned.query-1", **match: Any) -> Rule:
    return Rule(
        id=name,
        reason='People said "no"',
        match=Match(tool=("query",), **match),
        severity="high",
        effect="block",
        examples=({"tool": "query", "arguments": {"sql": "DROP TABLE 'a'\n\u202e"}},),
        counterexamples=("other",),
    )


@pytest.mark.parametrize(
    "match",
    [
        {},
        {"shell": ShellMatch(program=("rm",), flags=("r",), words=r"(^|\s)x(\s|$)", fetched=True)},
        {"path": PathMatch(like=("**/a'b/**",), access=("write",))},
        {"amount": AmountMatch(over=0.0, names=("sum",))},
        {"literal": ("@x.example",), "regex": r"@x\.example$", "argument": ("to",)},
    ],
)
def test_a_rule_is_written_as_it_is(match: dict[str, Any]) -> None:
    head = f"[pack]\nname = {toml_value(PACK.name)}\n\n"
    assert parse_pack(head + rule_text(rule(**match)), "x").rules == (rule(**match),)


def test_rules_are_added_beside_what_people_wrote(tmp_path: Path) -> None:
    path = tmp_path / "rules" / "learned.toml"
    with_rule(path, rule()).place()
    edited = path.read_text().replace('effect = "block"', 'effect = "ask"  # for now')
    path.write_text(edited + "\n# the end\n")
    with_rule(path, rule("learned.query-2")).place()
    text = path.read_text()
    assert "# for now" in text
    assert "# the end" in text
    pack = load_pack(path)
    assert [(one.id, one.effect) for one in pack.rules] == [
        ("learned.query-1", "ask"),
        ("learned.query-2", "block"),
    ]
    assert not check_rule(RulePack(PACK), pack.rules[1]).wrong
    assert [one.name for one in path.parent.iterdir()] == ["learned.toml"]
    assert path.stat().st_mode & 0o077 == 0


def test_what_was_edited_meanwhile_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "rules" / "learned.toml"
    with_rule(path, rule()).place()
    written = with_rule(path, rule("learned.query-2"))
    path.write_text(path.read_text() + "# mine\n")
    with pytest.raises(CannotLearn, match="edited meanwhile"):
        written.place()
    assert path.read_text().endswith("# mine\n")
    assert [one.name for one in path.parent.iterdir()] == ["learned.toml"]


def test_nothing_is_written_twice_over_a_broken_file_or_into_no_folder(tmp_path: Path) -> None:
    path = tmp_path / "rules" / "learned.toml"
    with_rule(path, rule()).place()
    with pytest.raises(CannotLearn, match="already"):
        with_rule(path, rule())
    path.write_text("nonsense")
    with pytest.raises(CannotLearn, match="not TOML"):
        with_rule(path, rule("learned.query-2"))
    assert path.read_text() == "nonsense"
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotLearn, match="cannot be written"):
        with_rule(tmp_path / "file" / "learned.toml", rule())
    assert [one.name for one in path.parent.iterdir()] == ["learned.toml"]


def test_a_written_rule_that_is_dropped_leaves_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "rules" / "learned.toml"
    with_rule(path, rule()).drop()
    assert list(path.parent.iterdir()) == []
