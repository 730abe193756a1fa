"""What some actions have in common, said by matchers of the rule language. Pure.

Of each kind of thing an action is made of (statements, commands, paths, hosts, values, sums) this
gives the narrowest match that holds for all of the actions: what is the same in all is named,
what differs is left open. Two different values are named both; three speak for all of their kind.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import floor, inf, log10
from os.path import commonprefix
from typing import TypeVar

from msgspec.structs import replace

from components.actions import Action
from components.intent_firewall.normalise import fold
from components.intent_firewall.rules import (
    AmountMatch,
    HostMatch,
    Match,
    PathMatch,
    ShellMatch,
    SqlMatch,
)
from components.intent_firewall.shell_model import Command
from components.intent_firewall.shell_use import command_intent
from components.intent_firewall.sql import intent_of
from components.intent_firewall.sql_model import Statement
from components.intent_firewall.subject import Subject, max_intent, take_apart
from components.intent_firewall.words import tool_intent

T = TypeVar("T")

FEW = 2
"""So many different values are named; more stand for any value."""

_MOST_OF_A_KIND = 4
_LONGEST_VALUE = 200
_NUMBER = re.compile(r"[\d\s.,:/TZ+-]+")
_MOST_WORDS = 3
_BETWEEN = r"\s(.*\s)?"
_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")
_BEGINNING = re.compile(r"(?:~|\.{1,2}|[A-Za-z][\w+.-]*:/?)?/?")
_ADDRESS = re.compile(r"[^@\s]+(@[^@\s]+\.[^@\s]+)")
_SUMS = AmountMatch(over=0).names
_LEAST_SUM = 1e-9  # less is no sum of money


def in_common(actions: Sequence[Action]) -> tuple[Match, ...]:
    """The matches that hold for all of some actions of one tool: the last is the tool alone."""
    subjects = [take_apart(action, "") for action in actions]
    tool = (_plain(actions[0].tool),)
    parsed = [*_of_sql(subjects, tool), *_of_shell(subjects, tool)]
    others = [
        *_of_hosts(subjects, tool),
        *_of_paths(subjects, tool),
        *_of_values(subjects, tool),
        *_of_sums(subjects, tool),
        Match(tool=tool),
    ]
    return (*parsed, *(_narrowed(subjects, match) for match in others))


def _narrowed(subjects: Sequence[Subject], match: Match) -> Match:
    """With the intent that all share, where their tool's name does not tell it by itself."""
    intents = {subject.intent for subject in subjects}
    told = tool_intent(subjects[0].tool)
    return (
        match
        if intents & {told, "other"} or len(intents) > 1
        else replace(match, intent=tuple(intents))
    )


# Statements.


def _of_sql(subjects: Sequence[Subject], tool: tuple[str, ...]) -> Iterator[Match]:
    """The gravest kinds of statement that are in all of them."""
    each = [[one for _, _, parsed in subject.statements for one in parsed] for subject in subjects]
    for kind in _gravest(
        _shared({one.kind for one in statements} for statements in each),
        lambda kind: intent_of((Statement(kind),)),
    ):
        chosen = [next(one for one in statements if one.kind == kind) for statements in each]
        yield Match(
            tool=tool,
            sql=SqlMatch(
                kind=(kind,),
                what=_one([one.what for one in chosen]),
                table=_tables([one.tables for one in chosen]),
                unbounded=all(one.unbounded for one in chosen),
                tautology=all(one.tautology for one in chosen),
            ),
        )


def _tables(each: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """A table that all of the statements name, or the few that they begin with."""
    shared = _shared(map(set, each))
    for table in each[0]:
        if table in shared:
            return (_plain(table),)
    return _few([tables[0] if tables else "" for tables in each])


# Commands.


def _of_shell(subjects: Sequence[Subject], tool: tuple[str, ...]) -> Iterator[Match]:
    """The gravest programs that all of them run."""
    each = [
        [one for _, script in subject.scripts for one in script.commands] for subject in subjects
    ]
    programs = _shared({one.program for one in commands} for commands in each)
    by_name = {one.program: one for commands in each for one in commands}
    for program in _gravest(programs, lambda name: command_intent(by_name[name])):
        chosen = [next(one for one in commands if one.program == program) for commands in each]
        yield Match(tool=tool, shell=_of_program(program, chosen))


def _of_program(program: str, commands: Sequence[Command]) -> ShellMatch:
    bare = [[word for word in one.words if not word.startswith("-")] for one in commands]
    return ShellMatch(
        program=(_plain(program),),
        flags=tuple(sorted(_shared(set(_flags(one.words)) for one in commands))),
        words=_in_order(bare),
        operand=_place([next((word for word in words if "/" in word), "") for words in bare]),
        into=tuple(sorted(_shared(set(map(_plain, one.into)) for one in commands)))[:1],
        redirect=_place([_written(one) for one in commands]),
        privileged=all(one.privileged for one in commands),
        fetched=all(one.fetched for one in commands),
    )


def _in_order(each: Sequence[Sequence[str]]) -> str:
    """A pattern for the words that all have, in the order in which the first has them."""
    shared = _shared(map(set, each))
    words = [word for word in each[0] if word in shared and word.strip()][:_MOST_WORDS]
    places = [[words_of.index(word) for word in words] for words_of in each]
    if not words or any(one != sorted(one) for one in places):
        return ""
    return rf"(^|\s){_BETWEEN.join(map(_quoted, words))}(\s|$)"


def _flags(words: Iterable[str]) -> Iterator[str]:
    """The options of a command: the letters of a short cluster, else the word."""
    for word in words:
        name = word.lstrip("-").partition("=")[0]
        if not word.startswith("-") or not name or "|" in name:
            continue
        if word.startswith("--") or len(name) > 3:
            yield name
        else:
            yield from name


def _written(command: Command) -> str:
    return next((one.target for one in command.redirects if one.writes), "")


def _place(words: Sequence[str]) -> str:
    """A pattern for the folder that some paths or URLs are all in; empty where there is none."""
    folder = _folder(words) if all(words) else ""
    return f"^{_quoted(folder)}" if folder else ""


# Hosts and paths.


def _of_hosts(subjects: Sequence[Subject], tool: tuple[str, ...]) -> Iterator[Match]:
    """A host that all of them name, else the few that they name."""
    each = [list(dict.fromkeys(one.host for one in subject.hosts)) for subject in subjects]
    if not all(each):
        return
    shared = _shared(map(set, each))
    hosts = tuple(map(_plain, [host for host in each[0] if host in shared][:1]))
    if hosts := hosts or _few([one[0] for one in each]):
        yield Match(tool=tool, host=HostMatch(like=hosts))


def _of_paths(subjects: Sequence[Subject], tool: tuple[str, ...]) -> Iterator[Match]:
    """A path that all of them use, or the folder or the ending that one path of each has."""
    each = [list(dict.fromkeys(one.path for one in subject.paths)) for subject in subjects]
    if any(subject.scripts for subject in subjects) or not all(each):
        return
    access = _shared({one.access for one in subject.paths} for subject in subjects)
    if globs := _path_globs(each):
        yield Match(tool=tool, path=PathMatch(like=globs, access=tuple(sorted(access))))  # type: ignore[arg-type]


def _path_globs(each: Sequence[Sequence[str]]) -> tuple[str, ...]:
    shared = _shared(map(set, each))
    for path in each[0]:
        if path in shared:
            return (_rooted(path),)
    first = [paths[0] for paths in each]
    if folder := _folder(first):
        return (_rooted(folder) + "**",)
    names = {path.rpartition("/")[2] for path in first}
    if len(names) == 1:
        return (f"**/{_plain(names.pop())}",)
    endings = {"." + path.rpartition(".")[2] for path in first if "." in path.rpartition("/")[2]}
    if len(endings) == 1 and all("." in path for path in first):
        return (f"**/*{_plain(endings.pop())}",)
    return ()


def _rooted(path: str) -> str:
    """A glob for a path; a relative one holds wherever it is anchored."""
    plain = _plain(path)
    return plain if plain.startswith(("/", "~")) or plain[1:3] == ":/" else f"**/{plain}"


def _folder(paths: Sequence[str]) -> str:
    """The folder that all are in, with its slash; empty where it is none but a root or a home."""
    shared = commonprefix(list(paths))  # noqa: RUF071 - and the next line cuts at a slash
    folder = shared[: shared.rfind("/") + 1]
    return "" if _BEGINNING.fullmatch(folder) else folder


# Values and sums.


def _of_values(subjects: Sequence[Subject], tool: tuple[str, ...]) -> Iterator[Match]:
    """Arguments with the same value in all of them, or with addresses of the same domain.

    Not of dates and numbers: what they have in common says nothing of what is done.
    """
    each = [
        {item.where: item.text for item in subject.fields if item.scope == "arguments"}
        for subject in subjects
    ]
    count = 0
    for where in each[0]:
        values = [fields.get(where, "") for fields in each]
        if count == _MOST_OF_A_KIND:
            return
        for text, start in ((_same(values), "^"), (_domain(values), "")):
            if text:
                count += 1
                name = _plain(where.removeprefix("arguments."))
                folded = fold(text).text
                yield Match(
                    tool=tool,
                    argument=(name,),
                    literal=(folded,),
                    regex=f"{start}{_quoted(folded)}$",
                )
                break


def _same(values: Sequence[str]) -> str:
    value = values[0]
    if len(set(values)) > 1 or len(value) > _LONGEST_VALUE or _NUMBER.fullmatch(value):
        return ""
    return value if fold(value).text.strip() else ""


def _domain(values: Sequence[str]) -> str:
    found = [_ADDRESS.fullmatch(value) for value in values]
    domains = {one.group(1).lower() for one in found if one}
    return domains.pop() if all(found) and len(domains) == 1 else ""


def _of_sums(subjects: Sequence[Subject], tool: tuple[str, ...]) -> Iterator[Match]:
    """Sums of money: a limit just under the least of them."""
    each = [
        {
            one.name: one.value
            for one in subject.sums
            if _LEAST_SUM < one.value < inf and _is_sum(one.name, subject)
        }
        for subject in subjects
    ]
    for name in sorted(_shared(map(set, each)))[:_MOST_OF_A_KIND]:
        least = min(sums[name] for sums in each)
        yield Match(tool=tool, amount=AmountMatch(over=_under(least), names=(_plain(name),)))


def _is_sum(name: str, subject: Subject) -> bool:
    return subject.intent == "pay" or any(glob.strip("*") in name.lower() for glob in _SUMS)


def _under(value: float) -> float:
    """A round number (two digits) below a value."""
    step = 10.0 ** (floor(log10(value)) - 1)
    below = floor(value / step) * step
    return round(below if below < value else below - step, 12)


# What all of them share.


def _shared(sets: Iterable[set[T]]) -> set[T]:
    first, *rest = sets
    return first.intersection(*rest)


def _gravest(names: set[str], intent: Callable[[str], str]) -> list[str]:
    """Names by how grave what they do is, the gravest first."""
    order = {name: max_intent([intent(name)]) for name in names}  # type: ignore[list-item]
    gravity = ("pay", "grant", "delete", "send", "execute", "write", "read", "other")
    return sorted(names, key=lambda name: (gravity.index(order[name]), name))[:_MOST_OF_A_KIND]


def _one(values: Sequence[str]) -> tuple[str, ...]:
    """The value that all have, where they have one."""
    return (values[0],) if values[0] and len(set(values)) == 1 else ()


def _few(values: Sequence[str]) -> tuple[str, ...]:
    """The values, where all have one and they are few; () stands for any value."""
    different = tuple(dict.fromkeys(map(_plain, values)))
    return different if all(values) and len(different) <= FEW else ()


def _plain(name: str) -> str:
    """A name as a glob that means little but itself: agents choose names, and may choose globs."""
    return name.replace("*", "?")


def _quoted(text: str) -> str:
    """A pattern for just this text, that a person can read."""
    return _SPECIAL.sub(r"\\\g<0>", text)
