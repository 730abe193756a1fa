"""One declaration per command feeds everything; keys can be changed, some not to everything."""

import pytest
from msgspec import structs

from app.console.acts import acts
from app.console.commands import COMMANDS, BadKeymap, Situation, display, remapped
from tests.console import scenes
from tests.console.hand import console

PROPOSED = scenes.learning().suggestions[0]
BY_ID = {command.id: command for command in COMMANDS}


def situation(**changes: object) -> Situation:
    base = Situation(scope="watch", operator="ada", view=scenes.decision())
    return structs.replace(base, **changes)


def test_no_key_stands_for_two_commands_of_a_screen() -> None:
    assert remapped({}) == COMMANDS


def test_enter_and_space_never_approve() -> None:
    for command in COMMANDS:
        assert not command.approves or not {"enter", "space"} & set(command.keys)
    for key in ("enter", "space", "a, enter"):
        with pytest.raises(BadKeymap, match="never approve"):
            remapped({"approve": key})


def test_keymap_changes_keys_and_refuses_nonsense() -> None:
    changed = {command.id: command for command in remapped({"approve": "y, f5"})}
    assert changed["approve"].keys == ("y", "f5")
    with pytest.raises(BadKeymap, match="no such command"):
        remapped({"aprove": "y"})
    with pytest.raises(BadKeymap, match="taken by"):
        remapped({"approve": "r"})


@pytest.mark.parametrize(
    ("command", "changes", "reason"),
    [
        ("approve", {}, ""),
        ("approve", {"view": None}, "Nothing is selected"),
        ("approve", {"gone": "It no longer waits"}, "no longer waits"),
        ("approve", {"seen": 0.6}, "60%"),
        ("approve", {"width": 20, "height": 5}, "too small"),
        ("approve", {"marked": 2, "seen": 0.1}, ""),
        ("approve", {"view": scenes.decision(claimed_by="grace")}, "grace has claimed"),
        ("approve", {"view": scenes.decision(claimed_by="ada")}, ""),
        ("approve", {"view": scenes.decision(release_at=scenes.NOON)}, "takes it back"),
        ("approve", {"view": scenes.decision(answered_by=("ada",))}, "second person"),
        ("reject", {"seen": 0.1, "width": 20, "height": 5}, ""),
        ("modify", {"seen": 0.5}, "50%"),
        ("modify", {"marked": 1}, "marked"),
        ("approve_similar", {"view": scenes.decision(priority="critical")}, "one by one"),
        ("mark", {"view": scenes.decision(priority="critical")}, "one by one"),
        ("mark", {"seen": 0.5}, "50%"),
        ("undo", {}, "Nothing that you answered"),
        ("pause", {}, "No agent"),
        ("accept_suggestion", {"suggestion": PROPOSED, "seen": 0.4, "marked": 1}, "40%"),
    ],
)
def test_commands_say_why_they_cannot_act(
    command: str, changes: dict[str, object], reason: str
) -> None:
    why = BY_ID[command].why(situation(**changes))
    assert (reason in why) if reason else not why


def test_while_the_node_starts_the_console_can_only_be_left() -> None:
    starting = situation(starting=True, marked=1)
    free = {command.id for command in COMMANDS if not command.hindrance(starting)}
    assert free == {"quit", "leave", "theme"}
    assert "still starting" in BY_ID["approve"].hindrance(starting)
    assert not BY_ID["approve"].hindrance(situation())


def test_keys_are_written_as_people_write_them() -> None:
    assert [display(key) for key in ("a", "exclamation_mark", "f1", "pagedown")] == [
        "a", "!", "F1", "PgDn",
    ]  # fmt: skip


async def test_every_command_has_a_deed_and_a_line_of_help() -> None:
    async with console(size=(120, 100)) as hand:
        assert set(acts(hand.app)) == set(BY_ID)
        await hand.press("question_mark")
        for command in COMMANDS:
            assert command.help[:40] in hand.text


async def test_remapped_keys_work_and_are_shown() -> None:
    async with console(keymap={"escalate": "w"}) as hand:
        assert "w escalate" in hand.lines[-1]
        await hand.decide("w")
        assert hand.desk.named("escalate") == [{"id": "d-0001"}]
        await hand.decide("e")
        assert len(hand.desk.named("escalate")) == 1
