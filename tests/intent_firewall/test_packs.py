from pathlib import Path

import pytest

from components.intent_firewall import (
    BadPack,
    Firewall,
    Match,
    PackHead,
    Rule,
    RulePack,
    builtin_pack_files,
    builtin_packs,
    check_pack,
    load_pack,
)
from components.intent_firewall.loader import parse_pack

GOOD = """\
[pack]
name = "mine"

[[rule]]
id = "my.rule"
reason = "Because"
match.literal = ["forbidden"]
for = ["this is forbidden"]
against = ["this is not"]
"""


def test_every_rule_that_ships_holds_its_own_examples() -> None:
    wrong = {one.rule: one.wrong for pack in builtin_packs() for one in check_pack(pack)}
    assert {rule: lines for rule, lines in wrong.items() if lines} == {}


def test_the_packs_that_ship_go_together() -> None:
    names = [pack.pack.name for pack in builtin_packs()]
    assert names == ["default", "classes", "coding-agent", "office-agent", "bank-agent"]
    assert len(builtin_pack_files()) == len(names)
    assert all(len(pack.rules) >= 5 for pack in builtin_packs())
    Firewall(builtin_packs())  # raises where an id is used twice


def test_a_good_pack_is_read() -> None:
    pack = parse_pack(GOOD, "mine.toml")
    assert pack.rules[0].effect == "ask"
    assert [one.wrong for one in check_pack(pack)] == [()]


@pytest.mark.parametrize(
    ("old", "new", "line", "key"),
    [
        ('name = "mine"', 'name = "mine"\ncolour = "red"', 3, "pack.colour"),
        ("[pack]", "[pack", 1, "file"),
        ('reason = "Because"', 'reason = "Because', 6, "reason"),
        ('reason = "Because"', "", 4, "rule.reason"),
        ('reason = "Because"', 'reason = " "', 6, "rule.my.rule.reason"),
        ('id = "my.rule"', 'id = "My Rule"', 5, "rule.My Rule.id"),
        ('reason = "Because"', 'reason = "Because"\nseverity = "grave"', 7, "rule.severity"),
        ('reason = "Because"', 'reason = "Because"\neffect = "warn"', 7, "rule.effect"),
        ("match.literal", "match.litteral", 7, "rule.match.litteral"),
        ('["forbidden"]', '"forbidden"', 7, "rule.match.literal"),
        ('["forbidden"]', '[" "]', 7, "rule.my.rule.match.literal"),
        ('match.literal = ["forbidden"]', 'match.regex = "a+"', 7, "rule.my.rule.match.regex"),
        ('["forbidden"]', '["forbidden"]\nmatch.regex = "(a"', 8, "rule.my.rule.match.regex"),
        ('["forbidden"]', '["forbidden"]\nmatch.shell.program = ["rm"]', 7, "rule.my.rule.match"),
        ('["forbidden"]', '["forbidden"]\nmatch.unless = "(?=x)"', 8, "rule.my.rule.match.unless"),
        ('match.literal = ["forbidden"]', "match.intent = ['read']", 7, "rule.my.rule.match"),
        ('match.literal = ["forbidden"]', "match.amount.over = 'ten'", 7, "rule.match.amount.over"),
        ('match.literal = ["forbidden"]', "match.class.sign = []", 7, "rule.my.rule.match.class"),
        (
            'match.literal = ["forbidden"]',
            'match.class.sign = ["blind", "vague|tall"]',
            7,
            "rule.my.rule.match.class",
        ),
        (
            'match.literal = ["forbidden"]',
            'match.class.reach = ["moon"]',
            7,
            "rule.match.class.reach",
        ),
        ('for = ["this is forbidden"]', "", 4, "rule.my.rule.for"),
        ('["this is not"]', "[]", 9, "rule.my.rule.against"),
        ('["this is not"]', '[{ tol = "x" }]', 9, "rule.my.rule.against"),
        ('["this is not"]', "[{ tool = 7 }]", 9, "rule.my.rule.against"),
    ],
)
def test_a_bad_pack_is_refused_with_file_line_and_key(
    tmp_path: Path, old: str, new: str, line: int, key: str
) -> None:
    file = tmp_path / "bad.toml"
    assert old in GOOD
    file.write_text(GOOD.replace(old, new))
    with pytest.raises(BadPack) as refused:
        load_pack(file)
    error = refused.value
    assert (error.file, error.line, error.key) == (str(file), line, key)
    assert str(error).startswith(f"{file}:{line}: {key}: ")


def test_the_line_is_that_of_the_right_rule() -> None:
    second = GOOD[GOOD.index("[[rule]]") :].replace("my.rule", "my.other")
    with pytest.raises(BadPack) as refused:
        parse_pack(GOOD + second.replace("forbidden", " "), "x")
    assert (refused.value.line, refused.value.key) == (13, "rule.my.other.match.literal")


def test_an_id_used_twice_is_refused() -> None:
    again = GOOD[GOOD.index("[[rule]]") :]
    with pytest.raises(BadPack, match="used twice"):
        parse_pack(GOOD + again, "x")
    rule = Rule(id="a", reason="r", match=Match(literal=("x",)))
    pack = RulePack(pack=PackHead("p"), rules=(rule,))
    with pytest.raises(ValueError, match="same id: a"):
        Firewall([pack, pack])


@pytest.mark.parametrize(
    "raw", [b"\xff\xfe", b"\x00", b"[pack]\nname = 'a'\x01", b"a=" + b"[" * 9999]
)
def test_any_bytes_are_refused_and_never_crash(tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "bad.toml"
    file.write_bytes(raw)
    with pytest.raises(BadPack):
        load_pack(file)


def test_a_missing_file_is_a_bad_pack(tmp_path: Path) -> None:
    with pytest.raises(BadPack, match="No such file"):
        load_pack(tmp_path / "none.toml")
