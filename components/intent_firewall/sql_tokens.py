"""SQL by its tokens alone: statements apart, the kind of each, and what is wrapped in another."""

import re

import sqlglot
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from components.intent_firewall.sql_model import Statement
from components.intent_firewall.words import word_set

_EXECUTABLE_COMMENT = re.compile(r"/\*!\d*(.*?)\*/", re.DOTALL)
_BATCH_END = re.compile(r"^[ \t]*go[ \t]*$", re.IGNORECASE | re.MULTILINE)
_KINDS = {
    "select": "select", "with": "select", "values": "select", "show": "show", "explain": "show",
    "describe": "show", "insert": "insert", "replace": "insert", "upsert": "insert",
    "update": "update", "delete": "delete", "merge": "merge", "create": "create",
    "undrop": "create", "alter": "alter", "rename": "alter", "comment": "alter", "drop": "drop",
    "purge": "drop", "truncate": "truncate", "grant": "grant", "revoke": "revoke", "deny": "revoke",
    "set": "set", "copy": "copy", "unload": "copy", "export": "copy", "import": "copy",
    "backup": "copy", "load": "copy", "restore": "restore", "attach": "attach", "detach": "attach",
    "pragma": "set", "exec": "call", "execute": "call", "call": "call", "do": "call",
    "prepare": "call", "vacuum": "maintain", "analyze": "maintain", "reindex": "maintain",
    "optimize": "maintain", "refresh": "maintain", "repair": "maintain", "msck": "maintain",
    "flush": "maintain", "checkpoint": "maintain", "begin": "transaction", "commit": "transaction",
    "rollback": "transaction", "start": "transaction", "savepoint": "transaction",
    "release": "transaction", "end": "transaction", "abort": "transaction", "use": "set",
    "declare": "set", "reset": "set", "discard": "set", "deallocate": "set", "listen": "set",
    "unlisten": "set", "notify": "set", "shutdown": "shutdown", "kill": "shutdown",
    "lock": "set", "unlock": "set", "desc": "show", "table": "select", "handler": "select",
    "fetch": "select", "if": "call", "while": "call",
}  # fmt: skip
_CHANGES = frozenset({"select", "insert", "update", "delete", "merge", "replace"})
WRAPPERS = frozenset({"explain", "do", "prepare", "if", "while", "begin", "declare"})
_STRINGS = frozenset({TokenType.STRING, TokenType.NATIONAL_STRING, TokenType.HEREDOC_STRING})
_DYNAMIC = frozenset({"exec", "execute", "prepare", "do", "call"})
_INNER = re.compile(
    r"\b(?:select|insert|update|delete|merge|drop|truncate|alter|create|grant|revoke|copy|exec"
    r"|execute|with)\b",
    re.IGNORECASE,
)
_TABLE = re.compile(
    r"\b(?:from|into|update|table|join)\s+(?:only\s+|if\s+(?:not\s+)?exists\s+)?([\w.\"`\[\]]+)",
    re.IGNORECASE,
)
_UNQUOTED = str.maketrans("", "", '"`[]')
_MOST = 20_000
_READING_PRAGMAS = word_set(
    "table_info table_xinfo table_list index_list index_info index_xinfo foreign_key_list"
    " foreign_key_check database_list collation_list function_list compile_options"
    " integrity_check quick_check"
)
_OBJECTS = frozenset(
    {"table", "database", "schema", "view", "index", "user", "role", "function", "trigger",
     "procedure", "login", "extension", "column", "owned", "system", "policy", "event"}
)  # fmt: skip


def unwrapped(text: str) -> str:
    """A text with what servers run though it looks like a comment, and with batches ended."""
    if "/*!" in text:
        closed = text.rfind("*/") + 2  # behind it none is: each would be looked for to the end
        text = _EXECUTABLE_COMMENT.sub(r" \1 ", text[:closed]) + text[closed:]
    return _BATCH_END.sub(";", text) if "\n" in text else text


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text; plain words where it cannot be read as SQL."""
    try:
        return sqlglot.tokenize(text)
    except (SqlglotError, RecursionError, ValueError):
        words = re.findall(r"\w+|;|[^\s\w]", text)[:20_000]
        kinds = {";": TokenType.SEMICOLON, "(": TokenType.L_PAREN}
        return [Token(kinds.get(word, TokenType.VAR), word) for word in words]


def groups_of(tokens: list[Token]) -> list[list[Token]]:
    """The tokens of each statement."""
    groups: list[list[Token]] = [[]]
    for token in tokens:
        if token.token_type == TokenType.SEMICOLON:
            groups.append([])
        else:
            groups[-1].append(token)
    return [group for group in groups if group]


def by_tokens(group: list[Token], text: str) -> Statement:
    """What the tokens of a statement tell of it."""
    words = [token.text.lower() for token in group]
    kind = _kind(words)
    what = next((word for word in words[1:5] if word in _OBJECTS), "")
    functions = tuple(
        dict.fromkeys(
            word
            for word, following in zip(words, group[1:], strict=False)
            if following.token_type == TokenType.L_PAREN and word.replace("_", "").isalnum()
        )
    )
    names = re.findall(r"\b[xs]p_\w+", " ".join(words)) if kind == "call" else []
    unbounded = kind in {"update", "delete"} and {"where", "limit", "top"}.isdisjoint(words)
    excerpt = text[group[0].start : group[-1].end + 1]
    return Statement(
        kind,
        what,
        _tables(excerpt),
        functions + tuple(names),
        unbounded,
        parsed=False,
        text=excerpt,
    )


def _tables(text: str) -> tuple[str, ...]:
    found = (name.strip(".").translate(_UNQUOTED).lower() for name in _TABLE.findall(text[:_MOST]))
    return tuple(dict.fromkeys(found))


def inner_text(group: list[Token], text: str) -> str:
    """The statement that another one runs: by EXPLAIN ANALYZE, EXECUTE, DO, IF; empty where none.

    What only plans (EXPLAIN alone) runs nothing.
    """
    first = group[0].text.lower()
    whole = text[group[0].start : group[-1].end + 1]
    if first in _DYNAMIC:
        told = [token.text for token in group[1:] if token.token_type in _STRINGS]
        inner = " ".join(told) or (whole[len(first) :] if first == "do" else "")
    elif first == "explain":
        inner = whole[len(first) :] if _runs(whole) else ""
    else:
        return _inner_block(group, text) if first in WRAPPERS else ""
    found = _INNER.search(inner)
    if found is None:
        return ""
    inner = inner[found.start() :]
    # Of a quoted statement that sqlglot gives as one piece with its verb, a quote is left over.
    return inner.rstrip("' ;") if inner.count("'") % 2 else inner


def _inner_block(group: list[Token], text: str) -> str:
    """What stands in a block, behind its condition: from the first verb outside brackets."""
    depth = 0
    for token in group[1:]:
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and _INNER.fullmatch(token.text):
            return text[token.start : group[-1].end + 1]
    return ""


def _runs(explained: str) -> bool:
    options = re.split(_INNER, explained, maxsplit=1)[0].lower()
    return re.search(r"\banalyze\b(?!\s*(?:=\s*)?(?:false|off|0\b))", options) is not None


def _kind(words: list[str]) -> str:
    first = next((word for word in words if word != "("), "")
    if first == "with":
        return _after_tables(words)
    if first == "pragma":
        return "show" if len(words) > 1 and _pragma(words) in _READING_PRAGMAS else "set"
    if first == "reset" and {"master", "binary"} & set(words[1:3]):
        return "drop"
    return _KINDS.get(first, "other")


def _pragma(words: list[str]) -> str:
    return re.split(r"\W", words[1].strip(), maxsplit=1)[0]


def _after_tables(words: list[str]) -> str:
    """The kind of a statement that begins with common table expressions."""
    depth = 0
    for word in words:
        depth += (word == "(") - (word == ")")
        if depth == 0 and word in _CHANGES:
            return _KINDS[word]
    return "select"
