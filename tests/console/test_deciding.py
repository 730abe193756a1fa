"""Deciding on the watch screen: every key does what it says, to what is shown, when armed."""

import pytest

from tests.console import scenes
from tests.console.hand import Hand, console


def plain(number: int = 1, **changes: object):  # type: ignore[no-untyped-def]
    return scenes.decision(number, **changes)  # type: ignore[arg-type]


async def test_approve_answers_with_what_was_on_the_screen() -> None:
    view = plain()
    async with console([view]) as hand:
        await hand.decide("a")
        (answer,) = hand.answers
        shown = answer["shown"]
        assert answer["kind"] == "approve"
        assert (shown.decision_id, shown.version, shown.digest) == (view.id, 0, view.digest)
        assert shown.display_digest == view.display_digest
        assert shown.policy_version == view.policy_version
        assert shown.shown_at == scenes.NOON
        assert hand.said == "Approved."
        assert "Nothing waits for you." in hand.text


async def test_the_next_one_is_shown_after_an_answer_and_armed_anew() -> None:
    async with console([plain(1), plain(2)]) as hand:
        await hand.decide("a")
        assert hand.app.selection.view.id == "d-0002"
        await hand.frame()
        await hand.press("a")
        assert len(hand.answers) == 1
        assert "Too soon" in hand.said
        await hand.decide("a")
        assert len(hand.answers) == 2


async def test_where_a_key_leads_is_painted_without_waiting_for_a_turn_of_the_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with console([plain(1), plain(2)], size=(160, 50)) as hand:
        painted: list[str] = []
        monkeypatch.setattr(hand.app.watch_screen._update_timer, "resume", lambda: None)
        monkeypatch.setattr(hand.app, "_display", lambda *_: painted.append(hand.text))
        await hand.tap("down")
        assert hand.app.selection.view.id == "d-0002"
        assert any("d-0002" in text for text in painted)


async def test_what_a_key_paints_leaves_other_parts_to_be_painted() -> None:
    async with console([plain(1), plain(2)], size=(160, 50)) as hand:
        screen = hand.app.watch_screen
        screen._dirty_widgets = {screen.stream, screen.waiting}  # whatever else was
        screen.paint(screen.waiting)
        assert screen._dirty_widgets == {screen.stream}


async def test_reject_asks_for_a_reason_and_esc_leaves() -> None:
    async with console([plain()]) as hand:
        await hand.decide("r", "escape")
        assert not hand.answers
        await hand.decide("r")
        await hand.type("not on a friday")
        await hand.decide("enter")
        (answer,) = hand.answers
        assert (answer["kind"], answer["reason"]) == ("reject", "not on a friday")


async def test_critical_asks_for_its_code() -> None:
    view = plain(1, priority="critical")
    async with console([view]) as hand:
        await hand.decide("a")
        await hand.look()
        await hand.type("zzzz")
        assert "not " + view.code in hand.said
        await hand.decide("enter")
        assert not hand.answers
        await hand.look()
        await hand.type(view.code.lower())
        (answer,) = hand.answers
        assert answer["code"] == view.code
        assert hand.said == "Approved."


async def test_code_typed_too_soon_or_pasted_approves_nothing() -> None:
    view = plain(1, priority="critical")
    async with console([view]) as hand:
        await hand.decide("a")
        await hand.type(view.code[:3])
        hand.clock.advance(0.001)
        await hand.tap(view.code[3].lower())
        await hand.settle()
        assert not hand.answers
        assert "Too soon" in hand.said


async def test_modify_parses_strictly_and_shows_again_before_approving() -> None:
    async with console([plain()]) as hand:
        await hand.decide("m")
        editor = hand.app.screen.query_one("#editor")
        editor.text = '{"command": "ls", "command": "rm"}'  # type: ignore[attr-defined]
        await hand.decide("ctrl+s")
        assert "a key stands twice" in hand.said
        editor.text = '["ls"]'  # type: ignore[attr-defined]
        await hand.decide("ctrl+s")
        assert "must be an object" in hand.said
        editor.text = '{"command": "ls \u202e"}'  # type: ignore[attr-defined]
        await hand.decide("ctrl+s")
        assert "\\u202e" in hand.text
        await hand.decide("enter", "space")
        assert not hand.answers
        await hand.decide("a")
        (answer,) = hand.answers
        assert (answer["kind"], answer["arguments"]) == ("modify", {"command": "ls \u202e"})


async def test_similar_is_bounded_and_confirmed_by_its_own_key() -> None:
    async with console([plain()]) as hand:
        await hand.decide("A")
        assert "For how many minutes" in hand.text
        await hand.press("backspace", "backspace", "0")
        await hand.decide("enter")
        assert "from 1 to" in hand.said
        await hand.press("backspace", "5")
        await hand.decide("enter")
        assert "5 min, at most 10" in hand.text
        await hand.decide("enter")
        assert not hand.desk.named("answer_similar")
        await hand.decide("a")
        (call,) = hand.desk.named("answer_similar")
        assert (call["kind"], call["minutes"], call["count"]) == ("approve", 5, 10)


async def _read(hand: Hand) -> None:
    while hand.app.watch_screen.pane.seen < 1.0:
        await hand.press("pagedown")
        await hand.frame()


async def test_tab_goes_from_field_to_field() -> None:
    async with console([plain()]) as hand:
        await hand.decide("A")
        await hand.press("tab", "0", "tab", "o", "k")
        await hand.decide("enter", "a")
        (call,) = hand.desk.named("answer_similar")
        assert (call["minutes"], call["count"], call["reason"]) == (15, 100, "ok")


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        (("A",), ("Reason", "Enter go on", "Esc leave")),
        (("r",), ("Enter reject", "Esc leave")),
        (("m",), ("ctrl+s", "Esc leave")),
        (("z",), ("15 minutes", "Enter take it", "Esc leave")),
        (("ctrl+p",), ("approve", "Enter take it", "Esc leave")),
        (("o",), ("grace", "Enter switch", "Esc leave")),
    ],
)
async def test_nothing_of_a_dialog_is_cut_off_in_the_smallest_terminal(
    keys: tuple[str, ...], shown: tuple[str, ...]
) -> None:
    async with console([plain()], size=(40, 10)) as hand:
        await _read(hand)
        await hand.decide(*keys)
        assert [words for words in shown if words not in hand.text] == [], hand.text


@pytest.mark.fault(81)
async def test_fault_81_what_a_low_terminal_does_not_show_of_a_batch_was_not_seen() -> None:
    async with console([plain(number) for number in range(1, 9)], size=(40, 10)) as hand:
        for _ in range(8):
            await _read(hand)
            await hand.decide("x", "down")
        assert "8 marked" in hand.text
        await hand.decide("a")
        await hand.decide("a")
        assert "There is more" in hand.text
        assert not hand.desk.named("answer_many")
        await hand.press("end")
        await hand.decide("a")
        assert len(hand.desk.named("answer_many")) == 1


async def test_reject_similar() -> None:
    async with console([plain()]) as hand:
        await hand.decide("R", "enter", "r")
        (call,) = hand.desk.named("answer_similar")
        assert (call["kind"], call["minutes"], call["count"]) == ("reject", 15, 10)


async def test_batch_answers_frozen_ids_only_after_showing_them() -> None:
    async with console([plain(1), plain(2), plain(3)]) as hand:
        await hand.decide("x", "j", "b")
        assert "2 marked" in hand.text
        hand.desk.replace("d-0002", headline="something else")
        await hand.decide("a")
        assert "APPROVE these 2 decisions" in hand.text
        await hand.decide("a")
        (call,) = hand.desk.named("answer_many")
        assert [(one.decision_id, one.version) for one in call["shown"]] == [
            ("d-0001", 0), ("d-0002", 0),
        ]  # fmt: skip
        assert hand.said == "it changed since it was shown"


async def test_batch_rejects_with_one_reason_and_esc_takes_marks_off() -> None:
    async with console([plain(1), plain(2)]) as hand:
        await hand.decide("x")
        await hand.press("escape")
        assert "marked" not in hand.lines[9]
        await hand.decide("x", "j", "x", "r")
        await hand.type("no")
        await hand.decide("enter", "r")
        (call,) = hand.desk.named("answer_many")
        assert (call["kind"], call["reason"], len(call["shown"])) == ("reject", "no", 2)


async def test_what_is_shown_is_not_answered_in_place_of_the_marked_that_ended() -> None:
    async with console([plain(1), plain(2)]) as hand:
        await hand.decide("x", "j")
        await hand.look()
        hand.clock.advance(0.1)
        await hand.tap("a")
        hand.desk.vanish("d-0001")  # before the key is settled
        hand.clock.advance(0.05)
        await hand.settle()
        assert "Dropped" in hand.said
        assert not hand.desk.named("answer")
        assert not hand.desk.named("answer_many")


async def test_claim_escalate_and_snooze() -> None:
    async with console([plain()]) as hand:
        await hand.decide("c")
        assert "by ada" in hand.text
        await hand.decide("c")
        assert "by ada" not in hand.text
        await hand.decide("e", "z")
        assert "SNOOZE" in hand.text
        await hand.decide("2")
        assert hand.desk.named("snooze") == [{"id": "d-0001", "seconds": 300}]
        await hand.decide("z", "down", "down", "enter")
        assert hand.desk.named("snooze")[1]["seconds"] == 900
        assert [len(hand.desk.named(name)) for name in ("claim", "escalate")] == [2, 1]


async def test_undo_takes_the_last_answer_back_while_it_can() -> None:
    async with console([plain(1), plain(2)]) as hand:
        hand.desk.release_delay_s = 10
        await hand.decide("u")
        assert "Nothing that you answered" in hand.said
        await hand.decide("a")
        assert hand.app.selection.view.id == "d-0002"
        assert "answered · " in hand.text
        await hand.decide("u")
        assert hand.desk.named("undo") == [{"id": "d-0001"}]
        assert hand.app.selection.view.id == "d-0001"
        await hand.decide("a")
        await hand.look(11)
        await hand.decide("u")
        assert len(hand.desk.named("undo")) == 1


async def test_pause_agent_and_stop_everything_ask_as_they_should() -> None:
    async with console([plain()]) as hand:
        await hand.decide("p")
        assert hand.desk.named("pause_agent") == [{"agent": "coder-1"}]
        await hand.decide("exclamation_mark")
        assert "STOP everything" in hand.text
        await hand.decide("enter")
        assert not hand.desk.named("stop_everything")
        await hand.decide("exclamation_mark")
        assert "‖ paused" in hand.text
        await hand.decide("exclamation_mark")
        assert "RESUME" in hand.text


async def test_what_the_dialog_says_is_done_though_another_did_it_before() -> None:
    async with console([plain()]) as hand:
        await hand.decide("exclamation_mark")
        assert "STOP everything" in hand.text
        hand.desk.stop_everything()  # another does
        await hand.decide("exclamation_mark")
        assert [call["stop"] for call in hand.desk.named("stop_everything")] == [None, True]


async def test_enter_and_space_only_read() -> None:
    async with console([plain()]) as hand:
        await hand.decide("enter", "space", "enter")
        assert not hand.desk.calls


async def test_quit_asks_while_something_waits_and_leaves_it() -> None:
    async with console([plain()]) as hand:
        await hand.press("q")
        assert "1 wait for a decision" in hand.text
        await hand.press("escape")
        await hand.press("q")
        await hand.decide("q")
        assert hand.app.return_value == 0
        assert "d-0001" in hand.desk.decisions
        assert not hand.desk.calls


async def test_quit_at_once_when_nothing_waits() -> None:
    async with console([]) as hand:
        await hand.tap("q")
        assert hand.app.return_value == 0


@pytest.mark.fault(81)
async def test_fault_81_approve_waits_until_all_of_a_long_action_was_seen() -> None:
    body = "echo " + "a" * 4_000 + "\n" + "\n".join(f"line {n}" for n in range(40)) + "\nrm -rf /"
    async with console([plain(1, arguments={"command": body})]) as hand:
        await hand.decide("a")
        assert "scroll to the end" in hand.said
        pane = hand.app.watch_screen.pane
        pane.focus()
        await hand.press("end")
        await hand.frame()
        await hand.decide("a")
        assert "scroll to the end" in hand.said
        for _ in range(40):
            await hand.press("pagedown")
            await hand.frame()
        assert pane.seen == 1.0
        assert not hand.answers
        await hand.decide("a")
        assert len(hand.answers) == 1


@pytest.mark.fault(81)
async def test_fault_81_a_megabyte_in_one_line_is_laid_out_and_not_approvable() -> None:
    body = "x" * 1_048_576 + "; rm -rf /"
    async with console([plain(1, arguments={"command": body})]) as hand:
        pane = hand.app.watch_screen.pane
        assert pane.count() > 10_000
        assert pane.seen < 0.01
        await hand.decide("a")
        assert not hand.answers
        tail = [pane.face(index, 79) for index in range(pane.count() - 20, pane.count())]
        assert "rm -rf /" in "".join(text for face in tail for text, _ in face)


@pytest.mark.fault(84)
async def test_fault_84_key_typed_ahead_of_an_item_decides_nothing() -> None:
    async with console([]) as hand:
        await hand.tap("a")
        hand.desk.arrive(plain())
        hand.app.pull()
        await hand.press("a", apart=0.1)
        await hand.press("a", apart=0.3)
        assert not hand.answers
        await hand.decide("a")
        assert len(hand.answers) == 1


@pytest.mark.fault(84)
async def test_fault_84_new_content_disarms() -> None:
    async with console([plain()]) as hand:
        hand.desk.replace("d-0001", headline="something quite different", display_digest="x")
        hand.app.pull()
        await hand.frame()
        await hand.press("a", apart=0.1)
        assert not hand.answers
        assert "Too soon" in hand.said


@pytest.mark.fault(85)
async def test_fault_85_the_cursor_stays_on_its_decision_when_the_list_reorders() -> None:
    async with console([plain(1), plain(2), plain(3)]) as hand:
        await hand.press("j")
        assert hand.app.selection.view.id == "d-0002"
        hand.desk.arrive(plain(9, priority="critical"), place=0)
        hand.desk.decisions = dict(reversed(hand.desk.decisions.items()))
        hand.desk.changed()
        await hand.look()
        assert hand.app.selection.view.id == "d-0002"
        assert hand.app.watch_screen.waiting.current.id == "d-0002"
        await hand.decide("a")
        assert hand.answers[0]["shown"].decision_id == "d-0002"


@pytest.mark.fault(85)
async def test_fault_85_a_list_that_scrolls_keeps_the_cursor_on_its_line() -> None:
    async with console([plain(number) for number in range(1, 30)]) as hand:
        waiting = hand.app.watch_screen.waiting
        await hand.press(*"jjjjjjjjj")
        line = waiting.place - waiting.top
        for number in range(40, 43):
            hand.desk.arrive(plain(number), place=0)
        await hand.look()
        assert waiting.current.id == "d-0010"
        assert waiting.place - waiting.top == line


@pytest.mark.fault(86)
async def test_fault_86_pasted_keys_decide_nothing() -> None:
    async with console([plain()]) as hand:
        for key in "area":
            await hand.tap(key)
        hand.clock.advance(0.05)
        await hand.settle()
        assert not hand.desk.calls
        assert "Dropped" in hand.said or "Too soon" in hand.said


@pytest.mark.fault(87)
async def test_fault_87_nothing_is_approved_in_a_tiny_terminal() -> None:
    async with console([plain()], size=(20, 5)) as hand:
        await hand.decide("a")
        assert not hand.answers
        assert "too small" in hand.app._said[0]


@pytest.mark.fault(87)
async def test_fault_87_a_change_of_size_disarms() -> None:
    async with console([plain()]) as hand:
        await hand.pilot.resize_terminal(100, 30)
        hand.app.pull()
        await hand.press("a", apart=0.1)
        assert not hand.answers


@pytest.mark.fault(88)
async def test_fault_88_decided_elsewhere_is_told_and_disarms() -> None:
    async with console([plain(1), plain(2)]) as hand:
        hand.desk.vanish("d-0001")
        await hand.look()
        assert "no longer waits" in hand.said
        assert "no longer waits" in hand.text
        await hand.decide("a", "r", "A")
        assert not hand.desk.calls
        await hand.press("j")
        assert hand.app.selection.view.id == "d-0002"


@pytest.mark.fault(88)
async def test_fault_88_the_second_of_two_answers_is_told() -> None:
    async with console([plain(1), plain(2)]) as hand:
        await hand.look()
        del hand.desk.decisions["d-0001"]  # the other's commit; no snapshot yet
        view = plain(1)
        hand.desk.decision = lambda _id: view  # type: ignore[method-assign]
        await hand.press("a")
        assert len(hand.answers) == 1
        assert hand.said == "already decided"


@pytest.mark.fault(89)
async def test_fault_89_the_same_person_cannot_approve_twice() -> None:
    async with console([plain(1, second_needed=True)]) as hand:
        await hand.decide("a")
        assert "a second person must" in hand.said
        await hand.press("j")
        await hand.decide("a")
        assert len(hand.answers) == 1
