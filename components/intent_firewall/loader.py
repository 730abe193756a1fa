"""Rule packs from TOML files: strict, and refused whole with the file, the line and the key."""

import re
import tomllib
from pathlib import Path

import msgspec

from components.intent_firewall.rules import RulePack
from components.intent_firewall.vetting import rule_problem

MAX_PACK_BYTES = 4 << 20

_FOLDER = Path(__file__).parent / "packs"
_TOML_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_RULE_PATH = re.compile(r"\$\.rule\[(\d+)\]")
_UNKNOWN = re.compile(r"unknown field `([^`]+)`")
_MISSING = re.compile(r"missing required field `([^`]+)`")


class BadPack(ValueError):  # noqa: N818 - what it is called wherever packs are spoken of
    """A pack is refused: `file`, `line` (from 1; 0 where unknown) and `key` say where, and why."""

    def __init__(self, file: str, line: int, key: str, why: str) -> None:
        super().__init__(f"{file}:{line}: {key}: {why}")
        self.file = file
        self.line = line
        self.key = key
        self.why = why

    @property
    def told(self) -> str:
        """The same for a person, without a line that is unknown."""
        place = f"{self.file}:{self.line}: {self.key}" if self.line else self.file
        return f"{place}: {self.why}"


def builtin_packs() -> tuple[RulePack, ...]:
    """The packs that ship with the program: default, the class policy, and one a trade."""
    names = ("default", "classes", "coding_agent", "office_agent", "bank_agent")
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
