"""Alert rules from TOML files: strict, and refused whole with the file, the line and the key."""

import re
from collections import Counter
from pathlib import Path

import msgspec

from components.monitor.alerting.globs import matcher
from components.monitor.alerting.rules import Rule, RuleFile
from components.monitor.alerting.vetting import cycle, rule_problem
from components.rule_file import BadFile, parse_toml, read_text
from components.rule_places import rule_line, top_line

MAX_BYTES = 256 << 10
MAX_RULES = 500

DEFAULT = Path(__file__).with_name("default.toml")
"""The rules that ship with the program; its head explains every key."""

_PLACE = re.compile(r"\$(?:\.rule\[(\d+)\])?\.?(\w*)")
_NAMED = re.compile(r"(?:unknown|missing required) field `([^`]+)`")


class BadRules(BadFile):
    """A rule file is refused."""


def builtin_rules() -> RuleFile:
    """The rules that ship with the program."""
    return load_rules(DEFAULT)


def load_rules(path: Path) -> RuleFile:
    """Read a rule file, or raise `BadRules`. Nothing of a bad file is kept."""
    return parse_rules(read_text(path, MAX_BYTES, BadRules), str(path))


def parse_rules(text: str, file: str) -> RuleFile:
    """The rules that a TOML text describes; `file` is named in a refusal."""
    data = parse_toml(text, file, BadRules)
    try:
        parsed = msgspec.convert(data, RuleFile, strict=True)
    except msgspec.ValidationError as error:
        raise _located(text, file, str(error)) from None
    _vet(parsed, text, file)
    return parsed


def merge_rules(*files: RuleFile) -> RuleFile:
    """The rules of several files: a later one replaces a rule that has the same id.

    Rules that any file's `off` names are left out. Raises `BadRules` where the rules together
    inhibit one another in a circle.
    """
    rules = {rule.id: rule for file in files for rule in file.rules}
    off = tuple(glob for file in files for glob in file.off)
    found = matcher(off)
    merged = tuple(rule for rule in rules.values() if not found(rule.id))
    if circle := cycle(merged):
        raise BadRules("alert rules", 0, f"rule.{circle[0]}.inhibits", _round(circle))
    return RuleFile(merged)


def _vet(parsed: RuleFile, text: str, file: str) -> None:
    if len(parsed.rules) > MAX_RULES:
        raise BadRules(file, rule_line(text, MAX_RULES, ""), "rule", f"more than {MAX_RULES} rules")
    times = Counter[str]()
    for index, rule in enumerate(parsed.rules):
        times[rule.id] += 1
        problem = ("id", "this id is used twice") if times[rule.id] > 1 else rule_problem(rule)
        if problem:
            raise _in_rule(text, file, index, rule, *problem)
    if circle := cycle(parsed.rules):
        index = next(n for n, rule in enumerate(parsed.rules) if rule.id == circle[0])
        raise _in_rule(text, file, index, parsed.rules[index], "inhibits", _round(circle))


def _in_rule(text: str, file: str, index: int, rule: Rule, key: str, why: str) -> BadRules:
    return BadRules(file, rule_line(text, index, key), f"rule.{rule.id}.{key}", why)


def _round(circle: tuple[str, ...]) -> str:
    return f"rules inhibit one another in a circle: {', '.join(circle)}"


def _located(text: str, file: str, message: str) -> BadRules:
    """The refusal for what the schema says is wrong."""
    why, _, place = message.partition(" - at `")
    named = _NAMED.search(why)
    found = _PLACE.match(place or "$")
    index, key = (found[1], found[2]) if found else (None, "")
    key = named[1] if named else key or "rule"
    if index is None:
        return BadRules(file, top_line(text, key), key, why)
    return BadRules(file, rule_line(text, int(index), key), f"rule.{key}", why)
