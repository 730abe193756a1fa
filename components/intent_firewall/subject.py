"""An action taken apart for the rules: fields, commands, statements, paths, hosts and sums.

Everything is bounded. What is beyond a bound is named in `problems`, never passed over in silence.
"""

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from components.actions import Action, Intent
from components.intent_firewall.command_lists import MOST as MOST_LISTS
from components.intent_firewall.command_lists import listed_commands
from components.intent_firewall.hosts import MAX_HOSTS, HostUse, bare_host, hosts_in
from components.intent_firewall.http_use import http_intent
from components.intent_firewall.normalise import clean, encodable
from components.intent_firewall.paths import PathUse, canonical_path, looks_like_path
from components.intent_firewall.shell import parse_shell, parse_words
from components.intent_firewall.shell_model import Script
from components.intent_firewall.shell_use import (
    MAX_PATHS,
    script_intent,
    script_paths,
    script_sql,
)
from components.intent_firewall.sql import intent_of, looks_like_sql, parse_sql
from components.intent_firewall.sql_model import MAX_STATEMENTS, Statement
from components.intent_firewall.words import tool_intent, tool_words

MAX_FIELDS = 2_000
MAX_CHARACTERS = 300_000
MAX_DEPTH = 64
MAX_SQL_FIELDS = 50

_SHELL_WORDS = frozenset(
    {"bash", "shell", "sh", "zsh", "terminal", "execute", "exec", "run", "command", "cmd",
     "powershell", "pwsh", "console", "ssh", "subprocess"}
)  # fmt: skip
_COMMAND_NAMES = frozenset(
    {"command", "cmd", "commands", "shell_command", "command_line", "commandline", "bash", "argv",
     "bash_command", "shell", "cli"}
)  # fmt: skip
_SCRIPT_NAMES = frozenset({"script", "input", "args", "line", "text", "code", "content"})
_CODE_NAMES = frozenset({"code", "python", "python_code", "source_code", "cell"})
_RUNNABLE = _COMMAND_NAMES | _CODE_NAMES
_SQL_NAMES = frozenset({"sql", "query", "statement", "stmt", "sql_query", "queries", "sql_command"})
_SQL_WORDS = frozenset(
    {"sql", "sqlite", "postgres", "postgresql", "mysql", "mariadb", "duckdb", "bigquery", "psql"}
)
_PATH_WORDS = frozenset(
    {"path", "file", "filename", "filepath", "source", "target", "destination", "dest", "src",
     "dir", "directory", "folder", "attachment", "attachments", "files", "paths"}
)  # fmt: skip
_HOST_NAMES = frozenset(
    {"url", "uri", "link", "host", "hostname", "endpoint", "address", "server", "target_url",
     "base_url", "webhook", "webhook_url", "callback_url"}
)  # fmt: skip
OUTWARD: frozenset[Intent] = frozenset({"pay", "grant", "delete", "send"})
"""A tool that does one of these by its name does it, whatever commands it is given."""

_ACCESS = {"write": "write", "delete": "delete", "execute": "execute", "grant": "write"}
_SCRIPT_SUFFIXES = (".sh", ".bash", ".zsh", ".ksh", ".command", "rc", "profile")
_GRAVITY: tuple[Intent, ...] = (
    "pay", "grant", "delete", "send", "execute", "write", "read", "other",
)  # fmt: skip


class Field(Struct, frozen=True):
    """One text of an action: where it stands, the last part of its name, and whose text it is."""

    where: str
    name: str
    text: str
    scope: str
    command: bool = False


class Sum(Struct, frozen=True):
    """A number in the arguments that may be a sum of money."""

    where: str
    name: str
    value: float


class Subject(Struct, frozen=True, kw_only=True):
    """What the rules look at. Scripts, statements, paths and hosts know their field.

    `trusted` are the texts of trusted context, `flags` the names of arguments that are true.
    """

    tool: str
    words: tuple[str, ...]
    intent: Intent
    fields: tuple[Field, ...]
    scripts: tuple[tuple[Field, Script], ...] = ()
    statements: tuple[tuple[Field, tuple[int, int] | None, tuple[Statement, ...]], ...] = ()
    paths: tuple[PathUse, ...] = ()
    hosts: tuple[HostUse, ...] = ()
    sums: tuple[Sum, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()
    request: str = ""
    trusted: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    workspace: str = ""

    @property
    def given(self) -> tuple[str, ...]:
        """All that the agent was given: the request, and what it had read, trusted or not."""
        read = (item.text for item in self.fields if item.scope == "context")
        return self.request, *self.trusted, *read


def take_apart(action: Action, workspace: str) -> Subject:
    """The subject of an action; `workspace` is a canonical path, or empty."""
    words = tool_words(action.tool)
    intent = tool_intent(action.tool)
    leaves, problems = _leaves(action.arguments)
    scripts, fields = _scripts(action, words, leaves, problems)
    statements = _statements(words, fields, scripts, problems)
    paths = _paths(intent, fields, workspace)
    for item, script in scripts:
        named = script_paths(script, item.where, workspace)
        if len(named) > MAX_PATHS:
            problems.append((item.where, "too many paths to inspect"))
        paths.extend(named)
    hosts: list[HostUse] = []
    for item in fields:
        if "://" in item.text:
            named_there = hosts_in(item.text, item.where)
            if len(named_there) >= MAX_HOSTS:
                problems.append((item.where, "too many addresses to inspect"))
            hosts += named_there
        elif item.name in _HOST_NAMES:
            hosts += bare_host(item.text, item.where)
    sums, flags = _sums(leaves)
    return Subject(
        tool=encodable(action.tool[:200]),
        words=words,
        intent=_intent(action, intent, fields, scripts, statements),
        fields=tuple(fields) + _surroundings(action, words, problems),
        scripts=tuple(scripts),
        statements=tuple(statements),
        paths=tuple(paths),
        hosts=tuple(hosts),
        sums=tuple(sums),
        problems=tuple(problems),
        request=encodable(action.request),
        trusted=tuple([encodable(piece.text) for piece in action.context if piece.trusted]),
        workspace=workspace,
        flags=tuple(flags),
    )


_Leaf = tuple[str, str, Any]
_Problems = list[tuple[str, str]]


def _leaves(arguments: Any) -> tuple[list[_Leaf], _Problems]:
    """All plain values with where they stand and the name they stand under."""
    walk = _Walk()
    walk.take("arguments", "", arguments, 0)
    return walk.found, walk.problems


class _Walk:
    """A walk through arguments, in order, until there is too much of them."""

    def __init__(self) -> None:
        self.found: list[_Leaf] = []
        self.problems: _Problems = []
        self._characters = 0

    def take(self, where: str, name: str, value: Any, depth: int) -> bool:
        """Take a value and all in it; False where that was too much."""
        if isinstance(value, str):
            value = value if value.isascii() else encodable(value)
            self._characters += len(value)
        elif isinstance(value, dict | list | tuple):
            if depth < MAX_DEPTH:
                return self._take_all(where, name, value, depth + 1)
            self.problems.append((where, "nested too deeply to inspect"))
            return True
        if len(self.found) >= MAX_FIELDS or self._characters > MAX_CHARACTERS:
            self.problems.append((where, "too large to inspect"))
            return False
        self.found.append((where, name, value))
        return True

    def _take_all(self, where: str, name: str, value: Any, depth: int) -> bool:
        if isinstance(value, dict):
            for key, item in value.items():
                named = str(key)
                named = named if named.isascii() else encodable(named)
                if not self.take(f"{where}.{named}", named, item, depth):
                    return False
            return True
        return all(
            self.take(f"{where}[{index}]", name, item, depth) for index, item in enumerate(value)
        )


def _scripts(
    action: Action, words: tuple[str, ...], leaves: list[_Leaf], problems: _Problems
) -> tuple[list[tuple[Field, Script]], list[Field]]:
    """The commands among the arguments, and all text fields, those of commands marked."""
    scripts: list[tuple[Field, Script]] = []
    fields: list[Field] = []
    shell_like = not _SHELL_WORDS.isdisjoint(words)
    dialect = _dialect(words)
    texts = [leaf for leaf in leaves if isinstance(leaf[2], str)]
    lists = listed_commands(action.arguments, shell_like)
    if len(lists) > MOST_LISTS:
        problems.append(("arguments", "too many commands to inspect"))
    for one in lists:
        item = Field(one.where, one.name, encodable(" ".join(one.words)), "arguments", command=True)
        scripts.append((item, parse_words(one.words)))
        fields.append(item)
    taken = tuple(f"{one.where}[" for one in lists)
    for where, name, text in texts:
        if taken and where.startswith(taken):
            continue
        kind = _script_kind(name.lower(), text, words, shell_like, len(texts))
        item = Field(where, name, text, "arguments", command=bool(kind))
        fields.append(item)
        if kind == "shell" or (not kind and _is_script_file(action.arguments, name, text)):
            scripts.append((item, _read_script(text, dialect)))
        elif kind == "code":
            scripts.append((item, _code(text)))
    for item, script in scripts:
        problems.extend((item.where, one.why) for one in script.opaque)
    return scripts, fields


def _dialect(words: tuple[str, ...]) -> str:
    if "powershell" in words or "pwsh" in words:
        return "powershell"
    return "cmd" if "prompt" in words or words == ("cmd", "exe") else "sh"


def _script_kind(name: str, text: str, words: tuple[str, ...], shell_like: bool, count: int) -> str:
    """Whether a text argument is a `shell` script or other `code`; empty where it is neither."""
    if not shell_like and name not in _RUNNABLE:
        return ""
    if name in _CODE_NAMES and ("python" in words or "ipython" in words or not shell_like):
        return "code"
    if name in _COMMAND_NAMES:
        return "shell" if shell_like or any(one in text for one in " /;|&$\n") else ""
    if name in _PATH_WORDS or name in _SQL_NAMES or looks_like_sql(text):
        return ""
    return "shell" if name in _SCRIPT_NAMES or count == 1 else ""


def _read_script(text: str, dialect: str) -> Script:
    """A script with its look-alikes undone; spans are those of the text as it stands."""
    view = clean(text)
    script = parse_shell(view.text, dialect)
    if view.offsets is None:
        return script
    return Script(
        tuple(replace(one, span=view.span(*one.span)) for one in script.commands),
        tuple(replace(one, span=view.span(*one.span)) for one in script.opaque),
    )


def _is_script_file(arguments: Any, name: str, text: str) -> bool:
    """Whether a text is the content of a shell script that is being written."""
    if "\n" not in text[:2000] or name in _PATH_WORDS or not isinstance(arguments, dict):
        return False
    if text.startswith("#!"):
        return "sh" in text.split("\n", 1)[0]
    path = next(
        (arguments[key] for key in ("path", "file_path", "filename") if key in arguments), ""
    )
    return isinstance(path, str) and path.endswith(_SCRIPT_SUFFIXES)


def _code(text: str) -> Script:
    """The shell commands in Python code: system calls, and the lines IPython gives to a shell."""
    if text.lstrip().startswith(("%%bash", "%%sh")):
        return parse_shell(text.split("\n", 1)[-1])
    code = parse_words(["python", "-c", text])
    lines = [line.lstrip()[1:] for line in text.splitlines() if line.lstrip().startswith("!")]
    if not lines:
        return code
    shell = parse_shell("\n".join(lines))
    return Script((*shell.commands, *code.commands), (*shell.opaque, *code.opaque))


def _statements(
    words: tuple[str, ...],
    fields: list[Field],
    scripts: list[tuple[Field, Script]],
    problems: _Problems,
) -> list[tuple[Field, tuple[int, int] | None, tuple[Statement, ...]]]:
    found: list[tuple[Field, tuple[int, int] | None, tuple[Statement, ...]]] = []
    sql_tool = not _SQL_WORDS.isdisjoint(words)
    for item in fields:
        name = item.name.lower()
        certain = name.startswith("sql") or (sql_tool and name in _SQL_NAMES)
        if item.command or not (certain or looks_like_sql(item.text)):
            continue
        if len(found) >= MAX_SQL_FIELDS:
            problems.append((item.where, "too many SQL texts to inspect"))
            break
        statements = parse_sql(item.text)
        if statements is not None:
            if len(statements) >= MAX_STATEMENTS:
                problems.append((item.where, "too many SQL statements to inspect"))
            found.append((item, (0, len(item.text)), statements))
        elif certain and item.text.strip():
            problems.append((item.where, "SQL that cannot be read"))
    for item, script in scripts:
        for text, span in script_sql(script):
            statements = parse_sql(text)
            if statements is not None:
                found.append((item, span, statements))
    return found


def _paths(intent: Intent, fields: list[Field], workspace: str) -> list[PathUse]:
    found: list[PathUse] = []
    for item in fields:
        away = "://" in item.text and not item.text.lower().startswith("file://")
        if item.command or away or len(item.text) > 4096:
            continue
        words = tool_words(item.name)
        named = not _PATH_WORDS.isdisjoint(words) and "\n" not in item.text and item.text
        if (named or looks_like_path(item.text)) and "cwd" not in words:
            path = canonical_path(item.text, workspace)
            access = _ACCESS.get(intent, "read")
            found.append(PathUse(path, access, item.where, (0, len(item.text)), item.text))
    return found


def _intent(
    action: Action,
    intent: Intent,
    fields: list[Field],
    scripts: list[tuple[Field, Script]],
    statements: list[tuple[Field, tuple[int, int] | None, tuple[Statement, ...]]],
) -> Intent:
    """The gravest of what the tool's name, its commands, its statements and its method say."""
    if statements and not scripts:
        own = [intent] if intent in OUTWARD else []  # a sentence that reads as SQL changes no tool
        return max_intent([*own, *(intent_of(parsed) for _, _, parsed in statements)])
    if scripts and intent in {"execute", "other"}:
        return max_intent([script_intent(script) for _, script in scripts])
    if intent not in {"other", "execute", "read", "send"}:
        return intent
    method = action.arguments.get("method") if isinstance(action.arguments, dict) else None
    return http_intent(method, [item.text for item in fields]) or intent


def max_intent(intents: list[Intent]) -> Intent:
    """The gravest of some intents."""
    return min(intents, key=_GRAVITY.index, default="other")


def _surroundings(action: Action, words: tuple[str, ...], problems: _Problems) -> tuple[Field, ...]:
    """The texts around the arguments; what is too long is inspected at both ends."""
    found = [Field("tool", "tool", " ".join(words), "tool")]
    if action.request:
        found.append(Field("request", "request", encodable(action.request), "request"))
    if action.narrative:
        found.append(Field("narrative", "narrative", encodable(action.narrative), "narrative"))
    for index, piece in enumerate(action.context[:MAX_FIELDS]):
        if not piece.trusted:
            source, text = encodable(piece.source), encodable(piece.text)
            found.append(Field(f"context[{index}].text", source, text, "context"))
    if sum([len(item.text) for item in found]) > 4 * MAX_CHARACTERS:
        problems.append(("context", "too large to inspect"))
        return tuple(found[:1])
    return tuple(found)


def _sums(leaves: list[_Leaf]) -> tuple[list[Sum], list[str]]:
    """The numbers among the arguments, and the names of those that are true."""
    found: list[Sum] = []
    flags: list[str] = []
    for where, name, value in leaves:
        number: float | None = None
        if value is True:
            flags.append(name)
        elif isinstance(value, int | float) and value is not False:
            try:
                number = float(value)
            except OverflowError:
                number = float("inf")
        elif (
            isinstance(value, str) and 0 < len(value) <= 24 and value.strip(" $€£-+")[:1].isdigit()
        ):
            try:
                number = float(value.strip(" $€£").replace(",", ""))
            except ValueError:
                number = None
        if number is not None:
            found.append(Sum(where, name, abs(number)))
    return found, flags
