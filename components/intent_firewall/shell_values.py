"""What the words of a shell script are worth: quotes and escapes undone, variables put in."""

import re

from tree_sitter import Node

from components.intent_firewall.shell_filters import printed
from components.intent_firewall.shell_model import MAX_VALUE, Variables

SPLIT = "\x00"
"""Stands between the words of a value that a shell would split."""

_MAX_TOLD = 2048
_MAX_TELLING = 200
_MAX_DEPTH = 100

_ESCAPED = re.compile(r"\\(\n|.)", re.DOTALL)
_ESCAPED_IN_QUOTES = re.compile(r"\\([$`\"\\\n])")
_ANSI = re.compile(r"\\(?:x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|u([0-9A-Fa-f]{1,4})|(.))", re.DOTALL)
_ANSI_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "e": "\x1b", "a": "\a", "b": "\b"}
# Paths and keys of Windows, whose backslashes are no escapes.
_DRIVE = re.compile(r"[A-Za-z]:\\|%\w+%\\|HK(?:LM|CU|CR|CC|U|EY_\w+):?\\", re.IGNORECASE)
_LIST = re.compile(r"(?<!\$)\{([^{}\s'\"]*,[^{}\s'\"]*)\}")
_MAX_LISTED = 64
_JOINED = frozenset({"concatenation", "command_name"})
_SUBSTITUTIONS = frozenset({"command_substitution", "process_substitution"})
_PARAMETER = re.compile(
    r"\$\{(!?)([A-Za-z_]\w*|[@*0-9])(?:\[([@*]|\d{1,4})\])?([^$`]*)\}", re.DOTALL
)
_SLICE = re.compile(r":\s*(-?\d{1,5})\s*(?::\s*(-?\d{1,5})\s*)?")
_REPLACE = re.compile(r"(//?)([^/*?\[\]#%]+)/?([^/]*)", re.DOTALL)
_TRIM = re.compile(r"(##?|%%?)([^\[\]?]*)", re.DOTALL)
_OTHERWISE = re.compile(r":?([-=+])(.*)", re.DOTALL)
# The first letter of these is known on any machine, and is all that is asked of them at times.
_ROOTED = frozenset({"PATH", "HOME", "PWD", "SHELL", "OLDPWD"})


class Values:
    """The values in one script, which `source` holds in UTF-8. `variables` is kept up."""

    def __init__(self, script: str, source: bytes, variables: Variables) -> None:
        self._source = source
        self._script = script if script.isascii() else None
        self._variables = variables
        self._pending: list[Node] = []
        self._tellings = 0

    def text(self, node: Node) -> str:
        """A node as it is written."""
        return self._between(node.start_byte, node.end_byte)

    def _between(self, start: int, end: int) -> str:
        if self._script is not None:
            return self._script[start:end]
        return self._source[start:end].decode("utf-8", "replace")

    def begin(self) -> list[Node]:
        """Begin to collect substitutions; what is returned is for `end`."""
        outer, self._pending = self._pending, []
        return outer

    def end(self, outer: list[Node]) -> list[Node]:
        """The substitutions in the values since `begin`."""
        found, self._pending = self._pending, outer
        return found

    def words(self, node: Node) -> list[str]:
        """The words that a node becomes."""
        text = self.value(node, quoted=False)
        if text.isalnum():
            return [text]
        if "{" in text and node.type in _JOINED and _LIST.search(self.text(node)):
            text = SPLIT.join(listed(text))
        return [part for part in text.split(SPLIT) if part] if SPLIT in text else [text]

    def value(self, node: Node, *, quoted: bool) -> str:
        """The text that a node becomes, with `SPLIT` between its words where it is not quoted."""
        kind = node.type
        if kind == "word" or kind == "string_content":
            text = self.text(node)
            if "\\" not in text or _DRIVE.match(text):
                return text
            pattern = _ESCAPED_IN_QUOTES if kind == "string_content" else _ESCAPED
            return pattern.sub(lambda m: "" if m[1] == "\n" else m[1], text)
        if kind == "string":
            return self._joined(node, quoted=True)[1:-1]
        if kind == "raw_string":
            return self.text(node)[1:-1]
        if kind == "ansi_c_string":
            return _ANSI.sub(_ansi, self.text(node)[2:-1])
        if kind in {"concatenation", "command_name", "translated_string", "heredoc_body"}:
            return self._joined(node, quoted=quoted)
        if kind in {"simple_expansion", "expansion"}:
            return self._expansion(node, quoted)
        if kind in _SUBSTITUTIONS:
            return self._substitution(node, quoted)
        self._collect(node, 0)
        return self.text(node)

    def _joined(self, node: Node, *, quoted: bool) -> str:
        parts: list[str] = []
        end = node.start_byte
        for child in node.children:
            if child.start_byte > end:
                parts.append(self._between(end, child.start_byte))
            parts.append(self.value(child, quoted=quoted))
            end = child.end_byte
        if end < node.end_byte:
            parts.append(self._between(end, node.end_byte))
        return "".join(parts)

    def _expansion(self, node: Node, quoted: bool) -> str:
        text = self.text(node)
        value = expanded(text, self._variables)
        if value is not None:
            return value if quoted else self._split(value)
        self._collect(node, 0)
        return text

    def _split(self, value: str) -> str:
        """The words of a value that stands without quotes: `IFS` tells what is between them."""
        marks = (self._variables.used("IFS") or "").strip()
        return re.sub(rf"[{re.escape(marks)}\s]+", SPLIT, value)

    def _substitution(self, node: Node, quoted: bool) -> str:
        self._pending.append(node)
        value = self._told(node)
        if value is None:
            return self.text(node)
        return value if quoted else self._split(value)

    def _told(self, node: Node) -> str | None:
        """What a substitution prints, where it is made of harmless filters alone."""
        if self._tellings >= _MAX_TELLING or node.end_byte - node.start_byte > _MAX_TOLD:
            return None
        inner = node.named_children
        if len(inner) != 1 or node.type == "process_substitution":
            return None
        self._tellings += 1
        outer = self.begin()
        data = self._piped(inner[0].named_children if inner[0].type == "pipeline" else inner)
        self.end(outer)
        return None if data is None else data.decode("utf-8", "replace").rstrip("\n")

    def _piped(self, stages: list[Node]) -> bytes | None:
        data = b""
        for stage in stages:
            made = self._printed(stage, data) if stage.type == "command" else None
            if made is None:
                return None
            data = made
        return data

    def _printed(self, command: Node, given: bytes) -> bytes | None:
        words: list[str] = []
        for child in command.children:
            if child.type == "herestring_redirect":
                texts = [self.value(one, quoted=True) for one in child.named_children]
                given = "".join(texts).encode("utf-8", "replace")
            elif child.type == "file_redirect":
                return None
            else:
                words += self.words(child)
        return printed(words[0], words[1:], given) if words else None

    def _collect(self, node: Node, level: int) -> None:
        """Keep the substitutions within a node."""
        if level < _MAX_DEPTH:
            for child in node.named_children:
                if child.type in _SUBSTITUTIONS:
                    self._pending.append(child)
                else:
                    self._collect(child, level + 1)

    def assign(self, node: Node) -> None:
        """Take over an assignment; where its value cannot be told, the variable is unknown."""
        name = node.child_by_field_name("name")
        if name is None:
            return
        named, value = self.text(name), node.child_by_field_name("value")
        adds = any(child.type == "+=" for child in node.children)
        before = self._variables.used(named) if adds else ""
        self.set(named, value if before is not None else None, before or "")

    def set(self, name: str, value: Node | None, before: str = "") -> None:
        """Set a variable to the value of a node, put behind what it was; or forget it."""
        if value is None:
            self._variables.forget(name)
            return
        waiting = len(self._pending)
        if value.type == "array":
            text = SPLIT.join(self.value(one, quoted=True) for one in value.named_children)
        else:
            text = self.value(value, quoted=True).replace(SPLIT, " ")
        if len(self._pending) > waiting and ("$(" in text or "`" in text):
            self._variables.forget(name)
        else:
            self._variables.keep(name, before + text)


def listed(text: str) -> list[str]:
    """The words that lists in braces make of one: `a{b,c}` is `ab` and `ac`."""
    words = [""]
    past = 0
    for match in _LIST.finditer(text):
        options = match[1].split(",")
        if len(words) * len(options) > _MAX_LISTED:
            break
        words = [word + text[past : match.start()] + one for word in words for one in options]
        past = match.end()
    return [word + text[past:] for word in words]


def expanded(text: str, variables: Variables) -> str | None:
    """What `$name` or `${name…}` stands for, as far as the script itself tells; else None."""
    if not text.startswith("${"):
        value = variables.used(text[1:])
        return None if value is None else value.partition(SPLIT)[0]
    found = _PARAMETER.fullmatch(text)
    if found is None:
        return None
    indirect, name, index, rest = found.groups()
    value = variables.used(name)
    if indirect:
        return variables.used(value) if value is not None and not rest else None
    if value is None:
        return "/" if name in _ROOTED and rest.replace(" ", "") == ":0:1" else _default(rest)
    if index in {"@", "*"}:
        return value if not rest else None
    parts = value.split(SPLIT)
    number = int(index) if index else 0
    value = parts[number] if number < len(parts) else ""
    return _changed(value, rest) if rest else value


def _default(rest: str) -> str | None:
    """What an unknown variable gives: the text after `:-`; it may well be set, and is not known."""
    found = _OTHERWISE.fullmatch(rest)
    return found[2] if found and found[1] in "-=" and found[2] else None


def _changed(value: str, rest: str) -> str | None:
    if found := _SLICE.fullmatch(rest):
        return _slice(value, int(found[1]), found[2])
    if rest in {"^^", ",,", "^", ","}:
        letters = len(value) if len(rest) == 2 else 1
        head = value[:letters].upper() if rest[0] == "^" else value[:letters].lower()
        return head + value[letters:]
    if found := _REPLACE.fullmatch(rest):
        return value.replace(found[2], found[3], -1 if found[1] == "//" else 1)[:MAX_VALUE]
    if found := _TRIM.fullmatch(rest):
        return _trimmed(value, found[1], found[2])
    if found := _OTHERWISE.fullmatch(rest):
        return found[2] if found[1] == "+" else value
    return None


def _slice(value: str, offset: int, length: str | None) -> str:
    start = max(0, len(value) + offset) if offset < 0 else offset
    if length is None:
        return value[start:]
    end = int(length)
    return value[start : start + end] if end >= 0 else value[start:end]


def _trimmed(value: str, operator: str, pattern: str) -> str | None:
    """Without what a pattern matches at an end; of stars only the outermost one is understood."""
    if operator[0] == "#":
        fixed = pattern.removeprefix("*")
        star = fixed != pattern
        place = (value.rfind(fixed) if len(operator) == 2 else value.find(fixed)) if star else 0
        held = place >= 0 and value.startswith(fixed, place)
        result = value[place + len(fixed) :] if held else value
    else:
        fixed = pattern.removesuffix("*")
        star = fixed != pattern
        place = (value.find(fixed) if len(operator) == 2 else value.rfind(fixed)) if star else -1
        held = place >= 0 if star else value.endswith(fixed)
        result = value[: place if star else len(value) - len(fixed)] if held else value
    return None if "*" in fixed else result


def _ansi(match: re.Match[str]) -> str:
    hexadecimal, octal, wide, letter = match.groups()
    if letter is not None:
        return _ANSI_LETTERS.get(letter, letter)
    code = int(octal, 8) if octal else int(hexadecimal or wide, 16)
    return chr(code) if not 0xD800 <= code < 0xE000 else "\ufffd"
