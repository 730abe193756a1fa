"""Arming: what a key must have had before and behind it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.console.arming import ARM_NS, BURST_NS, QUIET_NS, Arming

MS = 1_000_000


def armed() -> Arming:
    arming = Arming()
    arming.look("d-1", 0)
    return arming


def press(arming: Arming, at: int, name: str = "approve") -> str:
    arming.key(at)
    return arming.press(name, at)


def test_key_acts_after_half_a_second_and_quiet() -> None:
    arming = armed()
    assert press(arming, ARM_NS) == ""
    assert arming.settle(ARM_NS + QUIET_NS - 1) == ("", True)
    assert arming.settle(ARM_NS + QUIET_NS) == ("approve", False)
    assert arming.settle(ARM_NS + 2 * QUIET_NS) == ("", False)


@pytest.mark.fault(84)
def test_fault_84_key_before_half_a_second_is_dropped_and_not_kept() -> None:
    arming = armed()
    assert "Too soon" in press(arming, ARM_NS - 1)
    assert arming.settle(10 * ARM_NS) == ("", False)


@pytest.mark.fault(84)
def test_fault_84_key_pressed_before_the_item_was_shown_is_dropped() -> None:
    arming = armed()
    arming.look("d-2", 1000 * MS)
    assert press(arming, 999 * MS) != ""


def test_a_key_that_repeats_never_acts() -> None:
    arming = armed()
    acted = []
    for at in range(100 * MS, 5000 * MS, 100 * MS):
        press(arming, at)
        acted.append(arming.settle(at + QUIET_NS)[0])
    assert set(acted) == {""}


@pytest.mark.fault(86)
def test_fault_86_burst_is_dropped_whole_and_disarms() -> None:
    arming = armed()
    at = 1000 * MS
    for key in range(5):
        press(arming, at + key * 2 * MS)
    assert arming.settle(at + 500 * MS) == ("", False)
    assert not arming.armed(at + 400 * MS)


@pytest.mark.fault(86)
def test_fault_86_key_with_another_close_behind_is_dropped() -> None:
    arming = armed()
    assert press(arming, 1000 * MS) == ""
    arming.key(1000 * MS + QUIET_NS - 1)
    assert arming.settle(2000 * MS) == ("", False)


@pytest.mark.fault(76)
def test_fault_76_tail_of_a_burst_that_comes_late_is_dropped() -> None:
    arming = armed()
    for key in range(4):
        arming.key(1000 * MS + key * MS)
    assert press(arming, 1203 * MS) != ""


def test_change_while_a_key_is_held_drops_it() -> None:
    arming = armed()
    press(arming, 1000 * MS)
    arming.look("d-2", 1010 * MS)
    assert arming.settle(1100 * MS) == ("", False)


def test_paste_disarms() -> None:
    arming = armed()
    arming.pasted(1000 * MS)
    assert press(arming, 1100 * MS) != ""


def test_acting_disarms() -> None:
    arming = armed()
    press(arming, 1000 * MS)
    assert arming.settle(1050 * MS)[0] == "approve"
    assert press(arming, 1200 * MS) != ""


@given(
    st.lists(
        st.tuples(st.integers(0, 800), st.sampled_from(["key", "press", "look", "settle"])),
        max_size=60,
    )
)
def test_whatever_acts_was_shown_long_enough_and_alone(steps: list[tuple[int, str]]) -> None:
    """Against every history: no act within half a second of a change, none out of a burst."""
    arming = armed()
    now, changed, held, keys = 0, 0, -1, [-ARM_NS]
    for gap, step in steps:
        now += gap * MS
        if step == "look":
            arming.look(now, now)
            changed = now
        elif step == "settle":
            if arming.settle(now)[0]:
                place = keys.index(held)
                after = keys[place + 1 :] or [now]
                assert held - changed >= ARM_NS
                assert min(now, after[0]) - held >= QUIET_NS
                assert held - keys[place - 1] >= BURST_NS
        else:
            keys.append(now)
            arming.key(now)
            if step == "press" and not arming.press("approve", now):
                held = now
