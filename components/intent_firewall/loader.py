"""Rule packs from TOML files: strict, and refused whole with the file, the line and the key."""

import re
from pathlib import Path

import msgspec

from components.intent_firewall.rules import RulePack
from components.intent_firewall.vetting import rule_problem
from components.rule_file import BadFile, parse_toml, read_text
from components.rule_places import rule_line, top_line

MAX_PACK_BYTES = 4 << 20

_FOLDER = Path(__file__).parent / "packs"
_RULE_PATH = re.compile(r"\$\.rule\[(\d+)\]")
_UNKNOWN = re.compile(r"unknown field `([^`]+)`")
_MISSING = re.compile(r"missing required field `([^`]+)`")


class BadPack(BadFile):
    """A pack is refused."""


def builtin_packs() -> tuple[RulePack, ...]:
    """The packs that ship with the program: default, the class policy, and one a trade."""
    names = ("default", "classes", "coding_agent", "office_agent", "bank_agent")
    return tuple(load_pack(_FOLDER / f"{name}.toml") for name in names)


def builtin_pack_files() -> tuple[Path, ...]:
    """The files of the packs that ship with the program."""
    return tuple(sorted(_FOLDER.glob("*.toml")))


def load_pack(path: Path) -> RulePack:
    """Read a pack, or raise `BadPack`. Nothing of a bad pack is kept."""
    return parse_pack(read_text(path, MAX_PACK_BYTES, BadPack), str(path))


def parse_pack(text: str, file: str) -> RulePack:
    """The pack that a TOML text describes; `file` is named in a refusal."""
    data = parse_toml(text, file, BadPack)
    try:
        pack = msgspec.convert(data, RulePack, strict=True)
    except msgspec.ValidationError as error:
        raise _located(text, file, str(error)) from None
    seen: set[str] = set()
    for index, rule in enumerate(pack.rules):
        if problem := rule_problem(rule, seen):
            key, why = problem
            raise BadPack(file, rule_line(text, index, key), f"rule.{rule.id}.{key}", why)
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
        return BadPack(file, top_line(text, key), key, why)
    return BadPack(file, rule_line(text, int(rule.group(1)), key), f"rule.{key}", why)
