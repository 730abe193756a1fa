"""The narrow similarity key of an action: what a standing grant is for.

`components.shape` says what is alike when something is refused or counted; there a verb, a program
or a folder are enough. Who allows in advance must mean no more than what they saw. So this key
holds all that says what is done, to what, and how far: of a statement its verb, its tables, what
it sets and whether it is restricted; of a command its program, its options and its words; of a
payment to whom, and its order of magnitude. What cannot be read is its own kind: nothing but the
same again is like it.

No two different things are written alike: a word that is kept stands in quotes, and what has
other characters than plain words have is named by its hash.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from math import floor, log10
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from components.actions import Action, Intent
from components.intent_firewall.paths import canonical_path, looks_like_path
from components.intent_firewall.shell_model import Command, Script
from components.intent_firewall.sql_model import Statement
from components.intent_firewall.subject import Subject, take_apart

if TYPE_CHECKING:
    from sqlglot.tokenizer_core import Token

LONGEST = 200
"""Characters of a key; of a longer one the end is its hash."""

_MOST_ITEMS = 12
_DEEPEST = 6
_PLAIN = re.compile(r"[\w.@:/+*%~-]{1,64}")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_DIGITS = re.compile(r"\d+")
_SUM = re.compile(r"amount|price|total|sum|payment|value|budget|limit|quantity", re.IGNORECASE)
_NO_FUNCTIONS = frozenset(
    {"in", "exists", "and", "or", "not", "as", "values", "on", "where", "from", "select", "join",
     "union", "using", "when", "then", "else", "any", "all", "some", "by", "having", "into"}
)  # fmt: skip
"""Words of the language that brackets may follow."""

_NAMED: frozenset[Intent] = frozenset({"pay", "send", "grant"})
"""Where it matters to whom; elsewhere the numbers in a name drop out."""


def likeness(action: Action) -> str:
    """The narrow key, at most `LONGEST` characters: `query(sql=delete orders where)`."""
    try:
        subject = take_apart(action, "")
        told = "" if subject.problems else _Reader(subject).told("arguments", action.arguments, 0)
    except Exception:  # the firewall asks about what it cannot take apart; this is not to deny it
        told = ""
    key = f"{_word(action.tool)}{told or f'({_hash(action.arguments)})'}"
    return key if len(key) <= LONGEST else f"{key[: LONGEST - 18]}…{_hash(key)}"


class _Reader:
    """Tells the arguments of one action."""

    def __init__(self, subject: Subject) -> None:
        self._named = subject.intent in _NAMED
        self._scripts: Mapping[str, Script] = {item.where: one for item, one in subject.scripts}
        self._statements = {
            item.where: parsed for item, _, parsed in subject.statements if not item.command
        }

    def told(self, where: str, value: Any, depth: int) -> str:
        if (script := self._scripts.get(where)) is not None:
            return "|".join(map(_command, script.commands)) or _hash(value)
        if statements := self._statements.get(where):
            return ";".join(map(_statement, statements))
        if isinstance(value, dict | list) and (depth >= _DEEPEST or len(value) > _MOST_ITEMS):
            return _hash(value)
        if isinstance(value, dict):
            parts = (
                f"{_word(name)}={self.told(f'{where}.{name}', item, depth + 1)}"
                for name, item in sorted(value.items())
            )
            return f"({','.join(parts)})"
        if isinstance(value, list):
            items = (
                self.told(f"{where}[{place}]", item, depth + 1) for place, item in enumerate(value)
            )
            return f"[{'+'.join(sorted(set(items)))}]"
        if isinstance(value, str):
            return self._text(value)
        names_somebody = self._named and not _SUM.search(where.rpartition(".")[2])
        return json.dumps(value) if names_somebody else _figure(value)

    def _text(self, text: str) -> str:
        if _URL.match(text):
            return _url(text)
        if not text or any(map(str.isspace, text)):
            return "text" if text.strip() else "''"
        if looks_like_path(text):
            return _path(text)
        return _word(text if self._named else _DIGITS.sub("0", text), quote="'")


def _command(command: Command) -> str:
    """A command: program, options, the folders or words it is about, where its output goes."""
    options = sorted({word for word in command.words if word.startswith("-")})
    operands = (_operand(word) for word in command.words if not word.startswith("-"))
    written = (f">{_path(one.target)}" for one in command.redirects if one.writes)
    who = ("sudo",) if command.privileged else ()
    program = _word(command.path or command.program)
    return " ".join((*who, program, *map(_word, options), *_each(operands), *_each(written)))


def _operand(word: str) -> str:
    if _URL.match(word):
        return _url(word)
    if looks_like_path(word):
        return _path(word)
    return "0" if word.isdigit() else _word(word, quote="'")


def _statement(statement: Statement) -> str:
    """A statement: verb, object, tables, functions, what it sets, whether it is restricted."""
    if not statement.parsed:
        return f"{statement.kind} {_hash(statement.text)}"
    tokens = _outermost(statement.text)
    words = [token.text.lower() for token in tokens]
    told = [statement.kind, statement.what, *sorted(map(_word, statement.tables))]
    told += [f"{_word(name)}()" for name in sorted(set(statement.functions) - _NO_FUNCTIONS)]
    if "set" in words:
        told += [f"{_word(name)}=" for name in _set(tokens)]
    limits = words.count("where") + words.count("limit")
    restricted = limits >= max(words.count("select"), 1)
    if restricted and not statement.unbounded and not statement.tautology:
        told.append("where")
    return " ".join(filter(None, told))


def _outermost(text: str) -> "list[Token]":
    """The tokens of a statement that stand in no brackets."""
    import sqlglot  # large: it is here once a statement was read
    from sqlglot.errors import SqlglotError
    from sqlglot.tokenizer_core import TokenType

    try:
        tokens = sqlglot.tokenize(text)
    except (SqlglotError, ValueError):
        return []
    depth, found = 0, []
    for token in tokens:
        depth -= token.token_type == TokenType.R_PAREN
        if depth == 0:
            found.append(token)
        depth += token.token_type == TokenType.L_PAREN
    return found


def _set(tokens: "list[Token]") -> list[str]:
    """The columns that an UPDATE sets."""
    from sqlglot.tokenizer_core import TokenType

    names: set[str] = set()
    for token, following in pairwise(tokens):
        if token.text.lower() == "where":
            break
        if following.token_type == TokenType.EQ:
            names.add(token.text.lower())
    return sorted(names)


def _url(text: str) -> str:
    """Host, folder, and the names of what is asked."""
    try:
        parts = urlsplit(text)
        names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
    except ValueError:
        return _hash(text)
    place = _word(f"{parts.scheme}://{parts.netloc.lower()}{_folder(parts.path)}")
    return f"{place}?{'&'.join(map(_word, names))}" if names else place


def _path(text: str) -> str:
    """The folder, and the ending of the name; a hidden file by its name, a pattern as it is."""
    if "*" in text or "?" in text:
        return _word(text, quote="'")
    folder, slash, name = canonical_path(text).rpartition("/")
    stem, dot, ending = name.rpartition(".")
    kept = f"*.{ending}" if dot and stem else name if dot or not slash else "*"
    return _word(f"{folder if slash else '.'}/{kept}")


def _folder(path: str) -> str:
    return path[: path.rfind("/") + 1] or "/"


def _figure(value: Any) -> str:
    """A number by its sign and order of magnitude; what is no number as it is."""
    if value is None or isinstance(value, bool) or value == 0:
        return json.dumps(value)
    size = abs(value)
    if size < 1:
        return "-<1" if value < 0 else "<1"
    most = 10 ** (floor(log10(size)) + 1)
    return f"{'-' if value < 0 else ''}<{most}"


def _each(items: Iterable[str]) -> Iterator[str]:
    return iter(dict.fromkeys(items))


def _word(text: str, quote: str = "") -> str:
    return f"{quote}{text}{quote}" if _PLAIN.fullmatch(text) else _hash(text)


def _hash(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=True)
    return "#" + hashlib.sha256(text.encode()).hexdigest()[:16]
