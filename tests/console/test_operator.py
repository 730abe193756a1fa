"""Another person takes the seat: by passphrase, visibly, and with everything still to be read."""

from app.console.dialogs import Switch
from tests.console import scenes
from tests.console.hand import Hand, console

WORDS = "correct horse"


async def take_over(hand: Hand, words: str = WORDS) -> None:
    await hand.press("o")
    assert isinstance(hand.app.screen, Switch)
    await hand.type(words)
    await hand.decide("enter")
    await hand.look()


async def test_the_operator_is_always_named() -> None:
    async with console(size=(80, 24)) as hand:
        assert "@ada" in hand.lines[0]
        await take_over(hand)
        assert hand.desk.operator == "grace"
        assert "grace answers now" in hand.said
        for size in ((40, 12), (60, 20), (120, 40)):
            await hand.pilot.resize_terminal(*size)
            await hand.look()
            assert "@grace" in hand.lines[0]


async def test_the_passphrase_is_never_on_the_screen() -> None:
    async with console() as hand:
        await hand.press("o")
        await hand.type("xyzzy{}")
        assert "••••••• " in hand.text
        assert "xyzzy" not in hand.text
        await hand.press("down", "up")
        assert "•" not in hand.text, "another person's passphrase is another one"
        await hand.press("escape")
        assert not hand.desk.calls


async def test_a_wrong_passphrase_leaves_the_seat_as_it_was() -> None:
    async with console() as hand:
        await take_over(hand, "wrong")
        assert hand.desk.operator == "ada"
        assert "passphrase is wrong" in hand.said
        await hand.press("o")
        await hand.decide("enter")
        assert "grace's passphrase is wanted" in hand.said
        assert len(hand.desk.named("switch_operator")) == 1


async def test_going_back_takes_no_passphrase() -> None:
    async with console() as hand:
        await take_over(hand)
        await take_over(hand, "")
        assert hand.desk.operator == "ada"
        assert "warn" not in hand.app.watch_screen.health.face(0, 79)[-2][1]


async def test_two_people_approve_at_one_console() -> None:
    async with console([scenes.decision(1, second_needed=True)]) as hand:
        await hand.decide("a")
        assert "second person" in hand.said
        await hand.look()
        await take_over(hand)
        await hand.look()
        assert "Approved by ada; a second person must approve." in hand.text
        await hand.decide("a")
        assert len(hand.answers) == 2
        assert not hand.desk.decisions


async def test_who_sits_down_has_read_and_marked_nothing() -> None:
    long = {"text": "\n".join(f"line {number}" for number in range(60))}
    decisions = [scenes.decision(1, arguments=long), scenes.decision(2)]
    async with console(decisions) as hand:
        while hand.app.watch_screen.pane.seen < 1.0:
            await hand.press("pagedown")
            await hand.frame()
        await hand.decide("x")
        assert hand.app.selection.marks
        await take_over(hand)
        assert not hand.app.selection.marks
        assert hand.app.watch_screen.pane.seen < 1.0
        await hand.decide("a")
        assert not hand.answers
        assert "scroll to the end" in hand.said


async def test_a_change_of_operator_disarms() -> None:
    async with console() as hand:
        await hand.look()
        hand.desk.operator = "grace"
        hand.app.pull()
        await hand.tap("r")
        assert "Too soon" in hand.said


async def test_alone_it_says_how_to_add_somebody() -> None:
    async with console() as hand:
        only = hand.desk.operators()[:1]
        hand.desk.operators = lambda: only  # type: ignore[method-assign]
        await hand.press("o")
        assert "assent operator add" in hand.said
