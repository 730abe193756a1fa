import logging

import pytest

from components.intent_firewall.sql import MAX_SIZE, intent_of, looks_like_sql, parse_sql


@pytest.mark.parametrize(
    ("text", "kind", "unbounded"),
    [
        ("SELECT a FROM t", "select", False),
        ("DELETE FROM t", "delete", True),
        ("DELETE FROM t WHERE id = 1", "delete", False),
        ("DELETE FROM t WHERE 1 = 1", "delete", True),
        ("DELETE FROM t WHERE id = 1 OR 'a' = 'a'", "delete", True),
        ("DELETE FROM t WHERE true", "delete", True),
        ("UPDATE t SET a = 1", "update", True),
        ("update t set a = 1 where id in (select 1)", "update", False),
        ("/* x */ delete -- y\n from t", "delete", True),
        ("DROP TABLE t", "drop", False),
        ("TRUNCATE t", "truncate", False),
        ("GRANT ALL ON t TO bob", "grant", False),
        ("EXEC xp_cmdshell 'dir'", "call", False),
    ],
)
def test_kinds_and_bounds(text: str, kind: str, unbounded: bool) -> None:
    found = parse_sql(text)
    assert found is not None
    assert (found[0].kind, found[0].unbounded) == (kind, unbounded)


def test_tables_functions_and_objects() -> None:
    found = parse_sql("SELECT load_file('/etc/passwd') FROM shop.users u JOIN orders o ON 1 = 1")
    assert found is not None
    assert set(found[0].tables) == {"shop.users", "orders"}
    assert "load_file" in found[0].functions
    dropped = parse_sql("DROP DATABASE shop")
    assert dropped is not None
    assert dropped[0].what == "database"


def test_a_change_inside_a_select_is_found() -> None:
    found = parse_sql("WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d")
    assert found is not None
    assert ("delete", True) in [(one.kind, one.unbounded) for one in found]


def test_stacked_statements_are_told_apart() -> None:
    found = parse_sql("SELECT 1; DROP TABLE t;")
    assert found is not None
    assert [one.kind for one in found] == ["select", "drop"]
    assert intent_of(found) == "delete"


@pytest.mark.parametrize(
    "text",
    [
        "DELETE FROM t WHERE " + "(" * 500 + "1" + ")" * 500,
        "DELETE FROM t WHERE " + "NOT " * 3000 + "a",
        "DELETE FROM t WHERE a IN (" + "1," * 6000 + "1)",
        "DELETE FROM t WHERE a = 'unclosed",
    ],
)
def test_beyond_the_parser_the_tokens_decide(text: str) -> None:
    found = parse_sql(text)
    assert found is not None
    assert (found[0].kind, found[0].unbounded) == ("delete", False)


@pytest.mark.parametrize("text", ["weather in Paris", "", "'", "(" * 500, "x" * (MAX_SIZE + 1)])
def test_other_texts_are_no_sql(text: str) -> None:
    assert parse_sql(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Update the settings and tell Bob", "Select a seat near the window", "drop me a line",
        "Delete from your list what you like", "Create a table for dinner at eight",
        "with regards",
    ],
)  # fmt: skip
def test_sentences_do_not_look_like_sql(text: str) -> None:
    wanted = text.startswith("Delete from")
    assert looks_like_sql(text) is wanted


def test_the_parser_writes_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    parse_sql("SHOW TABLES; VACUUM; CALL f(); CREATE USER x IDENTIFIED BY 'y'")
    assert logging.getLogger("sqlglot").getEffectiveLevel() == logging.CRITICAL
    assert capfd.readouterr().err == ""
