"""What actions have in common: what is the same is named, what differs is left open."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.actions import Action
from components.evolution_core.common import in_common
from components.intent_firewall import Firewall, Match, PackHead, Rule, RulePack


def sql(*statements: str) -> list[Action]:
    return [Action(tool="query", arguments={"sql": one}) for one in statements]


def shell(*commands: str) -> list[Action]:
    return [Action(tool="shell", arguments={"command": one}) for one in commands]


def calls(tool: str, name: str, *values: object, **others: object) -> list[Action]:
    return [Action(tool=tool, arguments={name: value, **others}) for value in values]


def caught(match: Match, action: Action) -> bool:
    rule = Rule(id="tried", reason="tried", match=match, effect="block")
    found = Firewall([RulePack(PackHead("tried"), (rule,))]).validate(action)
    return any(reason.rule == "tried" for reason in found.reasons)


@pytest.mark.parametrize(
    ("rejected", "alike", "other"),
    [
        (sql("DROP TABLE a", "DROP TABLE b", "drop table c"),
         sql("DROP TABLE d"), sql("SELECT 1 FROM a", "DROP INDEX a", "DELETE FROM a WHERE id=1")),
        (sql("DROP TABLE a", "DROP TABLE a", "DROP TABLE b"),
         sql("DROP TABLE b"), sql("DROP TABLE c")),
        (sql("DELETE FROM logs", "DELETE FROM logs WHERE 1=1", "delete from logs"),
         sql("DELETE FROM logs WHERE 2=2"), sql("DELETE FROM logs WHERE id=2", "DELETE FROM x")),
        (shell("rm -rf build/a", "cd x && rm -fr build/b", "rm -r -f build/c"),
         shell("rm -rf build/d"), shell("rm build/d", "rm -rf other", "ls -rf build/d")),
        (shell("git push --force", "git push -q origin", "git -C x push"),
         shell("git push here"), shell("git status", "npm push")),
        (shell("kubectl delete namespace a", "kubectl -n x delete namespace b",
               "kubectl delete namespace c"),
         shell("kubectl delete namespace d"),
         shell("kubectl delete pod d", "kubectl get namespace")),
        (shell("curl https://bad.test/a", "curl https://bad.test/b", "curl -s https://bad.test/c"),
         shell("curl https://bad.test/d"), shell("curl https://good.test/d")),
        (shell("sudo apt install a", "sudo apt install b", "sudo apt install c"),
         shell("sudo apt install d"), shell("apt install d", "sudo apt list")),
        (shell("cat a > /etc/x", "cat b > /etc/y", "cat c > /etc/z"),
         shell("cat d > /etc/w"), shell("cat d > out", "cat /etc/w")),
        (calls("send_email", "to", "a@rival.test", "b@rival.test", "C@RIVAL.test", body="x y"),
         calls("send_email", "to", "d@rival.test"), calls("send_email", "to", "d@ours.test")),
        (calls("send_money", "amount", 900, 1500, 20_000),
         calls("send_money", "amount", 901), calls("send_money", "amount", 100)),
        (calls("write_file", "path", "conf/prod/a.yml", "conf/prod/b.yml", "conf/prod/sub/c.yml"),
         calls("write_file", "path", "conf/prod/d.yml", "/srv/conf/prod/d.yml"),
         calls("write_file", "path", "conf/test/d.yml")),
        (calls("read_file", "path", "~/a/x.pem", "/etc/y.pem", "z.pem"),
         calls("read_file", "path", "deep/down/w.pem"), calls("read_file", "path", "w.txt")),
        (calls("http", "url", "https://api.example/a", "https://api.example/b", "https://api.example/c",
               method="DELETE"),
         calls("http", "url", "https://api.example/d", method="DELETE"),
         calls("http", "url", "https://api.example/d", method="GET")),
        (calls("close_account", "id", "1", "2", "3"), calls("close_account", "id", "4"),
         calls("open_account", "id", "4")),
    ],
)  # fmt: skip
def test_the_narrowest_match_catches_the_like_and_nothing_else(
    rejected: Sequence[Action], alike: Sequence[Action], other: Sequence[Action]
) -> None:
    first = in_common(rejected)[0]
    for action in (*rejected, *alike):
        assert caught(first, action), (first, action)
    for action in other:
        assert not caught(first, action), (first, action)


def test_the_last_match_is_the_tool_alone() -> None:
    last = in_common(calls("archive", "name", "a b", "c d", "e f"))[-1]
    assert last == Match(tool=("archive",))


def test_agents_cannot_widen_a_rule_by_the_names_they_choose() -> None:
    (match,) = in_common([Action(tool="*") for _ in range(3)])
    assert caught(match, Action(tool="*"))
    assert not caught(match, Action(tool="read_file"))
    for match in in_common(calls("read_file", "path", *["src/**"] * 3)):
        if match.path is not None:
            assert not caught(match, Action(tool="read_file", arguments={"path": "src/deep/a.py"}))


_TEXT = st.text(max_size=40) | st.sampled_from(
    [
        "rm -rf /",
        "DROP TABLE a",
        "SELECT (",
        "https://[",
        "a@b.c",
        "../..",
        "~/",
        "|",
        "'",
        "--",
        "=",
    ]
)


@given(st.text(min_size=1, max_size=12), st.lists(_TEXT, min_size=3, max_size=4))
def test_every_match_of_any_actions_can_be_a_rule(tool: str, values: list[str]) -> None:
    actions = [Action(tool=tool, arguments={"command": one, "n": 3}) for one in values]
    matches = in_common(actions)
    rules = tuple(
        Rule(id=f"tried.{place}", reason="tried", match=match)
        for place, match in enumerate(matches)
    )
    Firewall([RulePack(PackHead("tried"), rules)])
    assert all(caught(matches[-1], action) for action in actions)


@pytest.mark.parametrize("odd", ["1e999", "5e-324", "0.0", "inf"])
def test_sums_that_no_limit_can_be_made_of_are_left_out(odd: str) -> None:
    assert all(match.amount is None for match in in_common(calls("pay", "amount", "900", odd)))
