"""The statements of a text of SQL: what the tokens tell of each, and the tree where there is one.

Apart from what asks for them, since sqlglot is large, and few agents send SQL.
"""

from components.intent_firewall.sql_model import MAX_STATEMENTS, Statement
from components.intent_firewall.sql_tokens import (
    WRAPPERS,
    by_tokens,
    groups_of,
    inner_text,
    tokens_of,
    unwrapped,
)
from components.intent_firewall.sql_tree import by_tree, trees_of

MAX_WRAPPED = 3


def statements_of(text: str) -> list[Statement]:
    """The statements of a text, and those that they run, as far as they can be read."""
    return _parse(unwrapped(text), MAX_WRAPPED)


def _parse(text: str, depth: int) -> list[Statement]:
    tokens = tokens_of(text)
    groups = groups_of(tokens)[:MAX_STATEMENTS]
    trees = trees_of(text, tokens)
    whole = trees is not None and len(trees) == len(groups)
    found: list[Statement] = []
    for index, group in enumerate(groups):
        told = by_tokens(group, text)
        if inner := inner_text(group, text) if depth else "":
            found += _parse(inner, depth - 1)
            if group[0].text.lower() in WRAPPERS:
                continue
        found += by_tree(trees[index], told) if whole and trees is not None else [told]
    return found[:MAX_STATEMENTS]
