"""Rule files: what is refused, with file, line and key; what is merged."""

from pathlib import Path

import msgspec
import pytest

from components.monitor.alerting import (
    DEFAULT,
    AlertBook,
    BadRules,
    Rule,
    RuleFile,
    builtin_rules,
    load_rules,
    merge_rules,
    parse_rules,
)
from components.monitor.alerting.loader import MAX_BYTES
from tests.monitor.alerting.world import World, rule

GOOD = """\
# a file
[[rule]]
id = "first"
series = "a.b.p99"
above = 1
severity = "low"
text = "{value}"

[[rule]]
id = "second"
series = ["a.*", "b.*"]
below = 2.5
severity = "high"
text = "{value}"
"""


def changed(line: int, text: str) -> str:
    """The good file with another line in place of one."""
    lines = GOOD.splitlines()
    lines[line - 1] = text
    return "\n".join(lines)


BROKEN = [
    ("not TOML", changed(5, "above = = 1"), 5, "above"),
    ("unclosed", changed(7, 'text = "'), 7, "text"),
    ("twice a key", changed(6, "above = 2"), 6, "above"),
    ("unknown key", changed(5, "above = 1\ncolour = 3"), 6, "rule.colour"),
    ("unknown key at the top", "colour = 3\n" + GOOD, 1, "colour"),
    ("missing key", changed(6, ""), 2, "rule.severity"),
    ("missing id", changed(10, ""), 9, "rule.id"),
    ("no severity", changed(13, 'severity = "grave"'), 13, "rule.severity"),
    ("a text for a number", changed(12, 'below = "2.5"'), 12, "rule.below"),
    ("a bool for a number", changed(12, "below = true"), 12, "rule.below"),
    ("a number for a list", changed(11, "series = 3"), 11, "rule.series"),
    ("a number in a list", changed(11, 'series = ["a", 3]'), 11, "rule.series"),
    ("no series", changed(11, "series = []"), 11, "rule.series"),
    ("an empty glob", changed(4, 'series = ""'), 4, "rule.series"),
    ("capitals", changed(4, 'series = "A.b"'), 4, "rule.first.series"),
    ("odd exception", changed(4, 'series = "a"\nexcept = ["b c"]'), 5, "rule.first.except"),
    ("no limit", changed(5, ""), 2, "rule.first.above"),
    ("two limits", changed(5, "above = 1\nbelow = 0"), 6, "rule.first.below"),
    ("not a number", changed(5, "above = nan"), 5, "rule.above"),
    ("infinite", changed(5, "above = inf"), 5, "rule.above"),
    ("too large", changed(5, "above = 1e13"), 5, "rule.above"),
    ("a ratio of nothing", changed(5, 'above = 0\ncompare = "baseline"'), 5, "rule.first.above"),
    ("odd comparison", changed(5, 'above = 1\ncompare = "mean"'), 6, "rule.compare"),
    ("odd window", changed(5, 'above = 1\nwindow = "2m"'), 6, "rule.window"),
    ("no samples", changed(5, "above = 1\nmin_samples = 0"), 6, "rule.min_samples"),
    ("half a sample", changed(5, "above = 1\nmin_samples = 1.5"), 6, "rule.min_samples"),
    ("certain of no share", changed(5, "above = 1\ncertain = true"), 6, "rule.first.certain"),
    ("no duration", changed(5, 'above = 1\nfor = "soon"'), 6, "rule.first.for"),
    ("a bare number", changed(5, "above = 1\nfor = 30"), 6, "rule.for"),
    ("too long", changed(5, 'above = 1\nkeep_firing_for = "25h"'), 6, "rule.first.keep_firing_for"),
    ("odd id", changed(10, 'id = "Second!"'), 10, "rule.Second!.id"),
    ("the same id", changed(10, 'id = "first"'), 10, "rule.first.id"),
    ("odd place", changed(14, 'text = "{secret}"'), 14, "rule.second.text"),
    ("no text", changed(14, 'text = ""'), 14, "rule.text"),
    ("odd scope", changed(5, 'above = 1\ninhibits_scope = "some"'), 6, "rule.inhibits_scope"),
    ("odd absence", changed(5, 'above = 1\nabsent = "maybe"'), 6, "rule.absent"),
    ("not on or off", changed(5, 'above = 1\nenabled = "no"'), 6, "rule.enabled"),
    ("a rule that is no table", "rule = 3", 1, "rule"),
    ("rules in a line", 'rule = [{id = "a"}]', 1, "rule.series"),
    ("a fake head in a text",
     changed(7, "text = '''\n[[rule]]\n[[rule]]'''").replace("2.5", "true"), 14, "rule.below"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "key"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_a_broken_file_is_refused_with_file_line_and_key(
    tmp_path: Path, text: str, line: int, key: str
) -> None:
    file = tmp_path / "alerts.toml"
    file.write_text(text)
    with pytest.raises(BadRules) as refused:
        load_rules(file)
    found = refused.value
    assert (found.file, found.line, found.key) == (str(file), line, key)
    assert found.why
    assert str(found) == f"{file}:{line}: {key}: {found.why}"


def test_the_good_file_is_good() -> None:
    assert [one.id for one in parse_rules(GOOD, "x").rules] == ["first", "second"]
    assert parse_rules("", "x") == RuleFile()


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadRules, match="No such file"):
        load_rules(tmp_path / "none.toml")
    file = tmp_path / "alerts.toml"
    file.write_bytes(b"# one\n# two \xff\n")
    with pytest.raises(BadRules, match=":2: file: not UTF-8"):
        load_rules(file)
    file.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(BadRules, match="larger than"):
        load_rules(file)
    with pytest.raises(BadRules):
        parse_rules("a = " + "[" * 5000, "deep")


def test_rules_in_a_circle_are_refused() -> None:
    text = changed(8, 'inhibits = ["sec*"]') + '\ninhibits = ["*"]\n'
    with pytest.raises(BadRules, match="circle") as refused:
        parse_rules(text, "x")
    assert refused.value.key in {"rule.first.inhibits", "rule.second.inhibits"}
    assert refused.value.line in {8, 15}


def test_a_circle_over_two_files_is_refused() -> None:
    one = RuleFile((rule("a", inhibits=("b",)),))
    other = RuleFile((rule("b", inhibits=("a",)),))
    with pytest.raises(BadRules, match="circle"):
        merge_rules(one, other)


def test_a_file_of_ones_own_replaces_adds_and_switches_off() -> None:
    own = parse_rules('off = ["throughput*", "second"]\n' + GOOD.replace("first", "p99"), "x")
    merged = {one.id: one for one in merge_rules(builtin_rules(), own).rules}
    assert merged["p99"].series == "a.b.p99"
    assert not {"second", "throughput", "throughput-parts"} & set(merged)
    assert "audit-frozen" in merged


def test_the_old_rules_stay_where_new_ones_are_refused() -> None:
    world = World(rule("old"))
    world.set("a", 1)
    world.look()
    with pytest.raises(BadRules):
        world.book.exchange(parse_rules("rule = 3", "x"))
    assert world.look() == []
    assert world.phases() == {"old a": "firing"}


def test_every_key_is_explained_at_the_head_of_the_shipped_file() -> None:
    head = DEFAULT.read_text().split("[[rule]]\nid", 1)[0]
    explained = {
        key.strip()
        for line in head.splitlines()
        if line.startswith("# ") and line[2:3].isalpha()
        for key in line[2:19].split(",")
    }
    fields = {one.encode_name for one in msgspec.structs.fields(Rule)}
    assert fields <= explained | {""}
    for word in ("{series}", "{operation}", "{value}", "{baseline}", "{ratio}", "{limit}"):
        assert word in head


def test_the_shipped_rules_load_and_work() -> None:
    rules = builtin_rules()
    assert AlertBook(World().clock, rules).evaluate(lambda _: {}) == ()
    assert merge_rules(rules) == RuleFile(rules.rules)
