"""A POSIX shell script read by its syntax tree into the commands of a `Reader`."""

import re
from typing import TYPE_CHECKING, TypeAlias

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from components.intent_firewall.shell_model import FORK_BOMB, Draft, Redirect
from components.intent_firewall.shell_tools import HOOKS
from components.intent_firewall.shell_values import SPLIT, Values
from components.intent_firewall.shell_words import from_program

if TYPE_CHECKING:
    from components.intent_firewall.shell import Reader

MAX_TREE_DEPTH = 100

_LANGUAGE = Language(tree_sitter_bash.language())
# A list in braces is several words; the parser takes it for a block or for one word.
_BRACES = re.compile(r"(?:(?<=[\s;&|(])|^)\{[^\s{}'\"$,]*(?:,[^\s{}'\"$,]*)+\}(?=$|[\s;&|)])")
_SPREAD = str.maketrans("{,}", "   ")
_BARE_SPACE = re.compile(rb"(?<!\\)[ \t\n]")
_BACKQUOTED = re.compile(r"`([^`]+)`")
_MAX_BACKQUOTED = 32
_COMMANDS = frozenset({"command", "declaration_command"})
_NESTING = frozenset({"pipeline", "list", "redirected_statement", "negated_command"})
_NO_WORDS = frozenset({"(", ")", "comment"})
_REDIRECTS = frozenset({"file_redirect", "heredoc_redirect", "herestring_redirect"})
_SETTING = _NO_WORDS | _REDIRECTS | {"variable_assignment"}
_PIPES = frozenset({"|", "|&"})
_AFTER_HEREDOC = _NESTING | _COMMANDS | {"file_redirect", "herestring_redirect", "|", "&&", "||"}
_DECLARING = frozenset({"declare", "typeset", "export", "readonly", "local"})
_Part: TypeAlias = "str | Node | list[Node]"


class Tree:
    """One script, read once."""

    def __init__(
        self, reader: "Reader", text: str, origin: tuple[int, int] | None, depth: int
    ) -> None:
        self._reader = reader
        text = text.replace(SPLIT, " ")
        if "{" in text:
            text = _BRACES.sub(lambda match: match.group().translate(_SPREAD), text)
        self._script = text
        self._source = text.encode("utf-8", "replace")
        self._ascii = text.isascii()
        self._origin = origin
        self._depth = depth
        self._values = Values(text, self._source, reader.variables)
        self._may_run_on = text.count("|") > 1 and "\n" in text

    def read(self) -> bool:
        """Read all of it; False where the syntax has errors, so that a plain split may help."""
        root = Parser(_LANGUAGE).parse(self._source).root_node
        self._visit(root, 0)
        return not root.has_error

    def _text(self, node: Node) -> str:
        return self._values.text(node)

    def _span(self, first: Node, last: Node | None = None) -> tuple[int, int]:
        if self._origin is not None:
            return self._origin
        begin, end = first.start_byte, (last or first).end_byte
        if self._ascii:
            return begin, end
        start = len(self._source[:begin].decode("utf-8", "replace"))
        return start, start + len(self._source[begin:end].decode("utf-8", "replace"))

    def _visit(self, node: Node, level: int) -> None:
        if level > MAX_TREE_DEPTH:
            self._reader.cannot_read(self._span(node), "nested too deeply to inspect")
            return
        kind = node.type
        if kind in _COMMANDS:
            self._command(node.children, level)
        elif kind in _NESTING:
            self._statement(node, level)
        elif kind == "variable_assignment":
            self._assignment(node, level)
        elif kind == "function_definition":
            self._function(node, level)
        elif kind != "comment":
            if kind == "for_statement":
                self._loop(node)
            self._visit_children(node, level + 1)

    def _visit_children(self, node: Node, level: int) -> None:
        for child in node.named_children:
            self._visit(child, level)

    def _range(self, first: int) -> list[Draft]:
        return self._reader.drafts[first:]

    def _statement(self, node: Node, level: int) -> None:
        """Read pipelines, lists and redirections in the order of their text.

        The parser nests them in ways that a shell does not, and takes words behind a redirection
        for more of its targets: what belongs together is told by the order of the text.
        """
        reader = self._reader
        stages: list[tuple[int, int]] = []
        first = len(reader.drafts)
        for part in self._parts(node):
            if isinstance(part, str):
                stages.append((first, len(reader.drafts)))
                first = len(reader.drafts)
                if part not in _PIPES:
                    reader.connect(stages, self._depth)
                    stages = []
            elif isinstance(part, list):
                self._command(part, level)
            elif part.type in _REDIRECTS:
                if len(reader.drafts) == first:  # `> file` alone empties it
                    reader.emit([":"], self._span(part), self._depth)
                self._redirect(part, self._range(first), level)
            else:
                self._visit(part, level + 1)
        stages.append((first, len(reader.drafts)))
        reader.connect(stages, self._depth)

    def _parts(self, node: Node) -> list[_Part]:
        """The nodes of simple commands, redirections, other nodes, and what stands between."""
        parts: list[_Part] = []
        waiting = [node]
        while waiting:
            one = waiting.pop()
            kind = one.type
            if kind in _COMMANDS:
                self._add_words(one.children, parts, [])
            elif kind in _NESTING:
                waiting.extend(reversed(one.children))
            elif kind in _REDIRECTS:
                last = parts[-1] if parts else None
                parts.append(one)
                if one.named_child_count > 1:
                    more = one.children_by_field_name("destination")[1:]
                    more += one.children_by_field_name("argument")
                    self._add_words(more, parts, last if isinstance(last, list) else [])
                if kind == "heredoc_redirect":
                    behind = [child for child in one.children if child.type in _AFTER_HEREDOC]
                    waiting.extend(reversed(behind))
            elif one.is_named and kind != "comment":
                parts.append(one)
            elif kind not in {"comment", "!"}:
                parts.append(kind)
        return parts

    def _add_words(self, nodes: list[Node], parts: list[_Part], words: list[Node]) -> None:
        """Add nodes to the words of a command; a bare newline among them begins another command.

        Behind a pipeline of three the parser may read over it, which no shell does.
        """
        if nodes and not words:
            parts.append(words)
        if not self._may_run_on:
            words += nodes
            return
        end = words[-1].end_byte if words else -1
        for node in nodes:
            kind, start = node.type, node.start_byte
            if kind == "comment":
                continue
            if 0 <= end < start and b"\n" in self._gap(end, start):
                words = []
                parts += ("\n", words)
            end = node.end_byte
            if kind == "subshell":
                parts.append(node)
            elif kind == "word" and _BARE_SPACE.search(self._source, start, end):
                words = []  # brackets of several statements, taken for one word
                parts += ("\n", words)
            else:
                words.append(node)

    def _gap(self, start: int, end: int) -> bytes:
        gap = self._source[start:end]
        return gap if len(gap) == 1 else gap.replace(b"\\\n", b"")

    def _command(self, nodes: list[Node], level: int) -> None:
        if not nodes:
            return
        words: list[str] = []
        redirects: list[Node] = []
        declares = nodes[0].type in _DECLARING
        runs = any(node.type not in _SETTING for node in nodes)
        outer = self._values.begin()
        variables = self._reader.variables
        prefixed, between = runs and not declares, variables.used("IFS")
        for node in nodes:
            kind = node.type
            if kind == "variable_assignment" and (declares or not words):
                self._assignment(node, level)
                words.extend([self._text(node)] if declares else [])
                if prefixed:  # set before a command, it does not split its words
                    variables.keep("IFS", " " if between is None else between)
            elif kind in _REDIRECTS:
                redirects.append(node)
            elif kind not in _NO_WORDS:
                words += self._values.words(node)
        pending = self._values.end(outer)
        words = from_program(words)
        first = len(self._reader.drafts)
        if words and (words[0] or len(words) > 1):
            self._reader.emit(words, self._span(nodes[0], nodes[-1]), self._depth)
        for redirect in redirects:
            self._redirect(redirect, self._range(first), level)
        if pending:
            self._visit_pending(pending, level, [draft.program for draft in self._range(first)])

    def _visit_pending(self, pending: list[Node], level: int, programs: list[str]) -> None:
        """Read what stands in substitutions; `programs` get its output."""
        for inner in pending:
            start = len(self._reader.drafts)
            self._visit_children(inner, level + 1)
            for draft in self._range(start):
                draft.into.extend(programs)

    def _assignment(self, node: Node, level: int) -> None:
        outer = self._values.begin()
        self._values.assign(node)
        self._visit_pending(self._values.end(outer), level, [])
        name = node.child_by_field_name("name")
        if name is not None and (named := self._text(name)) in HOOKS:
            script = (self._reader.variables.used(named) or "").lstrip("|- ")
            self._reader.script(script, "sh", self._span(node), self._depth + 1)

    def _loop(self, node: Node) -> None:
        """Know what a loop's variable is where it runs but once."""
        values = node.children_by_field_name("value")
        name = node.child_by_field_name("variable")
        if name is not None:
            self._values.set(self._text(name), values[0] if len(values) == 1 else None)

    def _redirect(self, node: Node, drafts: list[Draft], level: int) -> None:
        outer = self._values.begin()
        if node.type == "file_redirect":
            operator = next((c.type for c in node.children if not c.is_named), ">")
            target = node.child_by_field_name("destination")
            if target is not None:
                redirect = Redirect(operator, self._values.value(target, quoted=True))
                for draft in drafts:
                    draft.redirects.append(redirect)
        else:
            self._give(self._given(node), drafts)
        pending = self._values.end(outer)
        self._visit_pending(pending, level, [draft.program for draft in drafts])

    def _given(self, node: Node) -> str:
        """The text of a here-string or a here-document."""
        if node.type == "herestring_redirect":
            return "".join(self._values.value(c, quoted=True) for c in node.named_children)
        children = {child.type: child for child in node.named_children}
        if "heredoc_body" not in children:
            return ""
        text = self._values.value(children["heredoc_body"], quoted=True)
        start = children.get("heredoc_start")
        if "`" in text and start is not None and self._text(start).isalnum():
            # The parser passes over backquotes here, which a shell runs before all else.
            for script in _BACKQUOTED.findall(text)[:_MAX_BACKQUOTED]:
                self._reader.script(script, "sh", self._span(node), self._depth + 1)
        return text

    def _give(self, text: str, drafts: list[Draft]) -> None:
        """Give programs a text as their input."""
        for draft in drafts[:8]:
            draft.given = text
            self._reader.feed(text, draft, self._depth)

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
