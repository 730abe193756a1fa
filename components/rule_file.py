"""Files of rules in TOML: read strictly, and refused with the file, the line and the key."""

import re
import tomllib
from pathlib import Path
from typing import Any

_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_KEY_LINE = re.compile(r"\s*[\"']?([\w.-]+)[\"']?\s*=")


class BadFile(ValueError):  # noqa: N818 - its kinds are called BadPack and BadRules
    """A file is refused: `file`, `line` (from 1; 0 where unknown) and `key` say where, and why."""

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


def read_text(path: Path, most: int, refused: type[BadFile]) -> str:
    """The text of a file of at most so many bytes, or a refusal."""
    file = str(path)
    try:
        with path.open("rb") as source:
            raw = source.read(most + 1)
    except OSError as error:
        raise refused(file, 0, "file", error.strerror or str(error)) from None
    if len(raw) > most:
        raise refused(file, 0, "file", f"larger than {most:,} bytes")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise refused(file, line, "file", "not UTF-8") from None


def parse_toml(text: str, file: str, refused: type[BadFile]) -> dict[str, Any]:
    """What a TOML text says, or a refusal that names `file`."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise refused(file, line, _key_at(text, line), f"not TOML: {error}") from None


def _key_at(text: str, line: int) -> str:
    """The key that a line gives a value to; `file` where it gives none."""
    lines = text.splitlines()
    found = _KEY_LINE.match(lines[line - 1]) if 0 < line <= len(lines) else None
    return found[1] if found else "file"
