"""Any value in any field: an assessment comes back, never an exception."""

from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from components.actions import Action, ContextPiece
from components.intent_firewall import Firewall, builtin_packs
from components.intent_firewall.normalise import encodable
from components.intent_firewall.orders import orders_in
from components.intent_firewall.paths import canonical_path
from components.intent_firewall.shell import parse_shell
from components.intent_firewall.sql import parse_sql

FIREWALL = Firewall(builtin_packs())
COMMON = settings(
    deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=80)
SHELLISH = st.lists(
    st.sampled_from(
        ["rm", "-rf", " ", "/", "$", "{", "}", "(", ")", "`", "'", '"', "\\", "\n", ";", "|", "&",
         "<", "<<", "E", "\nE\n", ">", "eval ", "bash -c ", "sudo ", "xargs ", "$(", "${", "$'",
         "\\x", "if ", "then ", "fi", "case ", "esac", "=", "x", "ä", "\x00", "\ud800", "*", "!",
         "function ", "env -S ", "find . -exec ", "python -c ", "powershell -enc ", "base64 -d",
         "echo ", "printf %s", "rev", "tr a b", "xxd -r -p", "<<<", "{a,b}", "a=(", "${x:0:1}",
         "+=", "${x//a/b}", "@'\n", "\n'@", "'a'+'b'", "[char]65", "set a=", "%a%", "%a:~1,2%", "#",
         "<#",
         "alias a=", "for a in b;do ", "done", "trap ", "2>&1", ">>", "\u200b", "cat <<E|sh"]
    ),
    max_size=40,
).map("".join)  # fmt: skip
SQLISH = st.lists(
    st.sampled_from(
        ["SELECT ", "DELETE ", "FROM ", "t ", "WHERE ", "(", ")", "'", '"', ";", "--", "/*", "*/",
         "1", "=", "OR ", "NOT ", "CASE ", "WHEN ", "END ", "WITH ", "AS ", ",", "\\", "$$", "@",
         "UPDATE ", "SET ", "UNION ", "BETWEEN ", "\x00", "ä", "DROP ", "TABLE ", "`", "[", "]"]
    ),
    max_size=40,
).map("".join)  # fmt: skip
TEXT = st.one_of(ANY_TEXT, SHELLISH, SQLISH)
KEYS = st.one_of(
    ANY_TEXT,
    st.sampled_from(["command", "sql", "path", "argv", "code", "url", "amount", "content", "to"]),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), TEXT, st.binary(max_size=20)
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4), st.tuples(inner)
    ),
    max_leaves=12,
)
ARGUMENTS = st.dictionaries(KEYS, VALUES, max_size=5)
TOOLS = st.one_of(
    ANY_TEXT, st.sampled_from(["bash", "query", "powershell", "send_money", "write_file", "exec"])
)


@given(TOOLS, ARGUMENTS, TEXT, TEXT, TEXT, st.booleans())
@example("", {"": 10**400}, "", "", "", False)
@example("bash", {"command": "\ud800 | sh"}, "\ud800", "\ud800", "\ud800", False)
@settings(COMMON, max_examples=200)
def test_validate_never_raises_and_never_fails_inside(
    tool: str, arguments: dict[str, Any], request: str, narrative: str, context: str, trusted: bool
) -> None:
    action = Action(
        tool=tool, arguments=arguments, request=request, narrative=narrative,
        context=(ContextPiece("web", trusted, context),),
    )  # fmt: skip
    safety = FIREWALL.validate(action)
    assert 0 <= safety.score <= 1
    assert all(one.rule != "firewall.failed" for one in safety.reasons), safety.reasons[0].text
    assert safety == FIREWALL.validate(action)


@given(st.one_of(SHELLISH, ANY_TEXT), st.sampled_from(["sh", "powershell", "cmd"]))
@settings(COMMON, max_examples=400)
def test_any_script_is_read_and_its_spans_lie_inside(text: str, dialect: str) -> None:
    script = parse_shell(text, dialect)
    for command in script.commands:
        assert 0 <= command.span[0] <= command.span[1] <= len(text)


@given(st.one_of(SQLISH, ANY_TEXT))
@settings(COMMON, max_examples=200)
def test_any_sql_is_read(text: str) -> None:
    assert parse_sql(text) is None or parse_sql(text)


@given(TEXT)
@settings(COMMON, max_examples=300)
def test_orders_lie_in_their_text(text: str) -> None:
    for order in orders_in(encodable(text)):
        assert 0 <= order.start <= order.end <= order.reach <= len(text)


@given(TEXT)
@settings(COMMON, max_examples=300)
def test_no_canonical_path_climbs_after_it_has_begun(text: str) -> None:
    parts = canonical_path(text).split("/")
    climbing = [index for index, part in enumerate(parts) if part == ".."]
    assert climbing == list(range(len(climbing))) or parts[0] == "~"
