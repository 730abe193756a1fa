"""Where in a TOML text of rules something stands, so that a refusal can name the line."""

import re

_HEAD = re.compile(r"\s*\[\[\s*[\"']?rule[\"']?\s*\]\]")
_BLOCK = re.compile(r'"""(?:[^\\]|\\.)*?"""|' + r"'''.*?'''", re.DOTALL)


def rule_line(text: str, index: int, key: str) -> int:
    """The line of a dotted key in the rule with this index, or where that rule begins; from 1."""
    lines = _plain_lines(text)
    heads = [number for number, line in enumerate(lines) if _HEAD.match(line)]
    if index >= len(heads):
        return _line(lines, 0, len(lines), "rule") or 1
    end = heads[index + 1] if index + 1 < len(heads) else len(lines)
    return _line(lines, heads[index] + 1, end, key) or heads[index] + 1


def top_line(text: str, key: str) -> int:
    """The line of a dotted key that is in no rule, or 1."""
    lines = _plain_lines(text)
    return _line(lines, 0, len(lines), key) or 1


def _line(lines: list[str], start: int, end: int, key: str) -> int | None:
    """The first line that names the last part of a key, else the part before that, and so on."""
    for part in reversed(key.split(".")):
        word = rf"[\"']?{re.escape(part)}[\"']?\s*"
        given = rf"\s*(?:[\w.\"'-]+\.)?{word}[=.]"
        named = re.compile(rf"{given}|\s*\[[^]]*\b{word}\]|.*[{{,]\s*{word}[=.]")
        for number in range(start, end):
            if named.match(lines[number]):
                return number + 1
    return None


def _plain_lines(text: str) -> list[str]:
    """The lines, with strings of several lines emptied: what they hold only looks like TOML."""
    return _BLOCK.sub(lambda found: '""' + "\n" * found[0].count("\n"), text).splitlines()
