"""Rule packs from TOML files: strict, and refused whole with the file, the line and the key."""

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import re2

from components.actions import Action, ContextPiece
from components.intent_firewall.rules import Example, Match, Rule, RulePack

MAX_PACK_BYTES = 4 << 20

_FOLDER = Path(__file__).parent / "packs"
_ID = re.compile(r"^[a-z0-9]+(?:[.-][a-z0-9]+)*$")
_TOML_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_RULE_PATH = re.compile(r"\$\.rule\[(\d+)\]")
_UNKNOWN = re.compile(r"unknown field `([^`]+)`")
_MISSING = re.compile(r"missing required field `([^`]+)`")
_ANY_RULE = Rule(id="any", reason="any", match=Match())
_ACTION_KEYS = frozenset({"tool", "arguments", "request", "narrative", "context", "agent"})


class BadPack(ValueError):  # noqa: N818 - what it is called wherever packs are spoken of
    """A pack is refused: `file`, `line` (from 1; 0 where unknown) and `key` say where, and why."""

    def __init__(self, file: str, line: int, key: str, why: str) -> None:
        super().__init__(f"{file}:{line}: {key}: {why}")
        self.file = file
        self.line = line
        self.key = key
        self.why = why


def builtin_packs() -> tuple[RulePack, ...]:
    """The packs that ship with the program: default, coding agent, office agent, bank agent."""
    names = ("default", "coding_agent", "office_agent", "bank_agent")
    return tuple(load_pack(_FOLDER / f"{name}.toml") for name in names)


def builtin_pack_files() -> tuple[Path, ...]:
    """The files of the packs that ship with the program."""
    return tuple(sorted(_FOLDER.glob("*.toml")))


def load_pack(path: Path) -> RulePack:
    """Read a pack, or raise `BadPack`. Nothing of a bad pack is kept."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadPack(str(path), 0, "file", error.strerror or str(error)) from None
    if len(raw) > MAX_PACK_BYTES:
        raise BadPack(str(path), 0, "file", f"larger than {MAX_PACK_BYTES} bytes")
    try:
        return parse_pack(raw.decode(), str(path))
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise BadPack(str(path), line, "file", "not UTF-8") from None


def parse_pack(text: str, file: str) -> RulePack:
    """The pack that a TOML text describes; `file` is named in a refusal."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _TOML_LINE.search(str(error))
        line = int(found.group(1)) if found else text.count("\n") + 1
        raise BadPack(file, line, _key_at(text, line), f"not TOML: {error}") from None
    try:
        pack = msgspec.convert(data, RulePack, strict=True)
    except msgspec.ValidationError as error:
        raise _located(text, file, str(error)) from None
    seen: set[str] = set()
    for index, rule in enumerate(pack.rules):
        if problem := rule_problem(rule, seen):
            key, why = problem
            raise BadPack(file, _line_of(text, index, key), f"rule.{rule.id}.{key}", why)
        seen.add(rule.id)
    return pack


def rule_problem(rule: Rule, seen: set[str]) -> tuple[str, str] | None:
    """The key and the reason why a well-formed rule cannot be used; None where it can."""
    match = rule.match
    if not _ID.match(rule.id):
        return "id", "use lower-case words joined by dots and dashes"
    if rule.id in seen:
        return "id", "this id is used twice"
    if not rule.reason.strip():
        return "reason", "a person reads this; it must not be empty"
    given = [name for name in _MATCHERS if getattr(match, name) is not None]
    given += ["literal"] if match.literal or match.regex else []
    if len(given) > 1:
        return "match", f"one matcher a rule, not {' and '.join(given)}"
    if not given and not match.tool:
        return "match", "nothing to match by"
    if match.regex and not any(len(one.strip()) >= _SHORTEST for one in match.literal):
        return "match.regex", "needs `literal`: words one of which must stand in the text"
    if any(not one.strip() for one in match.literal):
        return "match.literal", "an empty literal matches everything"
    for key, pattern in _regexes(match):
        if why := _bad_regex(pattern):
            return key, why
    if not rule.examples or not rule.counterexamples:
        return "for" if not rule.examples else "against", "give at least one example"
    for key, examples in (("for", rule.examples), ("against", rule.counterexamples)):
        for example in examples:
            if isinstance(example, dict) and (why := _bad_example(example)):
                return key, why
    return None


_MATCHERS = ("shell", "sql", "path", "host", "amount")
_SHORTEST = 2


def _regexes(match: Match) -> list[tuple[str, str]]:
    found = [("match.regex", match.regex), ("match.unless", match.unless)]
    if match.shell is not None:
        for name in ("words", "operand", "redirect", "unless"):
            found.append((f"match.shell.{name}", getattr(match.shell, name)))
    if match.sql is not None:
        found.append(("match.sql.words", match.sql.words))
    return [(key, pattern) for key, pattern in found if pattern]


def _bad_regex(pattern: str) -> str:
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error as error:
        detail = error.args[0] if error.args else ""
        return f"not RE2: {detail.decode() if isinstance(detail, bytes) else detail}"
    return ""


def _bad_example(example: dict[str, Any]) -> str:
    unknown = sorted(set(example) - _ACTION_KEYS)
    if unknown:
        return f"an example has no field {unknown[0]!r}"
    try:
        example_action(_ANY_RULE, example)
    except msgspec.ValidationError as error:
        return f"not an action: {error}"
    return ""


def example_action(rule: Rule, example: Example) -> Action:
    """The action that an example stands for; a bare text goes where the rule's matcher reads."""
    if isinstance(example, dict):
        context = example.get("context", [])
        pieces = [
            {"source": "example", "trusted": False, "text": one} if isinstance(one, str) else one
            for one in ([context] if isinstance(context, str) else context)
        ]
        fields = {"tool": "tool", **example, "context": pieces}
        return msgspec.convert(fields, Action, strict=True)
    scope = rule.match.fields[0] if rule.match.fields else "arguments"
    kind = rule.match.kind
    if kind == "tool" or scope == "tool":
        return Action(tool=example)
    if kind == "shell" or scope == "command":
        return Action(tool="shell", arguments={"command": example})
    if kind == "sql":
        return Action(tool="query", arguments={"sql": example})
    if kind == "path":
        return Action(tool="read_file", arguments={"path": example})
    if kind == "host":
        return Action(tool="http_get", arguments={"url": example})
    if scope == "request":
        return Action(tool="tool", request=example)
    if scope == "narrative":
        return Action(tool="tool", narrative=example)
    if scope == "context":
        return Action(tool="tool", context=(ContextPiece("example", False, example),))
    return Action(tool="tool", arguments={"text": example})


def _located(text: str, file: str, message: str) -> BadPack:
    why, _, place = message.partition(" - at `")
    place = place.rstrip("`")
    named = _UNKNOWN.search(why) or _MISSING.search(why)
    path = re.sub(r"\$\.(?:rule\[\d+\]\.?)?", "", place)
    path = re.sub(r"\[[\d.]*\]", "", path)
    key = ".".join(part for part in (path, named.group(1) if named else "") if part) or "pack"
    rule = _RULE_PATH.search(message)
    if rule is None:
        found = _find_key(text.splitlines(), 0, len(text.splitlines()), key)
        return BadPack(file, found or 1, key, why)
    return BadPack(file, _line_of(text, int(rule.group(1)), key), f"rule.{key}", why)


def _line_of(text: str, index: int, key: str) -> int:
    """The line of a key in the rule with this index, or where that rule begins."""
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines) if _HEAD.match(line)]
    if index >= len(heads):
        return 1
    end = heads[index + 1] if index + 1 < len(heads) else len(lines)
    return _find_key(lines, heads[index], end, key) or heads[index] + 1


_HEAD = re.compile(r"\s*\[\[\s*rule\s*\]\]")


def _find_key(lines: list[str], start: int, end: int, key: str) -> int | None:
    parts = key.split(".")
    for depth in range(len(parts)):
        wanted = re.compile(rf"(?:^|[\s.{{,\[]){re.escape(parts[-1 - depth])}\s*(?:=|\.|\])")
        for number in range(start, end):
            if wanted.search(lines[number]):
                return number + 1
    return None


def _key_at(text: str, line: int) -> str:
    lines = text.splitlines()
    found = re.match(r"\s*([\w.\"-]+)\s*=", lines[line - 1]) if 0 < line <= len(lines) else None
    return found.group(1) if found else "file"
