"""A learned rule: it catches what was rejected, spares what was allowed, and shows itself."""

import pytest
from msgspec import structs

from components.actions import Action, Disposition
from components.evolution_core.history import Past
from components.evolution_core.learned import LARGEST_EXAMPLE, PACK, Attempt
from components.evolution_core.whatif import EXAMPLES, Trial
from components.intent_firewall import Match, Rule, RulePack, check_rule


def past(statement: str, verdict: str = "deny", by: str = "person", **changes: object) -> Past:
    action = Action(tool="query", id=statement, agent="coder", arguments={"sql": statement})
    found = Past(time=7, action=action, verdict=verdict, by=by, operator="ada")  # type: ignore[arg-type]
    return structs.replace(found, **changes)


def asked(action: Action) -> Disposition:
    return "ask"


REJECTED = [
    past("DROP TABLE a", reason="never drop tables"),
    past("DROP TABLE b"),
    past("DROP TABLE c", reason="never drop tables"),
]


def attempt(rejected: list[Past], *history: Past) -> Attempt:
    made = Attempt(rejected, asked)
    for one in (*history, *rejected):
        made.look(one)
    return made


def test_a_rule_shows_itself_by_what_was_rejected_and_allowed() -> None:
    best = attempt(REJECTED, past("SELECT 1", "allow", "rule")).best(4, 7)
    assert best is not None
    rule, found = best
    assert rule.effect == "block"
    assert rule.id.startswith("learned.query-")
    assert rule.reason == "People rejected 3 actions like this: never drop tables"
    assert [one["arguments"]["sql"] for one in rule.examples] == [  # type: ignore[index]
        "DROP TABLE a", "DROP TABLE b", "DROP TABLE c",
    ]  # fmt: skip
    assert rule.counterexamples == ({"tool": "query", "arguments": {"sql": "SELECT 1"}},)
    assert not check_rule(RulePack(PACK), rule).wrong
    assert (found.seen, found.caught, found.denied, found.allowed) == (4, 3, 3, 0)
    assert found.newly_blocked == 3


def test_of_several_rules_the_one_that_spares_what_people_allowed_is_taken() -> None:
    fits = [past(f"DELETE FROM {table}") for table in ("a", "b", "c")]
    spared = [past(f"DELETE FROM {table} WHERE id = 1", "allow") for table in ("a", "b")]
    rule, found = attempt(fits, *spared).best(5, 0) or pytest.fail("no rule")
    assert rule.match.sql is not None
    assert rule.match.sql.unbounded
    assert found.allowed == 0
    assert rule.counterexamples[0]["arguments"]["sql"].startswith("DELETE FROM a WHERE")  # type: ignore[index]


def test_what_it_would_have_caught_is_told_with_the_newest_that_people_allowed() -> None:
    allowed = [past(f"DROP TABLE t{number}", "allow") for number in range(EXAMPLES + 3)]
    by_rule = past("DROP TABLE r", "allow", "rule")
    _, found = attempt(REJECTED, *allowed, by_rule).best(20, 0) or pytest.fail("no rule")
    assert (found.allowed, found.passed, found.caught) == (8, 9, 12)
    assert [case.request_id for case in found.allowed_examples] == [
        f"DROP TABLE t{number}" for number in range(EXAMPLES)
    ]
    assert {case.operator for case in found.allowed_examples} == {"ada"}


def test_without_anything_allowed_there_is_still_an_example_against() -> None:
    rule, _ = attempt(REJECTED).best(3, 0) or pytest.fail("no rule")
    assert rule.counterexamples == ({"tool": "another tool"},)


def test_examples_hold_what_a_file_of_rules_can() -> None:
    hostile = {"sql": "DROP TABLE a", "none": None, "deep": [None, {"n": None, "big": 2**70}]}
    rejected = [
        structs.replace(one, action=structs.replace(one.action, arguments=hostile))
        for one in REJECTED
    ]
    rule, _ = attempt(rejected).best(3, 0) or pytest.fail("no rule")
    assert rule.examples == ({"tool": "query", "arguments": {"sql": "DROP TABLE a", "deep": [{}]}},)


def test_no_rule_is_made_of_what_is_too_large_to_show() -> None:
    large = "DROP TABLE a -- " + "x" * LARGEST_EXAMPLE
    assert attempt([past(large)] * 3).best(3, 0) is None


# What-if of packs.


def rule(name: str, effect: str, **match: object) -> Rule:
    return Rule(id=name, reason="r", match=Match(**match), effect=effect)  # type: ignore[arg-type]


def test_a_trial_counts_what_changes_against_today() -> None:
    today = lambda action: "block" if "b" in action.id else "allow"  # noqa: E731
    trial = Trial([rule("x.block", "block", tool=("query",)), rule("x.flag", "flag", tool=("*",))],
                  today)  # fmt: skip
    for one in (past("a", "allow"), past("b", "deny", "rule"), past("c", "allow", "grant")):
        trial.look(one)
    whole = trial.whole.told(3, 0)
    assert (whole.caught, whole.allowed, whole.denied) == (3, 2, 0)
    assert (whole.newly_blocked, whole.newly_asked, whole.eased) == (2, 0, 0)
    assert trial.each["x.flag"].told(3, 0).caught == 0


def test_a_trial_of_a_pack_that_takes_anothers_place_counts_what_it_eases() -> None:
    blocks, asks = rule("x.old", "block", tool=("query",)), rule("x.new", "ask", tool=("query",))
    trial = Trial([asks], lambda _: "block", replaced=[blocks], then=lambda _: "ask")
    trial.look(past("a", "deny", "rule"))
    gone = Trial([rule("x.new", "ask", tool=("other",))], lambda _: "block",
                 replaced=[blocks], then=lambda _: "allow")  # fmt: skip
    gone.look(past("a", "deny", "rule"))
    assert trial.whole.told(1, 0).eased == 1
    assert trial.whole.told(1, 0).caught == 1
    assert (gone.whole.told(1, 0).eased, gone.whole.told(1, 0).caught) == (1, 0)
