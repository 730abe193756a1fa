"""Rules on parsed things: commands, statements, paths, hosts, sums. Compiled once, then looked up.

A shell rule is found by its program's name, so that a command meets only the rules about it.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from components.intent_firewall.globs import NameGlobs, PathGlobs, compile_re2
from components.intent_firewall.hosts import HostUse
from components.intent_firewall.paths import PathUse, is_inside
from components.intent_firewall.rules import Rule, ShellMatch
from components.intent_firewall.shell_model import Command
from components.intent_firewall.sql import Statement
from components.intent_firewall.subject import Subject, Sum

Place = tuple[int, str, tuple[int, int] | None, str]
"""A rule's index, the field it objects to, the span there, and what stands there."""


class StructuredMatcher:
    """The rules on parsed things of a firewall. Indexes are positions in `rules`."""

    def __init__(self, rules: Iterable[Rule], workspace: str) -> None:
        self._workspace = workspace
        self._by_program: dict[str, list[_Shell]] = {}
        self._by_glob: list[_Shell] = []
        self._any_program: list[_Shell] = []
        self._sql: list[_Sql] = []
        self._paths: list[_Path] = []
        self._hosts: list[_Host] = []
        self._sums: list[_Sum] = []
        self._tools: list[int] = []
        for index, rule in enumerate(rules):
            self._add(index, rule)
        self._globs = NameGlobs(tuple(glob for rule in self._by_glob for glob in rule.globs))

    def _add(self, index: int, rule: Rule) -> None:
        match = rule.match
        if match.shell is not None:
            compiled = _Shell(index, match.shell)
            for name in match.shell.program:
                if "*" not in name and "?" not in name:
                    self._by_program.setdefault(name.lower(), []).append(compiled)
            if compiled.globs:
                self._by_glob.append(compiled)
            if not match.shell.program:
                self._any_program.append(compiled)
        elif match.sql is not None:
            self._sql.append(_Sql(index, match.sql))
        elif match.path is not None:
            self._paths.append(_Path(index, match.path, self._workspace))
        elif match.host is not None:
            self._hosts.append(_Host(index, match.host))
        elif match.amount is not None:
            self._sums.append(_Sum(index, match.amount))
        elif match.kind == "tool":
            self._tools.append(index)

    def find(self, subject: Subject, barred: frozenset[int]) -> Iterator[Place]:
        """The rules that hold, but for those barred, with the place of each."""
        for index in self._tools:
            if index in barred:
                continue
            yield index, "tool", None, subject.tool
        yield from self._find_commands(subject, barred)
        for item, span, statements in subject.statements:
            for statement in statements:
                for about in self._sql:
                    if about.index not in barred and about.holds(statement, len(statements)):
                        yield about.index, item.where, span, item.text
        yield from self._find_places(subject, barred)

    def _find_commands(self, subject: Subject, barred: frozenset[int]) -> Iterator[Place]:
        for item, script in subject.scripts:
            for command in script.commands:
                for rule in chain(self._named(command.program), self._any_program):
                    if rule.index not in barred and rule.holds(command):
                        yield rule.index, item.where, command.span, item.text

    def _named(self, program: str) -> Iterator["_Shell"]:
        """The rules about a program by its name or by a glob."""
        yield from self._by_program.get(program, ())
        if self._globs.match(program):
            yield from (rule for rule in self._by_glob if rule.is_about(program))

    def _find_places(self, subject: Subject, barred: frozenset[int]) -> Iterator[Place]:
        for use in subject.paths:
            for path in self._paths:
                if path.index not in barred and path.holds(use):
                    yield path.index, use.where, use.span, use.raw
        for host in subject.hosts:
            for named in self._hosts:
                if named.index not in barred and named.holds(host):
                    yield named.index, host.where, host.span, host.host
        for number in subject.sums:
            for limit in self._sums:
                if limit.index not in barred and limit.holds(number):
                    yield limit.index, number.where, None, f"{number.value:g}"


def _pattern(source: str) -> Any:
    return compile_re2(source) if source else None


def _allows(pattern: Any, text: str) -> bool:
    return pattern is None or pattern.search(text) is not None


class _Shell:
    def __init__(self, index: int, match: ShellMatch) -> None:
        self.index = index
        self._match = match
        self.globs = tuple(name for name in match.program if "*" in name or "?" in name)
        self._program = NameGlobs(self.globs)
        self._flags = [tuple(flag.split("|")) for flag in match.flags]
        self._words = _pattern(match.words)
        self._operand = _pattern(match.operand)
        self._redirect = _pattern(match.redirect)
        self._unless = _pattern(match.unless)
        self._into = NameGlobs(match.into)

    def is_about(self, program: str) -> bool:
        return self._program.match(program)

    def holds(self, command: Command) -> bool:
        match = self._match
        if (match.fetched and not command.fetched) or (match.privileged and not command.privileged):
            return False
        if match.into and not any(map(self._into.match, command.into)):
            return False
        if self._redirect is not None and not any(
            one.writes and self._redirect.search(one.target) for one in command.redirects
        ):
            return False
        if not all(_has_flag(command.words, spellings) for spellings in self._flags):
            return False
        line = command.line
        if not _allows(self._words, line) or (self._unless and self._unless.search(line)):
            return False
        return self._operand is None or any(
            self._operand.search(word) for word in command.words if not word.startswith("-")
        )


def _has_flag(words: tuple[str, ...], spellings: tuple[str, ...]) -> bool:
    for word in words:
        if word.startswith("--"):
            if word[2:].partition("=")[0] in spellings:
                return True
        elif word[:1] in {"-", "/"} and len(word) > 1:
            name = word[1:].partition(":")[0]
            if name in spellings or name.lower() in spellings:
                return True
            if word[0] == "-" and any(len(one) == 1 and one in name for one in spellings):
                return True
    return False


class _Sql:
    def __init__(self, index: int, match: Any) -> None:
        self.index = index
        self._match = match
        self._table = NameGlobs(match.table)
        self._function = NameGlobs(match.function)
        self._words = _pattern(match.words)

    def holds(self, statement: Statement, count: int) -> bool:
        match = self._match
        if match.kind and statement.kind not in match.kind:
            return False
        if match.what and statement.what not in match.what:
            return False
        if (match.unbounded and not statement.unbounded) or (match.multiple and count < 2):
            return False
        if match.tautology and not statement.tautology:
            return False
        if match.table and not any(map(self._table.match, statement.tables)):
            return False
        if match.function and not any(map(self._function.match, statement.functions)):
            return False
        return _allows(self._words, statement.text)


class _Path:
    def __init__(self, index: int, match: Any, workspace: str) -> None:
        self.index = index
        self._match = match
        self._workspace = workspace
        self._like = PathGlobs(match.like)
        self._unlike = PathGlobs(match.unlike)

    def holds(self, use: PathUse) -> bool:
        match = self._match
        if match.access and use.access not in match.access:
            return False
        if match.outside and is_inside(use.path, self._workspace):
            return False
        if match.like and not self._like.match(use.path):
            return False
        return not self._unlike.match(use.path)


class _Host:
    def __init__(self, index: int, match: Any) -> None:
        self.index = index
        self._kinds = frozenset(match.kind)
        self._named = bool(match.like)
        self._like = NameGlobs(match.like)
        self._unlike = NameGlobs(match.unlike)

    def holds(self, use: HostUse) -> bool:
        if self._kinds and self._kinds.isdisjoint(use.kinds):
            return False
        return (not self._named or self._like.match(use.host)) and not self._unlike.match(use.host)


class _Sum:
    def __init__(self, index: int, match: Any) -> None:
        self.index = index
        self._over = match.over
        self._names = NameGlobs(match.names)

    def holds(self, number: Sum) -> bool:
        return number.value > self._over and self._names.match(number.name)
