from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from app.demo.__main__ import CRAFTS
from app.demo.crafts import BUILDER, FETCHER, KEEPER, repertoire
from app.demo.pages import COLLECTOR, page
from app.demo.planning import Craft, Mind, Step, plan
from app.demo.tools import Done
from components.canonical import digest

SITE = "http://127.0.0.1:40000"
FINE = Done("ok", 1, "fine", "what it gave")
BROKEN = Done("failed", 1, "broken")


def steps(craft: Craft, seed: int, count: int, done: Done | None = FINE) -> Iterator[Step]:
    mind = Mind(craft, Random(seed), SITE)
    for _ in range(count):
        step = mind.next()
        yield step
        mind.learn(step, done)


@pytest.mark.parametrize("craft", CRAFTS, ids=lambda craft: craft.name)
def test_every_kind_of_step_comes_within_600(craft: Craft) -> None:
    seen = Counter(step.task.gives for step in steps(craft, 1, 600))
    assert set(seen) == {task.gives for task in (*craft.tasks, *craft.bad)}
    bad = sum(count for name, count in seen.items() if name.startswith("bad"))
    assert 600 / 40 < bad < 600 / 13  # about one in twenty


@pytest.mark.parametrize("craft", CRAFTS, ids=lambda craft: craft.name)
def test_the_same_seed_plans_the_same_and_another_does_not(craft: Craft) -> None:
    first = [step.action for step in steps(craft, 1, 60)]
    assert first == [step.action for step in steps(craft, 1, 60)]
    assert first != [step.action for step in steps(craft, 2, 60)]


@pytest.mark.parametrize("craft", CRAFTS, ids=lambda craft: craft.name)
def test_every_proposal_is_complete_and_fits_the_wire(craft: Craft) -> None:
    for step in steps(craft, 3, 300):
        action = step.action
        assert action.agent == craft.name
        assert action.request
        assert action.narrative
        assert "{" not in action.request + action.narrative
        assert len(digest("n", action.agent, action.tool, action.arguments)) == 64


def test_a_plan_has_what_is_needed_first_and_leaves_out_what_is_there() -> None:
    def names(facts: set[str]) -> list[str]:
        chosen = plan("archived {topic}", "stock", facts, KEEPER.tasks, Random(1))
        return [task.gives for task in chosen]

    assert names(set()) == ["notes {topic}", "read {topic}", "summary {topic}", "archived {topic}"]
    assert names({"notes stock", "summary stock"}) == ["archived {topic}"]
    assert names({"notes stock", "summary roster"})[0] == "read {topic}"
    with pytest.raises(LookupError):
        plan("peace", "stock", set(), KEEPER.tasks, Random(1))


def test_what_failed_is_established_anew() -> None:
    mind = Mind(KEEPER, Random(5), SITE)
    while (step := mind.next(calm=True)).task.gives != "archived {topic}":
        mind.learn(step, FINE)
    mind.learn(step, BROKEN)
    topic = step.plan.topic
    seen = []
    while (
        step := mind.next(calm=True)
    ).task.gives != "archived {topic}" or step.plan.topic != topic:
        mind.learn(step, FINE)
        seen.append((step.task.gives, step.plan.topic))
    assert ("notes {topic}", topic) in seen


def test_a_denied_step_ends_its_plan() -> None:
    for step in steps(KEEPER, 6, 100, done=None):
        assert not step.task.needs  # nothing that builds on it is ever proposed


def test_calm_begins_nothing_bad() -> None:
    mind = Mind(KEEPER, Random(7), SITE)
    for _ in range(300):
        step = mind.next(calm=True)
        assert not step.task.gives.startswith("bad")
        mind.learn(step, FINE)


def test_the_hijacked_proposals_carry_the_page_they_come_from() -> None:
    mind = Mind(FETCHER, Random(8), SITE)
    hijacked = []
    for _ in range(400):
        step = mind.next()
        url = str(step.action.arguments.get("url", ""))
        body = page(url.removeprefix(SITE), SITE).body if step.action.tool == "http_get" else "ok"
        mind.learn(step, Done("ok", 1, "", body))
        if "hijacked" in step.task.gives:
            hijacked.append(step.action)
    assert {action.tool for action in hijacked} == {"send_message", "http_post"}
    for action in hijacked:
        (piece,) = action.context
        assert (piece.source, piece.trusted) == (f"http_get {SITE}/offers.html", False)
        wanted = action.arguments.get("to") or action.arguments["url"]
        assert wanted in {COLLECTOR, f"{SITE}/collect"}
        assert wanted in piece.text


def test_hostile_text_is_among_the_arguments() -> None:
    seen = "".join(
        str(step.action.arguments) + step.action.narrative
        for craft in (KEEPER, FETCHER)
        for step in steps(craft, 9, 600)
    )
    for hostile in ("\\x1b]52;", "\x1b[2J", "\\u202e", "[@click=", "\\x1b]8;;", "\\u200b"):
        assert hostile in seen


def test_the_builder_plans_only_from_its_repertoire_and_never_outside_its_folder() -> None:
    commands = {step.action.arguments["command"] for step in steps(BUILDER, 10, 600)}
    assert commands <= repertoire(SITE)
    for command in repertoire(SITE):
        words = command.replace(f"{SITE}/setup.sh", "").split()
        assert not any(word.startswith(("/", "~")) or ".." in word for word in words), command
