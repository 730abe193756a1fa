"""SQL as sqlglot parses it: what a statement changes, on which tables, and whether on every row."""

import logging

import sqlglot
from msgspec.structs import replace
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from components.intent_firewall.sql_model import Statement

# sqlglot warns of statements it takes as plain commands; on a terminal that would be noise.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)

MAX_PARSED = 6_000
MAX_TRIED = 2_000
"""So long a text is tried in further dialects, where the first does not read it."""

MAX_BRACKETS = 80

_KINDS: dict[type[exp.Expr], str] = {
    exp.Insert: "insert", exp.Update: "update", exp.Delete: "delete", exp.Merge: "merge",
}  # fmt: skip


def trees_of(text: str, tokens: list[Token]) -> list[exp.Expr] | None:
    """The statements as trees, in the dialect that the quotes tell; None where none reads it."""
    brackets = sum(token.token_type in {TokenType.L_PAREN, TokenType.CASE} for token in tokens)
    if len(text) > MAX_PARSED or brackets > MAX_BRACKETS:
        return None
    for dialect in _dialects(text):
        try:
            found = sqlglot.parse(text, read=dialect)
        except (SqlglotError, RecursionError, ValueError, AttributeError, TypeError, KeyError):
            continue
        return [tree for tree in found if tree is not None and not isinstance(tree, exp.Semicolon)]
    return None


def _dialects(text: str) -> tuple[str | None, ...]:
    lower = text.lower()
    if "`" in text:
        return ("mysql", "bigquery")
    if "[" in text or " top " in lower or " top(" in lower:
        return ("tsql", None)
    if " only " in lower or "::" in text:
        return ("postgres",)
    return (None, "postgres", "tsql") if len(text) <= MAX_TRIED else (None,)


def by_tree(tree: exp.Expr, told: Statement) -> list[Statement]:
    """A statement and the changes inside it; `told` is what its tokens say."""
    if isinstance(tree, exp.Command) or told.kind == "other":
        return [told]
    kind = _KINDS.get(type(tree), told.kind)
    ctes = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    what = "" if kind == "copy" else str(tree.args.get("kind") or told.what).lower()
    outer = replace(
        told,
        kind=kind,
        what=("from" if tree.args.get("kind") else "to") if kind == "copy" else what,
        tables=tuple(name for name in _tables(tree) if name not in ctes),
        unbounded=_takes_all(tree, kind),
        tautology=any(_always_true(where.this) for where in tree.find_all(exp.Where)),
        parsed=True,
    )
    return [outer, *_inner(tree, told.text)]


def _inner(tree: exp.Expr, text: str) -> list[Statement]:
    if isinstance(tree, exp.Merge):
        deletes = any("DELETE" in str(when.args.get("then")) for when in tree.find_all(exp.When))
        return [Statement("delete", tables=_tables(tree)[:1], text=text)] if deletes else []
    found = []
    for change in tree.find_all(exp.Delete, exp.Update, exp.Insert):
        if change is not tree:
            kind = _KINDS[type(change)]
            all_rows = _takes_all(change, kind)
            found.append(Statement(kind, tables=_tables(change), unbounded=all_rows, text=text))
    if isinstance(tree, exp.Select) and (made := tree.args.get("into")) is not None:
        found.append(Statement("create", "table", _tables(made), text=text))
    return found


def _tables(tree: exp.Expr) -> tuple[str, ...]:
    names = (".".join(part.name for part in one.parts).lower() for one in tree.find_all(exp.Table))
    return tuple(dict.fromkeys(names))


def _takes_all(tree: exp.Expr, kind: str) -> bool:
    if kind == "merge":
        on = tree.args.get("on")
        return on is not None and _always_true(on)
    if kind not in {"update", "delete"}:
        return False
    if (where := tree.args.get("where")) is not None:
        return _always_true(where.this)
    limited = any(tree.args.get(name) is not None for name in ("limit", "fetch"))
    ons = [join.args["on"] for join in tree.find_all(exp.Join) if join.args.get("on")]
    topped = any(table.name.lower() == "top" for table in tree.find_all(exp.Table))
    return not (limited or topped or any(not _always_true(on) for on in ons))


def _always_true(condition: exp.Expr, depth: int = 0) -> bool:
    """Whether a condition holds for every row, as far as its letters tell."""
    if depth > 50:
        return False
    match condition:
        case exp.Paren():
            return _always_true(condition.this, depth + 1)
        case exp.Or():
            sides = (condition.left, condition.right)
            return any(_always_true(side, depth + 1) for side in sides)
        case exp.And():
            sides = (condition.left, condition.right)
            return all(_always_true(side, depth + 1) for side in sides)
        case exp.Not():
            inner = condition.this
            return isinstance(inner, exp.Boolean) and not inner.this
        case exp.Boolean():
            return bool(condition.this)
        case exp.Literal():
            return str(condition.this) not in {"", "0"}
        case exp.Like() | exp.ILike():
            return (
                isinstance(condition.expression, exp.Literal) and condition.expression.this == "%"
            )
        case exp.Exists():
            return condition.find(exp.From) is None
        case exp.EQ() | exp.GTE() | exp.LTE() | exp.GT() | exp.LT() | exp.NEQ():
            return _compares_true(condition)
    return False


def _compares_true(condition: exp.Binary) -> bool:
    left, right = condition.left, condition.right
    if isinstance(condition, (exp.EQ, exp.GTE, exp.LTE)) and left == right:
        return True
    if not (isinstance(left, exp.Literal) and isinstance(right, exp.Literal)):
        return False
    if isinstance(condition, exp.NEQ):
        return left != right
    try:
        low, high = float(left.this), float(right.this)
    except ValueError:
        return False
    return (
        low < high
        if isinstance(condition, (exp.LT, exp.LTE))
        else (low > high and isinstance(condition, (exp.GT, exp.GTE)))
    )
