"""A POSIX shell script read by its syntax tree into the commands of a `Reader`."""

import re
from typing import TYPE_CHECKING

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from components.intent_firewall.shell_model import FORK_BOMB, Draft, Redirect, reads_input
from components.intent_firewall.shell_words import SHELLS, system_calls

if TYPE_CHECKING:
    from components.intent_firewall.shell import Reader

MAX_TREE_DEPTH = 100

_LANGUAGE = Language(tree_sitter_bash.language())
_ESCAPED = re.compile(r"\\(\n|.)", re.DOTALL)
_ESCAPED_IN_QUOTES = re.compile(r"\\([$`\"\\\n])")
_ANSI = re.compile(r"\\(?:x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|u([0-9A-Fa-f]{1,4})|(.))", re.DOTALL)
_ANSI_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "e": "\x1b", "a": "\a", "b": "\b"}
# A list in braces is several words; the parser takes it for a block or for one word.
_BRACES = re.compile(r"(?:(?<=[\s;&|(])|^)\{[^\s{}'\"$,]*(?:,[^\s{}'\"$,]*)+\}(?=$|[\s;&|)])")
_SPREAD = str.maketrans("{,}", "   ")
_DRIVE = re.compile(r"[A-Za-z]:\\")  # a Windows path, whose backslashes are no escapes
_SPLIT = "\x00"
_SUBSTITUTIONS = frozenset({"command_substitution", "process_substitution"})
_REDIRECTS = frozenset({"file_redirect", "heredoc_redirect", "herestring_redirect"})


class Tree:
    """One script, read once."""

    def __init__(
        self, reader: "Reader", text: str, origin: tuple[int, int] | None, depth: int
    ) -> None:
        self._reader = reader
        text = text.replace(_SPLIT, " ")
        if "{" in text:
            text = _BRACES.sub(lambda match: match.group().translate(_SPREAD), text)
        self._script = text
        self._source = text.encode("utf-8", "replace")
        self._ascii = text.isascii()
        self._origin = origin
        self._depth = depth
        self._pending: list[Node] = []

    def read(self) -> bool:
        """Read all of it; False where the syntax has errors, so that a plain split may help."""
        root = Parser(_LANGUAGE).parse(self._source).root_node
        self._visit(root, 0)
        return not root.has_error

    def _text(self, node: Node) -> str:
        return self._between(node.start_byte, node.end_byte)

    def _between(self, start: int, end: int) -> str:
        if self._ascii:
            return self._script[start:end]
        return self._source[start:end].decode("utf-8", "replace")

    def _span(self, node: Node) -> tuple[int, int]:
        if self._origin is not None:
            return self._origin
        if self._ascii:
            return node.start_byte, node.end_byte
        start = len(self._source[: node.start_byte].decode("utf-8", "replace"))
        return start, start + len(self._text(node))

    def _visit(self, node: Node, level: int) -> None:
        if level > MAX_TREE_DEPTH:
            self._reader.cannot_read(self._span(node), "nested too deeply to inspect")
            return
        kind = node.type
        if kind == "command":
            self._command(node, level)
        elif kind == "pipeline":
            self._pipeline(node.named_children, level)
        elif kind == "redirected_statement":
            self._redirected(node, level)
        elif kind == "variable_assignment":
            self._assignment(node, level)
        elif kind == "function_definition":
            self._function(node, level)
        elif kind == "declaration_command":
            self._command(node, level)
        elif kind != "comment":
            for child in node.named_children:
                self._visit(child, level + 1)

    def _range(self, first: int) -> list[Draft]:
        return self._reader.drafts[first:]

    def _command(self, node: Node, level: int) -> None:
        words: list[str] = []
        redirects: list[Node] = []
        outer, self._pending = self._pending, []
        for child in node.children:
            kind = child.type
            if kind == "word":
                words.append(self._value(child, quoted=False))
            elif kind == "variable_assignment":
                self._assignment(child, level)
                words.extend([self._text(child)] if node.type == "declaration_command" else [])
            elif kind in _REDIRECTS:
                redirects.append(child)
            elif child.is_named or kind not in {"(", ")"}:
                words.extend(self._words(child))
        pending, self._pending = self._pending, outer
        first = len(self._reader.drafts)
        if words and (words[0] or len(words) > 1):
            self._reader.emit(words, self._span(node), self._depth)
        programs = [draft.program for draft in self._range(first)]
        for redirect in redirects:
            self._redirect(redirect, self._range(first), level)
        for inner in pending:
            start = len(self._reader.drafts)
            self._visit_children(inner, level + 1)
            for draft in self._range(start):
                draft.into.extend(programs)

    def _visit_children(self, node: Node, level: int) -> None:
        for child in node.named_children:
            self._visit(child, level)

    def _words(self, node: Node) -> list[str]:
        text = self._value(node, quoted=False)
        if _SPLIT in text:
            return [part for part in text.split(_SPLIT) if part]
        return [text]

    def _value(self, node: Node, *, quoted: bool) -> str:
        kind = node.type
        if kind == "word" or kind == "string_content":
            text = self._text(node)
            if "\\" not in text or _DRIVE.match(text):
                return text
            pattern = _ESCAPED_IN_QUOTES if kind == "string_content" else _ESCAPED
            return pattern.sub(lambda m: "" if m[1] == "\n" else m[1], text)
        if kind == "string":
            return self._joined(node, quoted=True)[1:-1]
        if kind == "raw_string":
            return self._text(node)[1:-1]
        if kind == "ansi_c_string":
            return _ANSI.sub(_ansi, self._text(node)[2:-1])
        if kind in {"concatenation", "command_name", "translated_string"}:
            return self._joined(node, quoted=quoted)
        if kind in {"simple_expansion", "expansion"}:
            return self._expansion(node, quoted)
        if kind in _SUBSTITUTIONS:
            self._pending.append(node)
        else:
            self._collect_substitutions(node, 0)
        return self._text(node)

    def _joined(self, node: Node, *, quoted: bool) -> str:
        parts: list[str] = []
        end = node.start_byte
        for child in node.children:
            if child.start_byte > end:
                parts.append(self._between(end, child.start_byte))
            parts.append(self._value(child, quoted=quoted))
            end = child.end_byte
        return "".join(parts)

    def _expansion(self, node: Node, quoted: bool) -> str:
        names = [child for child in node.named_children if child.type == "variable_name"]
        text = self._text(node)
        if names and text.strip("${}") == (name := self._text(names[0])):
            value = self._reader.variables.get(name)
            if value is not None:
                return value if quoted else re.sub(r"\s+", _SPLIT, value)
        self._collect_substitutions(node, 0)
        return text

    def _collect_substitutions(self, node: Node, level: int) -> None:
        if level < MAX_TREE_DEPTH:
            for child in node.named_children:
                if child.type in _SUBSTITUTIONS:
                    self._pending.append(child)
                else:
                    self._collect_substitutions(child, level + 1)

    def _assignment(self, node: Node, level: int) -> None:
        name = node.child_by_field_name("name")
        value = node.child_by_field_name("value")
        if name is None or value is None:
            return
        outer, self._pending = self._pending, []
        text = self._value(value, quoted=True)
        pending, self._pending = self._pending, outer
        if pending or len(text) > 4096:
            self._reader.variables.pop(self._text(name), None)
        elif not text.startswith("("):
            self._reader.variables[self._text(name)] = text
        for inner in pending:
            self._visit_children(inner, level + 1)

    def _pipeline(self, stages: list[Node], level: int) -> None:
        ranges: list[tuple[int, int]] = []
        for stage in stages:
            first = len(self._reader.drafts)
            self._visit(stage, level + 1)
            ranges.append((first, len(self._reader.drafts)))
        self._reader.connect(ranges, self._depth)

    def _redirected(self, node: Node, level: int) -> None:
        first = len(self._reader.drafts)
        for child in node.named_children:
            if child.type not in _REDIRECTS:
                self._visit(child, level + 1)
        drafts = self._range(first)
        for child in node.named_children:
            if child.type in _REDIRECTS:
                self._redirect(child, drafts, level)

    def _redirect(self, node: Node, drafts: list[Draft], level: int) -> None:
        outer, self._pending = self._pending, []
        if node.type == "file_redirect":
            operator = next((c.type for c in node.children if not c.is_named), ">")
            target = node.child_by_field_name("destination")
            if target is not None:
                redirect = Redirect(operator, self._value(target, quoted=True))
                for draft in drafts:
                    draft.redirects.append(redirect)
        elif node.type == "herestring_redirect":
            text = "".join(self._value(c, quoted=True) for c in node.named_children)
            self._fed(text, drafts)
        else:
            self._heredoc(node, drafts, level)
        pending, self._pending = self._pending, outer
        for inner in pending:
            start = len(self._reader.drafts)
            self._visit_children(inner, level + 1)
            for draft in self._range(start):
                draft.into.extend(one.program for one in drafts)

    def _heredoc(self, node: Node, drafts: list[Draft], level: int) -> None:
        for child in node.named_children:
            if child.type == "heredoc_body":
                self._fed(self._text(child), drafts)
                self._collect_substitutions(child, 0)
            elif child.type in _REDIRECTS:
                self._redirect(child, drafts, level + 1)
            elif not child.type.startswith("heredoc"):
                first = len(self._reader.drafts)
                self._visit(child, level + 1)
                for draft in drafts:
                    draft.into.extend(one.program for one in self._range(first))

    def _fed(self, text: str, drafts: list[Draft]) -> None:
        """Read text that is given to programs as their input."""
        for draft in drafts[:8]:
            if draft.program in SHELLS and reads_input(draft):
                self._reader.script(text, "sh", draft.span, self._depth + 1)
            elif draft.program.startswith(("python", "perl", "ruby", "node")):
                for inner in system_calls(text):
                    script = inner.script if inner.script is not None else " ".join(inner.words)
                    self._reader.script(script, "sh", draft.span, self._depth + 1)

    def _function(self, node: Node, level: int) -> None:
        first = len(self._reader.drafts)
        self._visit_children(node, level + 1)
        named = node.child_by_field_name("name")
        name = self._text(named).lower() if named is not None else ""
        own = [draft for draft in self._range(first) if draft.program == name]
        if any(name in draft.into for draft in own) or (
            len(own) > 1 and b"&" in (node.text or b"")
        ):
            self._reader.emit([FORK_BOMB], self._span(node), self._depth)


def _ansi(match: re.Match[str]) -> str:
    hexadecimal, octal, wide, letter = match.groups()
    if letter is not None:
        return _ANSI_LETTERS.get(letter, letter)
    code = int(octal, 8) if octal else int(hexadecimal or wide, 16)
    return chr(code) if not 0xD800 <= code < 0xE000 else "\ufffd"
