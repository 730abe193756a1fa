"""Rules on parsed things: commands, statements, paths, hosts, sums, classes. Compiled once.

A shell rule is found by its program's name, so that a command meets only the rules about it.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import get_args

from msgspec.structs import replace

from components.actions import Intent
from components.intent_firewall.class_words import told_by
from components.intent_firewall.classes import Deed, Place, effect_in, told_by_commands
from components.intent_firewall.downloads import linked_files, runs_any
from components.intent_firewall.globs import NameGlobs, PathGlobs, Pattern
from components.intent_firewall.hosts import HostUse
from components.intent_firewall.paths import is_inside
from components.intent_firewall.rules import (
    Access,
    AmountMatch,
    ClassMatch,
    HostMatch,
    PathMatch,
    Rule,
    ShellMatch,
    SqlMatch,
)
from components.intent_firewall.shell_model import Command
from components.intent_firewall.shell_words import INTERPRETERS
from components.intent_firewall.sql_model import Statement
from components.intent_firewall.subject import Subject, Sum
from components.intent_firewall.wildcards import could_be, is_wild, named_in

_LONGEST_KNOWN = 64
_CHANGES = tuple(one for one in get_args(Intent) if one not in {"read", "other"})

Found = tuple[int, str, tuple[int, int] | None, str]
"""A rule's index, the field it objects to, the span there, and what stands there."""


class StructuredMatcher:
    """The rules on parsed things of a firewall. Indexes are positions in `rules`."""

    def __init__(self, rules: Iterable[Rule], workspace: str) -> None:
        self._by_program: dict[str, list[_Shell]] = {}
        self._by_glob: list[_Shell] = []
        self._any_program: list[_Shell] = []
        self._together: list[_Together] = []
        self._sql: list[_Sql] = []
        self._hosts: list[_Host] = []
        self._sums: list[_Sum] = []
        self._tools: list[int] = []
        self._classes: dict[str, list[_Class]] = {}
        paths: list[_Path] = []
        for index, rule in enumerate(rules):
            if rule.match.path is not None and rule.match.kind == "path":
                paths.append(_Path(index, rule.match.path, workspace))
            else:
                self._add(index, rule)
        self._paths = {access: _Paths(paths, access) for access in get_args(Access)}
        self._globs = NameGlobs(tuple(glob for rule in self._by_glob for glob in rule.globs))
        self._known_about = lru_cache(maxsize=1024)(self._about)

    def _add(self, index: int, rule: Rule) -> None:
        match = rule.match
        if match.shell is not None:
            self._add_shell(index, match.shell)
        elif match.sql is not None:
            self._sql.append(_Sql(index, match.sql))
        elif match.host is not None:
            self._hosts.append(_Host(index, match.host))
        elif match.amount is not None:
            self._sums.append(_Sum(index, match.amount))
        elif match.deed is not None:
            for effect in match.deed.effect or _CHANGES:
                self._classes.setdefault(effect, []).append(_Class(index, match.deed))
        elif match.kind == "tool":
            self._tools.append(index)

    def _add_shell(self, index: int, match: ShellMatch) -> None:
        if match.together:
            self._together.append(_Together(index, match))
            return
        compiled = _Shell(index, match)
        for name in match.program:
            if "*" not in name and "?" not in name:
                self._by_program.setdefault(name.lower(), []).append(compiled)
        if compiled.globs:
            self._by_glob.append(compiled)
        if not match.program:
            self._any_program.append(compiled)

    def find(self, subject: Subject, barred: frozenset[int]) -> list[Found]:
        """The rules that hold, but for those barred, with the place of each."""
        found: list[Found] = [
            (index, "tool", None, subject.tool) for index in self._tools if index not in barred
        ]
        if subject.scripts:
            self._find_commands(subject, barred, found)
        for item, span, statements in subject.statements:
            for statement in statements:
                found += [
                    (about.index, item.where, span, item.text)
                    for about in self._sql
                    if about.index not in barred and about.holds(statement, len(statements))
                ]
        self._find_places(subject, barred, found)
        if self._classes and subject.request:
            self._find_classes(subject, barred, found)
        return found

    def _find_classes(self, subject: Subject, barred: frozenset[int], found: list[Found]) -> None:
        if told_by_commands(subject):
            return
        effect = effect_in(subject)
        rules = self._classes.get(effect)
        if not rules:
            return
        deed = Deed(subject, effect)
        blind, telling = deed.blind, deed.telling
        for rule in rules:
            if (rule.blind and not blind) or (rule.telling and not telling):
                continue
            if rule.stakes and rule.stakes.isdisjoint(deed.stakes):
                continue
            if rule.index not in barred and rule.holds(deed):
                found.append((rule.index, *rule.place(deed)))

    def _find_commands(self, subject: Subject, barred: frozenset[int], found: list[Found]) -> None:
        linked: frozenset[str] | None = None
        for item, script in subject.scripts:
            for parsed in script.commands:
                command = parsed
                if command.path or command.program in INTERPRETERS:
                    linked = linked_files(subject.given) if linked is None else linked
                    if linked and runs_any(command, linked):
                        command = replace(parsed, fetched=True)
                line = command.line
                program = command.program
                about = self._known_about if len(program) <= _LONGEST_KNOWN else self._about
                found += [
                    (rule.index, item.where, command.span, item.text)
                    for rule in about(program)
                    if rule.index not in barred and rule.holds(command, line)
                ]
            if len(script.commands) > 1:
                found += [
                    (rule.index, item.where, first.span, item.text)
                    for rule in self._together
                    if rule.index not in barred and (first := rule.first(script.commands))
                ]

    def _about(self, program: str) -> tuple["_Shell", ...]:
        """The rules about a program by its name, by a glob, and those about any."""
        rules = list(self._by_program.get(program, ()))
        if self._globs.match(program):
            rules += [rule for rule in self._by_glob if rule.is_about(program)]
        return (*rules, *self._any_program)

    def _find_places(self, subject: Subject, barred: frozenset[int], found: list[Found]) -> None:
        for use in subject.paths:
            found += [
                (path.index, use.where, use.span, use.raw)
                for path in self._paths[use.access].about(use.path)
                if path.index not in barred and path.holds(use.path)
            ]
        for host in subject.hosts:
            found += [
                (named.index, host.where, host.span, host.host)
                for named in self._hosts
                if named.index not in barred and named.holds(host)
            ]
        for number in subject.sums:
            found += [
                (limit.index, number.where, None, f"{number.value:g}")
                for limit in self._sums
                if limit.index not in barred and limit.holds(number)
            ]


def _pattern(source: str) -> Pattern | None:
    return Pattern(source) if source else None


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

    def holds(self, command: Command, line: str) -> bool:
        """Whether the rule holds of a command; `line` is the command's, joined once for all."""
        match = self._match
        if (match.fetched and not command.fetched) or (match.privileged and not command.privileged):
            return False
        if match.into and not any(map(self._into.match, command.into)):
            return False
        if self._redirect is not None and not (
            command.redirects
            and any(one.writes and self._redirect.found(one.target) for one in command.redirects)
        ):
            return False
        for spellings in self._flags:
            if not _has_flag(command.words, spellings):
                return False
        if self._words is not None and not self._words.found(line):
            return False
        if self._unless is not None and self._unless.found(line):
            return False
        return self._operand is None or any(
            self._operand.found(word) for word in command.words if not word.startswith("-")
        )


class _Together:
    """A rule about several programs of one script: each of them may be ordinary by itself."""

    def __init__(self, index: int, match: ShellMatch) -> None:
        self.index = index
        self._least = match.together
        self._programs = frozenset(name.lower() for name in match.program)
        self._each = _Shell(index, match)

    def first(self, commands: Sequence[Command]) -> Command | None:
        """The first of the commands that the rule is about, where they are different enough."""
        programs = self._programs
        if len(programs.intersection([one.program for one in commands])) < self._least:
            return None
        about = [one for one in commands if one.program in programs]
        about = [one for one in about if self._each.holds(one, one.line)]
        return about[0] if len({one.program for one in about}) >= self._least else None


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
    def __init__(self, index: int, match: SqlMatch) -> None:
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
        return self._words is None or self._words.found(statement.text)


class _Paths:
    """The path rules about one kind of access."""

    def __init__(self, rules: Sequence["_Path"], access: str) -> None:
        self._all = [rule for rule in rules if not rule.access or access in rule.access]
        self._unnamed = [rule for rule in self._all if not rule.like]
        self._likes = PathGlobs(tuple(glob for rule in self._all for glob in rule.like))

    def about(self, path: str) -> Sequence["_Path"]:
        """The rules that may hold of a path: where no glob of any likes it, those without globs."""
        return self._all if self._likes.match(path) or is_wild(path) else self._unnamed


class _Path:
    def __init__(self, index: int, match: PathMatch, workspace: str) -> None:
        self.index = index
        self.like = match.like
        self.access = match.access
        self._outside = match.outside
        self._workspace = workspace
        self._like = PathGlobs(match.like)
        self._named = named_in(match.like)
        self._unlike = PathGlobs(match.unlike)

    def holds(self, path: str) -> bool:
        if self._outside and is_inside(path, self._workspace):
            return False
        if self.like and not self._like.match(path) and not self._could_hold(path):
            return False
        return not self._unlike.match(path)

    def _could_hold(self, path: str) -> bool:
        return bool(self._named) and is_wild(path) and could_be(path, self._named)


class _Host:
    def __init__(self, index: int, match: HostMatch) -> None:
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
    def __init__(self, index: int, match: AmountMatch) -> None:
        self.index = index
        self._over = match.over
        self._names = NameGlobs(match.names)

    def holds(self, number: Sum) -> bool:
        return number.value > self._over and self._names.match(number.name)


class _Class:
    def __init__(self, index: int, match: ClassMatch) -> None:
        self.index = index
        self._match = match
        self.stakes = frozenset(match.stake)
        self._near = told_by(match.stake)
        self._carried = told_by(match.carried)
        signs = [frozenset(sign.split("|")) for sign in match.sign]
        self.blind = {"blind"} in signs
        self._vague = {"vague"} in signs
        self._signs = [sign for sign in signs if sign not in ({"blind"}, {"vague"})]
        # What needs a telling word fails where there is none, and most actions have none.
        self.telling = bool(match.stake) or {"wider"} in signs or {"recurring"} in signs

    def holds(self, deed: Deed) -> bool:
        """Whether all the rest holds that the rule names; `blind` and stakes are looked at before.

        The cheap parts come first, and those that hardly ever hold.
        """
        match = self._match
        if self._vague and not deed.has("vague"):
            return False
        if self._carried is not None and not deed.carries(self._carried):
            return False
        if match.reversal and deed.reversal not in match.reversal:
            return False
        if match.reach and deed.reach not in match.reach:
            return False
        if match.scope and deed.scope not in match.scope:
            return False
        return all(any(map(deed.has, sign)) for sign in self._signs)

    def place(self, deed: Deed) -> Place:
        """What in the action a person should look at first."""
        for sign in self._signs:
            if (assumed := deed.place_of_assumed(sign)) is not None:
                return assumed
        return deed.place_of(self._near or self._carried)
