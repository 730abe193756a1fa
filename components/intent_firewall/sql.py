"""SQL as what it does: the kind of each statement, its tables, whether it takes every row.

Parsed by sqlglot where that succeeds; beyond its size or its grammar the tokens alone decide.
"""

import re
from functools import lru_cache
from typing import Literal

from components.actions import Intent
from components.intent_firewall.sql_model import Statement
from components.intent_firewall.words import word_set

MAX_SIZE = 1 << 16

_STARTS = re.compile(
    r"^[\s(;]*(?:--[^\n]*\n\s*|/\*[^!].*?\*/\s*|/\*!\d*\s*)*(?:select\b.+?\b(?:from|into)\b|select\s+[\w@]+\s*\(|insert\s+into\b"
    r"|replace\s+into\b|update\s+\S+\s+(?:as\s+\w+\s+)?set\b|delete\s+from\b|merge\s+into\b"
    r"|drop\s+(?:table|database|schema|view|index|user|role|column|owned|function|trigger|policy)\b"
    r"|truncate\s+(?:table\s+)?[\w.\"`\[]+\s*(?:;|$|cascade|restart)|alter\s+(?:table|user|role|database|system|login)\b"
    r"|create\s+(?:or\s+replace\s+)?(?:temp\w*\s+|unique\s+|global\s+)?"
    r"(?:table|database|schema|view|index|user|role|function|trigger|procedure|login|extension|event)\b"
    r"|grant\s++.+?\bto\b|revoke\s++.+?\bfrom\b|with\s+(?:recursive\s+)?\w+\s*(?:\([^)]*\)\s*)?as\s*\("
    r"|exec(?:ute)?\s+(?:master\W|xp_|sp_)|copy\s++\S.*\b(?:to|from)\b|pragma\s+\w+|attach\s+(?:database\s+)?'"
    r"|load\s+data\b|set\s+(?:global|session|persist)\b|shutdown\s*(?:;|$)|vacuum\b"
    r"|explain\s+(?:\([^)]*\)\s*|analy[sz]e\s+|verbose\s+|query\s+plan\s+)*"
    r"(?:select|with|insert|update|delete|merge)\b"
    r"|insert\s+(?:or\s+\w+\s+into|ignore\s+into|overwrite\s+(?:table\s+)?\w)|upsert\s+into\b"
    r"|delete\s+top\s*\(|delete\s+(?:[\w.`]+(?:\s*,\s*[\w.`]+)*\s+)?from\s+[\w.\"`\[\]]+\s+"
    r"(?:as\s+\w+\s+|\w+\s+)?(?:(?:inner|left|cross)\s+)?join\b"
    r"|update\s+(?:only\s+\S+|\w+(?:\s*,\s*\w+)+)\s+set\b|truncate\s+table\b"
    r"|drop\s+(?:temporary|materialized)\s+\w+|execute\s+immediate\b|call\s+[\w.]+\s*\("
    r"|(?:restore|backup|rename|optimize|repair|lock|unlock)\s+(?:database|tables?)\b"
    r"|kill\s+(?:query\s+|connection\s+)?\d+\s*;?$|flush\s+(?:privileges|tables|logs)\b"
    r"|purge\s+binary\b|reset\s+master\b|comment\s+on\s+(?:table|column|schema|database)\b"
    r"|do\s+\$\w*\$|begin\s*(?:tran\w*\s*)?;|prepare\s+\w+\s+(?:from|as)\b"
    r"|declare\s+@\w+|if\s+(?:not\s+)?exists\s*\(\s*select\b"
    r"|select\s[^;]*;\s*(?:drop|delete|insert|update|truncate|alter|create|grant|exec)\b)",
    re.IGNORECASE | re.DOTALL,
)  # fmt: skip
_BEFORE = re.compile(r"(?:[\s(;]++|--[^\n]*+\n|/\*(?!!).*?\*/)*+", re.DOTALL)
_COMMENT = re.compile(r"/\*(?!!).*?\*/", re.DOTALL)
_WRITES = frozenset(
    {"insert", "update", "merge", "create", "alter", "copy", "set", "attach", "restore"}
)
_ACTING = word_set(
    "pg_terminate_backend pg_cancel_backend pg_reload_conf pg_rotate_logfile pg_file_write"
    " lo_import lo_export lo_unlink dblink_exec setval load_extension sys_exec sys_eval"
    " query_to_xml"
)
_UNDONE: dict[str, Literal["recoverable", "irreversible"]] = {
    **dict.fromkeys(["insert", "create", "grant", "revoke", "attach", "set"], "recoverable"),
    **dict.fromkeys(
        ["update", "delete", "merge", "alter", "drop", "truncate", "call", "shutdown", "copy",
         "restore"], "irreversible"),
}  # fmt: skip


def looks_like_sql(text: str) -> bool:
    """Whether a text begins the way a statement does."""
    at = _BEFORE.match(text)
    start = text[at.end() if at else 0 :][:2000]
    return _STARTS.match(_COMMENT.sub(" ", start) if "/*" in start else start) is not None


@lru_cache(maxsize=512)
def parse_sql(text: str) -> tuple[Statement, ...] | None:
    """The statements of a text; None where it is too large or does not read as SQL at all."""
    if len(text) > MAX_SIZE:
        return None
    from components.intent_firewall.sql_reading import statements_of  # 10 MB: not before any comes

    found = statements_of(text)
    return tuple(found) if any(one.kind != "other" for one in found) else None


def intent_of(statements: tuple[Statement, ...]) -> Intent:
    """The gravest intent among statements: read, write, delete, grant or execute."""
    kinds = {one.kind for one in statements}
    if kinds & {"delete", "drop", "truncate"}:
        return "delete"
    if kinds & {"grant", "revoke"}:
        return "grant"
    if kinds & _WRITES:
        return "write"
    acts = any(not _ACTING.isdisjoint(one.functions) for one in statements)
    return "execute" if acts or kinds & {"call", "shutdown"} else "read"


def takes_all(statement: Statement) -> bool:
    """Whether a statement is about every row, or all that a schema or database holds."""
    whole = statement.kind == "truncate" or (
        statement.kind == "drop" and statement.what in {"database", "schema", "owned"}
    )
    return whole or statement.unbounded


def reversal_of(
    statements: tuple[Statement, ...],
) -> Literal["reversible", "recoverable", "irreversible"]:
    """Whether statements can be undone; what ends in a ROLLBACK undoes itself."""
    if statements and statements[-1].text.lower().startswith(("rollback", "abort")):
        return "reversible"
    told = {_UNDONE[one.kind] for one in statements if one.kind in _UNDONE}
    return "irreversible" if "irreversible" in told else "recoverable" if told else "reversible"
