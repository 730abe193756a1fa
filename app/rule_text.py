"""A rule of a pack as the TOML that a person reads and edits."""

from collections.abc import Iterator
from typing import Any

import msgspec

from app.toml_text import toml_value
from components.intent_firewall import Match, Rule


def rule_text(rule: Rule) -> str:
    """A rule as it stands in a pack."""
    lines = ["[[rule]]"]
    lines += [
        f"{name} = {toml_value(getattr(rule, name))}"
        for name in ("id", "severity", "effect", "reason")
    ]
    lines += match_lines(rule.match)
    lines += [f"for = {toml_value(rule.examples)}", f"against = {toml_value(rule.counterexamples)}"]
    return "\n".join(lines) + "\n"


def match_lines(match: Match) -> list[str]:
    """What a rule matches, a line for each thing that must hold."""
    return [f"match.{name} = {toml_value(value)}" for name, value in _set(match)]


def _set(struct: msgspec.Struct) -> Iterator[tuple[str, Any]]:
    """The fields that are not as they are by default, those of inner structs by dotted names."""
    usual = type(struct)(over=0.0) if "over" in struct.__struct_fields__ else type(struct)()
    for name, told in zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True):
        value = getattr(struct, name)
        if isinstance(value, msgspec.Struct):
            yield from ((f"{told}.{inner}", item) for inner, item in _set(value))
        elif name == "over" or value != getattr(usual, name):
            yield told, value
