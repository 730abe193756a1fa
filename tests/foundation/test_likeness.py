"""The narrow key of a standing grant: what a person saw, and nothing more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.actions import Action
from components.likeness import LONGEST, likeness


def sql(statement: str) -> Action:
    return Action(tool="query", arguments={"sql": statement})


def shell(command: str) -> Action:
    return Action(tool="shell", arguments={"command": command})


def call(tool: str, **arguments: object) -> Action:
    return Action(tool=tool, arguments=arguments)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (sql("DELETE FROM logs WHERE id = 3"), sql("delete from logs where id in (4, 5)")),
        (sql("DROP TABLE scratch"), sql("DROP TABLE IF EXISTS scratch")),
        (sql("SELECT name FROM t WHERE id = 1"), sql("SELECT id, name FROM t WHERE name = 'x'")),
        (shell("rm build/a.o"), shell("rm build/b.o")),
        (shell("make test"), shell("make  'test'")),
        (call("read_file", path="src/a.py"), call("read_file", path="src/b.py")),
        (call("send_money", to="GB33", amount=12.5), call("send_money", to="GB33", amount=80)),
        (call("remove_item", id="o-17"), call("remove_item", id="o-23")),
        (
            call("send_email", to="ann@example.com", body="the first text"),
            call("send_email", to="ann@example.com", body="quite another one"),
        ),
        (call("get", url="https://api.example/v1/a"), call("get", url="https://api.example/v1/b")),
    ],
)
def test_what_a_person_would_call_the_same_is_alike(one: Action, other: Action) -> None:
    assert likeness(one) == likeness(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (sql("DELETE FROM logs WHERE id = 3"), sql("DELETE FROM logs")),
        (sql("DELETE FROM logs WHERE id = 3"), sql("DELETE FROM logs WHERE 1 = 1")),
        (sql("DELETE FROM logs WHERE id = 3"), sql("DELETE FROM users WHERE id = 3")),
        (sql("DROP TABLE scratch"), sql("DROP DATABASE scratch")),
        (sql("SELECT name FROM t WHERE id = 1"), sql("SELECT name FROM t")),
        (
            sql("SELECT a FROM t WHERE id = 1"),
            sql("SELECT a FROM t WHERE id = 1 UNION SELECT b FROM t"),
        ),
        (sql("SELECT a FROM t"), sql("SELECT pg_sleep(9) FROM t")),
        (sql("UPDATE a SET nick = 'x' WHERE id = 7"), sql("UPDATE a SET sum = 9 WHERE id = 7")),
        (sql("DELETE FROM a WHERE id = 3"), sql("DELETE FROM a WHERE id = 3; DROP TABLE b")),
        (shell("git push origin main"), shell("git push --force origin main")),
        (shell("git push origin main"), shell("git push origin other")),
        (shell("rm build/a.o"), shell("rm -rf build/a.o")),
        (shell("rm build/a.o"), shell("rm build/*.o")),
        (shell("rm build/a.o"), shell("sudo rm build/a.o")),
        (shell("rm x.txt"), shell("rm /x.txt")),
        (shell("ls"), shell("ls && rm -rf data")),
        (shell("bash -c 'ls'"), shell("bash -c 'rm -rf data'")),
        (shell("echo `ls`"), shell("echo `rm -rf data`")),
        (shell("cat a.txt"), shell("cat a.txt > b.sh")),
        (call("read_file", path="src/a.py"), call("read_file", path="src/.env")),
        (call("read_file", path="src/a.py"), call("read_file", path="lib/a.py")),
        (call("send_money", to="GB33", amount=12), call("send_money", to="GB34", amount=12)),
        (call("send_money", to="GB33", amount=12), call("send_money", to="GB33", amount=1200)),
        (call("send_money", to=1234, amount=12), call("send_money", to=5678, amount=12)),
        (call("get", url="https://a.example/x", method="GET"),
         call("get", url="https://a.example/x", method="DELETE")),
        (call("get", url="https://a.example/x"), call("get", url="https://a.example/x?key=1")),
        (call("share", folder="a", with_all=False), call("share", folder="a", with_all=True)),
        (call("note", text="text"), call("note", text="some text")),
        (call("x", a="foo,b=bar"), call("x", a="foo", b="bar")),
        (call("x", a="1"), call("x", a=1)),
        (call("remove", ids=["a"]), call("remove", ids=["a", "b"])),
    ],
)  # fmt: skip
def test_what_does_more_goes_elsewhere_or_cannot_be_read_is_not_alike(
    one: Action, other: Action
) -> None:
    assert likeness(one) != likeness(other)


def test_what_cannot_be_read_is_like_itself_alone() -> None:
    opaque = shell('eval "$WHAT"')
    assert likeness(opaque) == likeness(opaque)
    assert likeness(opaque) != likeness(shell('eval "$OTHER"'))


def test_a_statement_is_named_as_people_would() -> None:
    assert likeness(sql("DELETE FROM orders WHERE id = 3")) == "query(sql=delete orders where)"


_PLAIN = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=40)
_VALUES = st.recursive(
    _PLAIN | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.text(max_size=30), st.dictionaries(st.text(max_size=10), _VALUES, max_size=5))
def test_any_action_has_a_short_key_that_stays(tool: str, arguments: dict[str, object]) -> None:
    action = Action(tool=tool, arguments=arguments)
    key = likeness(action)
    assert key == likeness(action)
    assert 0 < len(key) <= LONGEST
