"""SQL as what it does: the kind of each statement, its tables, whether it is bounded by a WHERE.

Parsed by sqlglot where that succeeds; beyond its size or its grammar the tokens alone decide.
"""

import logging
import re
from functools import lru_cache

import sqlglot
from msgspec import Struct
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from components.actions import Intent

# sqlglot warns of statements it takes as plain commands; on a terminal that would be noise.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)

MAX_PARSED = 6_000
MAX_SIZE = 1 << 16
MAX_STATEMENTS = 100
MAX_BRACKETS = 80

_STARTS = re.compile(
    r"^[\s(;]*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*(?:select\b.+?\b(?:from|into)\b|select\s+[\w@]+\s*\(|insert\s+into\b"
    r"|replace\s+into\b|update\s+\S+\s+(?:as\s+\w+\s+)?set\b|delete\s+from\b|merge\s+into\b"
    r"|drop\s+(?:table|database|schema|view|index|user|role|column|owned|function|trigger|policy)\b"
    r"|truncate\s+(?:table\s+)?[\w.\"`\[]+\s*(?:;|$|cascade|restart)|alter\s+(?:table|user|role|database|system|login)\b"
    r"|create\s+(?:or\s+replace\s+)?(?:temp\w*\s+|unique\s+|global\s+)?"
    r"(?:table|database|schema|view|index|user|role|function|trigger|procedure|login|extension|event)\b"
    r"|grant\s+.+?\bto\b|revoke\s+.+?\bfrom\b|with\s+(?:recursive\s+)?\w+\s*(?:\([^)]*\)\s*)?as\s*\("
    r"|exec(?:ute)?\s+(?:master\W|xp_|sp_)|copy\s+\S+.*\b(?:to|from)\b|pragma\s+\w+|attach\s+(?:database\s+)?'"
    r"|load\s+data\b|set\s+(?:global|session|persist)\b|shutdown\s*(?:;|$)|vacuum\b)",
    re.IGNORECASE | re.DOTALL,
)  # fmt: skip
_KINDS = {
    "select": "select", "with": "select", "values": "select", "show": "show", "explain": "show",
    "describe": "show", "insert": "insert", "replace": "insert", "update": "update",
    "delete": "delete", "merge": "merge", "create": "create", "alter": "alter", "drop": "drop",
    "truncate": "truncate", "grant": "grant", "revoke": "revoke", "set": "set", "copy": "copy",
    "attach": "attach", "detach": "attach", "load": "copy", "pragma": "set", "exec": "call",
    "execute": "call", "call": "call", "vacuum": "maintain", "analyze": "maintain",
    "begin": "transaction", "commit": "transaction", "rollback": "transaction",
    "start": "transaction", "use": "set", "shutdown": "shutdown", "kill": "shutdown",
    "reindex": "maintain", "lock": "set", "unlock": "set", "desc": "show", "table": "select",
}  # fmt: skip
_DATA_CHANGES = {exp.Delete: "delete", exp.Update: "update", exp.Insert: "insert"}
_WRITES = frozenset({"insert", "update", "merge", "create", "alter", "copy", "set", "attach"})


class Statement(Struct, frozen=True):
    """One SQL statement. `what` is the kind of thing a DROP, CREATE or ALTER is about.

    `unbounded` says that an UPDATE or DELETE has no WHERE, or one that is always true;
    `tautology` that some condition is always true by its letters (`OR 1=1`).
    """

    kind: str
    what: str = ""
    tables: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    unbounded: bool = False
    tautology: bool = False
    parsed: bool = True
    text: str = ""


def looks_like_sql(text: str) -> bool:
    """Whether a text begins the way a statement does."""
    return _STARTS.match(text[:2000]) is not None


@lru_cache(maxsize=512)
def parse_sql(text: str) -> tuple[Statement, ...] | None:
    """The statements of a text; None where it is too large or does not read as SQL at all."""
    if len(text) > MAX_SIZE:
        return None
    try:
        tokens = sqlglot.tokenize(text)
    except (SqlglotError, RecursionError, ValueError):
        tokens = _plain_tokens(text)
    groups = _statements(tokens)[:MAX_STATEMENTS]
    trees = _trees(text, tokens)
    if trees is not None and len(trees) == len(groups):
        pairs = zip(groups, trees, strict=True)
        found = tuple(one for group, tree in pairs for one in _parsed(group, tree, text))
    else:
        found = tuple(_by_tokens(group, text) for group in groups)
    return found if any(one.kind != "other" for one in found) else None


def intent_of(statements: tuple[Statement, ...]) -> Intent:
    """The gravest intent among statements: read, write, delete, grant or execute."""
    kinds = {one.kind for one in statements}
    if kinds & {"delete", "drop", "truncate"}:
        return "delete"
    if kinds & {"grant", "revoke"}:
        return "grant"
    if kinds & _WRITES:
        return "write"
    return "execute" if kinds & {"call", "shutdown"} else "read"


def _plain_tokens(text: str) -> list[Token]:
    words = re.findall(r"\w+|;|[^\s\w]", text)[:20_000]
    kinds = {";": TokenType.SEMICOLON, "(": TokenType.L_PAREN}
    return [Token(kinds.get(word, TokenType.VAR), word) for word in words]


def _statements(tokens: list[Token]) -> list[list[Token]]:
    groups: list[list[Token]] = [[]]
    for token in tokens:
        if token.token_type == TokenType.SEMICOLON:
            groups.append([])
        else:
            groups[-1].append(token)
    return [group for group in groups if group]


def _trees(text: str, tokens: list[Token]) -> list[exp.Expr] | None:
    brackets = sum(token.token_type in {TokenType.L_PAREN, TokenType.CASE} for token in tokens)
    if len(text) > MAX_PARSED or brackets > MAX_BRACKETS:
        return None
    try:
        return [tree for tree in sqlglot.parse(text) if tree is not None]
    except (SqlglotError, RecursionError, ValueError, AttributeError, TypeError, KeyError):
        return None


def _excerpt(group: list[Token], text: str) -> str:
    return text[group[0].start : group[-1].end + 1]


def _parsed(group: list[Token], tree: exp.Expr, text: str) -> list[Statement]:
    by_tokens = _by_tokens(group, text)
    if isinstance(tree, exp.Command) or by_tokens.kind == "other":
        return [by_tokens]
    conditions = [where.this for where in tree.find_all(exp.Where)]
    found = [
        Statement(
            by_tokens.kind,
            str(tree.args.get("kind") or by_tokens.what).lower(),
            tuple(dict.fromkeys(_name(table) for table in tree.find_all(exp.Table))),
            by_tokens.functions,
            by_tokens.kind in {"update", "delete"} and _unbounded(tree),
            any(_always_true(condition) for condition in conditions),
            True,
            by_tokens.text,
        )
    ]
    for kind, name in _DATA_CHANGES.items():
        for inner in tree.find_all(kind):
            if inner is not tree:
                tables = tuple(_name(table) for table in inner.find_all(exp.Table))
                unbounded = name != "insert" and _unbounded(inner)
                found.append(
                    Statement(name, tables=tables, unbounded=unbounded, text=by_tokens.text)
                )
    return found


def _name(table: exp.Table) -> str:
    return ".".join(part.name for part in table.parts).lower()


def _unbounded(tree: exp.Expr) -> bool:
    where = tree.args.get("where")
    return where is None or _always_true(where.this)


def _always_true(condition: exp.Expr, depth: int = 0) -> bool:
    """Whether a condition holds for every row, as far as its letters tell."""
    if depth > 50:
        return False
    if isinstance(condition, exp.Paren):
        return _always_true(condition.this, depth + 1)
    if isinstance(condition, exp.Or):
        return _always_true(condition.left, depth + 1) or _always_true(condition.right, depth + 1)
    if isinstance(condition, exp.And):
        return _always_true(condition.left, depth + 1) and _always_true(condition.right, depth + 1)
    if isinstance(condition, exp.Boolean):
        return bool(condition.this)
    if isinstance(condition, exp.Literal):
        return str(condition.this) not in {"", "0"}
    if isinstance(condition, (exp.EQ, exp.GTE, exp.LTE)):
        return bool(condition.left == condition.right)
    return False


def _by_tokens(group: list[Token], text: str) -> Statement:
    words = [token.text.lower() for token in group]
    first = next((word for word in words if word != "("), "")
    kind = _KINDS.get(first, "other")
    if first == "explain" and "analyze" in words[:3]:
        kind = next((_KINDS[w] for w in words[1:] if _KINDS.get(w) in {"delete", "update"}), kind)
    what = next((word for word in words[1:4] if word in _OBJECTS), "")
    functions = tuple(
        dict.fromkeys(
            word
            for word, following in zip(words, group[1:], strict=False)
            if following.token_type == TokenType.L_PAREN and word.replace("_", "").isalnum()
        )
    )
    names = re.findall(r"\b[xs]p_\w+", " ".join(words)) if kind == "call" else []
    unbounded = kind in {"update", "delete"} and "where" not in words
    return Statement(
        kind, what, (), functions + tuple(names), unbounded, False, False, _excerpt(group, text)
    )


_OBJECTS = frozenset(
    {"table", "database", "schema", "view", "index", "user", "role", "function", "trigger",
     "procedure", "login", "extension", "column", "owned", "system", "policy", "event"}
)  # fmt: skip
