"""Accepting and dismissing suggestions: by one key of their own, once what they do was read."""

from msgspec import structs

from tests.console import scenes
from tests.console.hand import Hand, console

RULE = "5e1f00c4a7d29b36"


def changed(hand: Hand, **changes: object) -> None:
    """The first suggestion changes."""
    first, *rest = hand.desk.snapshot().learning.suggestions
    rows = (structs.replace(first, **changes), *rest)
    hand.desk.changed(learning=structs.replace(scenes.learning(), suggestions=rows))


async def test_a_suggestion_is_accepted_by_one_key_as_it_was_shown() -> None:
    async with console(size=(120, 40)) as hand:
        await hand.press("3")
        await hand.decide("y")
        assert hand.desk.named("accept_proposal") == [{"id": "s-1", "mark": RULE}]
        assert hand.said == "It is in force."
        assert "SUGGESTIONS 2" in hand.text
        assert "not suggested any more" in hand.text


async def test_it_is_accepted_only_when_all_of_it_was_seen() -> None:
    async with console(size=(80, 24)) as hand:
        await hand.press("3")
        await hand.decide("y")
        assert "scroll to the end" in hand.said
        assert not hand.desk.named("accept_proposal")
        for key in ("pagedown", "pagedown"):
            await hand.press(key)
            await hand.frame()
        await hand.decide("y")
        assert hand.desk.named("accept_proposal") == [{"id": "s-1", "mark": RULE}]


async def test_enter_and_space_never_accept_and_a_first_glance_neither() -> None:
    async with console(size=(120, 40)) as hand:
        await hand.press("3")
        await hand.frame()
        await hand.press("y", apart=0.1)
        assert "Too soon" in hand.said
        await hand.decide("enter", "space", "enter")
        assert not hand.desk.named("accept_proposal")


async def test_what_changed_under_the_cursor_is_read_anew() -> None:
    async with console(size=(80, 24)) as hand:
        await hand.press("3")
        for key in ("pagedown", "pagedown"):
            await hand.press(key)
            await hand.frame()
        assert hand.app.learning_screen.pane.seen == 1.0
        changed(hand, mark="another", what_if=("It would have blocked 900.",) * 4)
        await hand.look()
        assert hand.app.learning_screen.pane.seen < 1.0
        assert "It would have blocked 900." in hand.text
        await hand.decide("y")
        assert "scroll to the end" in hand.said
        assert not hand.desk.named("accept_proposal")


async def test_what_is_worked_out_still_and_what_is_advice_cannot_be_accepted() -> None:
    async with console(size=(120, 40)) as hand:
        await hand.press("3", "j")
        await hand.decide("y")
        assert "still being worked out" in hand.said
        await hand.press("j")
        await hand.decide("y")
        assert "advice" in hand.said
        assert not hand.desk.named("accept_proposal")


async def test_a_suggestion_is_dismissed_with_a_word_why() -> None:
    async with console(size=(120, 40)) as hand:
        await hand.press("3", "j")
        await hand.decide("x")
        hand.app.screen.query_one("#line").value = "they change too often"  # type: ignore[attr-defined]
        await hand.decide("enter")
        assert hand.desk.named("dismiss_proposal") == [
            {"id": "s-2", "why": "they change too often"}
        ]


async def test_who_sits_down_has_read_nothing_of_it() -> None:
    async with console(size=(80, 24)) as hand:
        await hand.press("3")
        for key in ("pagedown", "pagedown"):
            await hand.press(key)
            await hand.frame()
        assert hand.app.learning_screen.pane.seen == 1.0
        hand.desk.operator = "grace"
        await hand.look()
        assert hand.app.learning_screen.pane.seen < 1.0


async def test_alignment_tells_what_drifted_and_where_there_is_too_little() -> None:
    async with console(size=(160, 50)) as hand:
        await hand.press("3")
        lines = {line.split("  ")[1].strip(): line for line in hand.lines if line.startswith("  ")}
        assert "▼ too low" in lines["tool shell"]
        assert "—" in lines["tool send_email"]
        assert "≠ moved" in lines["agent coder-1"]
