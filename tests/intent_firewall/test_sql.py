import logging

import pytest

from components.actions import Action
from components.intent_firewall import Firewall
from components.intent_firewall.sql import (
    MAX_SIZE,
    intent_of,
    looks_like_sql,
    parse_sql,
    reversal_of,
)


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
        ("DELETE FROM `t`", "delete", True),
        ("DELETE FROM [dbo].[t]", "delete", True),
        ("DELETE TOP (10) FROM t", "delete", False),
        ("DELETE FROM t LIMIT 5", "delete", False),
        ("DELETE t FROM t JOIN u ON t.id = u.id", "delete", False),
        ("DELETE t FROM t JOIN u ON 1 = 1", "delete", True),
        ("DELETE FROM t WHERE NOT false", "delete", True),
        ("DELETE FROM t WHERE 1 < 2", "delete", True),
        ("DELETE FROM t WHERE 2 < 1", "delete", False),
        ("DELETE FROM t WHERE name LIKE '%'", "delete", True),
        ("DELETE FROM t WHERE EXISTS (SELECT 1)", "delete", True),
        ("DELETE FROM t WHERE EXISTS (SELECT 1 FROM u)", "delete", False),
        ("WITH x AS (SELECT 1) DELETE FROM t", "delete", True),
        ("WITH x AS (SELECT 1) UPDATE t SET a = 1 WHERE id = 2", "update", False),
        ("UPDATE ONLY t SET a = 1", "update", True),
        ("MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = 1", "merge", False),
        ("MERGE INTO t USING s ON 1 = 1 WHEN MATCHED THEN UPDATE SET a = 1", "merge", True),
        ("EXPLAIN DELETE FROM t", "show", False),
        ("EXPLAIN ANALYZE DELETE FROM t", "delete", True),
        ("EXPLAIN (ANALYZE false) DELETE FROM t", "show", False),
        ("PREPARE s FROM 'DELETE FROM t'", "delete", True),
        ("EXECUTE IMMEDIATE 'DELETE FROM t'", "delete", True),
        ("DO $$ BEGIN DELETE FROM t; END $$", "delete", True),
        ("IF EXISTS (SELECT 1) DROP TABLE t", "drop", False),
        ("/*!50000 DELETE FROM t */", "delete", True),
        ("PRAGMA table_info(t)", "show", False),
        ("PRAGMA writable_schema = ON", "set", False),
        ("REPLACE INTO t VALUES (1)", "insert", False),
        ("RENAME TABLE a TO b", "alter", False),
        ("RESTORE DATABASE x FROM DISK = 'y'", "restore", False),
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


@pytest.mark.parametrize(
    "text",
    ["DELETE FROM `ledger`", "DELETE FROM [ledger]", "REPLACE INTO ledger VALUES (1)",
     "DELETE FROM ledger WHERE CURRENT OF c", "WITH x AS (SELECT 1) DELETE FROM ledger"],
)  # fmt: skip
def test_tables_are_known_in_every_dialect(text: str) -> None:
    found = parse_sql(text)
    assert found is not None
    assert found[0].tables == ("ledger",)


def test_a_comment_at_the_end_hides_nothing() -> None:
    found = parse_sql("SELECT 1; DROP TABLE t;--")
    assert found is not None
    assert [(one.kind, one.tables) for one in found] == [("select", ()), ("drop", ("t",))]


def test_batches_are_told_apart() -> None:
    found = parse_sql("SELECT 1\nGO\nDROP TABLE t\ngo\n")
    assert found is not None
    assert [one.kind for one in found] == ["select", "drop"]


@pytest.mark.parametrize(
    ("text", "intent", "reversal"),
    [
        ("SELECT a FROM t", "read", "reversible"),
        ("SELECT pg_terminate_backend(7)", "execute", "reversible"),
        ("SELECT a INTO b FROM t", "write", "recoverable"),
        ("INSERT INTO t VALUES (1)", "write", "recoverable"),
        ("UPDATE t SET a = 1", "write", "irreversible"),
        ("MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN DELETE", "delete", "irreversible"),
        ("COPY t FROM '/x.csv'", "write", "irreversible"),
        ("GRANT ALL ON t TO bob", "grant", "recoverable"),
        ("BEGIN; DELETE FROM t; ROLLBACK", "delete", "reversible"),
        ("BEGIN; DELETE FROM t; COMMIT", "delete", "irreversible"),
    ],
)
def test_what_statements_do_and_whether_it_can_be_undone(
    text: str, intent: str, reversal: str
) -> None:
    found = parse_sql(text)
    assert found is not None
    assert (intent_of(found), reversal_of(found)) == (intent, reversal)


def test_wrapping_is_undone_three_times_and_then_left() -> None:
    text = "DELETE FROM t"
    for _ in range(30):
        text = f"EXPLAIN ANALYZE {text}"
    assert parse_sql(text) is not None


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


@pytest.mark.parametrize(
    "text",
    ["EXPLAIN ANALYZE DELETE FROM t", "UPDATE ONLY t SET a = 1", "delete/**/from/**/t",
     "DELETE t FROM t JOIN u ON t.id = u.id", "/*!50000 DROP TABLE t */", "DO $$ BEGIN END $$",
     "BEGIN; DELETE FROM t", "SELECT 1; DROP TABLE t", "EXECUTE IMMEDIATE 'x'",
     "TRUNCATE TABLE a, b",
     "INSERT OR REPLACE INTO t VALUES (1)", "DROP TEMPORARY TABLE t"],
)  # fmt: skip
def test_rarer_statements_look_like_sql(text: str) -> None:
    assert looks_like_sql(text)


@pytest.mark.parametrize("tool", ["search_database", "query_db"])
def test_a_question_to_a_database_is_no_sql(firewall: Firewall, tool: str) -> None:
    action = Action(tool=tool, arguments={"query": "houses with a garden near the sea"})
    assert firewall.validate(action).disposition == "allow"


def test_what_must_be_sql_and_cannot_be_read_is_asked_about(firewall: Firewall) -> None:
    found = firewall.validate(Action(tool="run_sql", arguments={"sql": "hjklm nothing known"}))
    assert [reason.rule for reason in found.reasons] == ["firewall.uninspectable"]


def test_the_parser_writes_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    parse_sql("SHOW TABLES; VACUUM; CALL f(); CREATE USER x IDENTIFIED BY 'y'")
    assert logging.getLogger("sqlglot").getEffectiveLevel() == logging.CRITICAL
    assert capfd.readouterr().err == ""
