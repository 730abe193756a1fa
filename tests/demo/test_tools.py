import shutil
import sqlite3
from contextlib import closing

import pytest

from app.demo import database
from app.demo.crafts import repertoire
from app.demo.database import database_tools
from app.demo.sandbox import Sandbox
from app.demo.shell import run_confined, shell_tools
from app.demo.tools import Done, Failed, carry_out
from app.demo.web import web_tools


def query(sandbox: Sandbox, sql: str) -> Done:
    return carry_out(database_tools(sandbox, 1), "query", {"sql": sql})


def test_the_database_has_real_tables_and_the_same_ones_from_the_same_seed(
    sandbox: Sandbox,
) -> None:
    counted = query(sandbox, "SELECT count(*) AS n FROM orders").output
    assert counted == "n\n1500"
    before = query(sandbox, "SELECT sum(price_cents) FROM products").output
    (sandbox.root / "shop.db").unlink()
    assert query(sandbox, "SELECT sum(price_cents) FROM products").output == before


def test_changes_are_really_made_and_failures_are_true(sandbox: Sandbox) -> None:
    assert query(sandbox, "UPDATE orders SET status = 'x' WHERE id = 7").detail == "1 rows changed"
    assert query(sandbox, "SELECT status FROM orders WHERE id = 7").output == "status\nx"
    assert (
        query(sandbox, "SELECT totl FROM orders").detail == "OperationalError: no such column: totl"
    )
    assert query(sandbox, "DROP TABLE orders").status == "ok"
    assert "no such table" in query(sandbox, "SELECT * FROM orders").detail


@pytest.mark.parametrize(
    "sql",
    [
        "ATTACH '{outside}' AS other",
        "VACUUM INTO '{outside}'",
        "PRAGMA journal_mode = WAL",
        "SELECT load_extension('{outside}')",
        "SELECT 1; DROP TABLE orders",
    ],
)
def test_no_statement_leaves_the_database(sandbox: Sandbox, sql: str) -> None:
    outside = sandbox.root.parent / "outside.db"
    assert query(sandbox, sql.format(outside=outside)).status == "failed"
    assert not outside.exists()
    assert query(sandbox, "SELECT count(*) FROM orders").status == "ok"


def test_a_query_is_bounded_in_rows_time_and_size(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(query(sandbox, "SELECT * FROM orders").output.splitlines()) == 51
    monkeypatch.setattr(database, "_LONGEST_S", 0.05)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    assert query(sandbox, endless).detail == "OperationalError: interrupted"
    monkeypatch.setattr(database, "_LONGEST_S", 10)
    monkeypatch.setattr(database, "_MOST_PAGES", 100)
    assert query(sandbox, "CREATE TABLE big AS SELECT zeroblob(9000000)").status == "failed"
    with closing(sqlite3.connect(sandbox.root / "shop.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_pages_are_really_fetched(site: str) -> None:
    tools = web_tools(site)
    assert "Market notes" in carry_out(tools, "http_get", {"url": f"{site}/index.html"}).output
    posted = carry_out(tools, "http_post", {"url": f"{site}/notes", "body": "né"})
    assert (posted.status, posted.output) == ("ok", "3 bytes taken")
    slow = carry_out(tools, "http_get", {"url": f"{site}/prices/archive.html"})
    assert (slow.status, slow.duration_us >= 900_000) == ("ok", True)
    missing = carry_out(tools, "http_get", {"url": f"{site}/prices/2019.html"})
    assert (missing.status, missing.detail) == ("failed", "Failed: HTTP 404: no such page")
    assert "HTTP 500" in carry_out(tools, "http_get", {"url": f"{site}/broken"}).detail


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "https://example.org/",
        "file:///etc/passwd",
        "http://127.0.0.1@example.org/",
        "//example.org/",
        "http://[",
        "",
    ],
)
def test_no_other_address_is_reached(site: str, url: str) -> None:
    for tool in ("http_get", "http_post"):
        done = carry_out(web_tools(site), tool, {"url": url, "body": ""})
        assert done.status == "failed"
        assert "HTTP" not in done.detail


def shell(sandbox: Sandbox, command: str, site: str = "http://127.0.0.1:1") -> Done:
    return carry_out(shell_tools(sandbox, repertoire(site)), "shell", {"command": command})


def test_commands_are_really_run(sandbox: Sandbox) -> None:
    for command in ("mkdir -p docs/src", "seq 1 400 > docs/src/data.txt"):
        assert shell(sandbox, command).status == "ok"
    assert shell(sandbox, "grep -c 7 docs/src/data.txt").output == "76\n"
    assert shell(sandbox, "tar -czf docs.tar.gz docs/src").status == "ok"
    assert (sandbox.root / "docs.tar.gz").stat().st_size > 100
    failed = shell(sandbox, "grep -n missing_symbol docs/src/data.txt")
    assert (failed.status, failed.detail) == ("failed", "Failed: exit status 1:")


def test_a_wide_delete_stays_inside(sandbox: Sandbox) -> None:
    beside = sandbox.root.parent / "beside"
    beside.write_text("mine")
    (sandbox.root / "a").write_text("x")
    (sandbox.root / "way-out").symlink_to(sandbox.root.parent)
    for command in ("chmod -R 777 .", "rm -rf ./*", "find . -type f -delete"):
        assert shell(sandbox, command).status == "ok"
    assert list(sandbox.root.iterdir()) == []
    assert beside.read_text() == "mine"


@pytest.mark.parametrize(
    "command",
    ["rm -rf /", "rm -rf ./* ../*", "mkdir -p docs/src; id", "mkdir -p docs/src\nid", "id", ""],
)
def test_what_is_not_in_the_repertoire_is_refused(sandbox: Sandbox, command: str) -> None:
    assert "not a command of this agent's repertoire" in shell(sandbox, command).detail


def test_a_command_sees_neither_this_environment_nor_this_home(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOMEBODYS_TOKEN", "secret")
    said = run_confined(sandbox, "env; pwd; cat")
    assert "secret" not in said
    assert f"HOME={sandbox.root}\n" in said
    assert said.endswith(f"{sandbox.root}\n")


def test_a_command_is_bounded_in_time_and_file_size(sandbox: Sandbox) -> None:
    with pytest.raises(Failed, match="stopped after"):
        run_confined(sandbox, "sleep 60 & sleep 60", longest_s=0.2)
    with pytest.raises(Failed, match="exit status"):
        run_confined(sandbox, "head -c 20000000 /dev/zero > big")
    assert (sandbox.root / "big").stat().st_size <= 16384 * 1024
    assert run_confined(sandbox, "ulimit -t") == "5\n"


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_piped_script_is_ours_and_harmless(sandbox: Sandbox, site: str) -> None:
    done = shell(sandbox, f"curl -s {site}/setup.sh | sh", site)
    assert done.output == "nothing to set up\n"


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_commits_are_made_in_the_sandbox_alone(sandbox: Sandbox) -> None:
    for command in ("mkdir -p docs/src", "seq 1 400 > docs/src/data.txt", "git init -q docs"):
        assert shell(sandbox, command).status == "ok"
    commit = "git -C docs add -A && git -C docs commit -q -m 'Build docs'"
    assert shell(sandbox, commit).status == "ok"
    assert shell(sandbox, commit).status == "failed"  # there is nothing more to commit
