import asyncio
from collections import Counter

import pytest

from bench.load import (
    AllFailed,
    callers,
    calls_at,
    calls_without_pause,
    drive,
    step,
    step_at,
    tasks_at,
)
from bench.stress.parts import COMPONENTS, OPENED, an_action


def settle():
    pass


def every_third_fails(number):
    if number % 3 == 0:
        raise ValueError("a third")


def test_a_stretch_counts_what_did_not_fail():
    found = step(100.0, 2.0, [1.0, 3.0, "refused", 2.0])
    assert (found.calls, found.failed, found.why) == (4, 1, "refused")
    assert found.achieved == 1.5
    assert (found.p50_ms, found.p99_ms) == (2.0, 3.0)


def test_a_stretch_in_which_all_failed_says_why():
    with pytest.raises(AllFailed, match="disk is full"):
        step(100.0, 1.0, ["the disk is full"])


def test_calls_are_made_at_a_rate_each_with_its_number():
    made = []
    found = calls_at(1_000.0, 0.05, made.append, settle)
    assert made == list(range(50))
    assert found.calls == 50
    assert found.achieved <= 1_100


def test_a_stall_counts_for_all_that_it_held_up():
    def stalls_once(number):
        if number == 0:
            asyncio.run(asyncio.sleep(0.1))

    found = calls_at(1_000.0, 0.05, stalls_once, settle)
    assert found.p50_ms > 20


def test_failures_are_counted_and_do_not_end_the_load():
    assert calls_at(1_000.0, 0.03, every_third_fails, settle).failed == 10
    assert calls_without_pause(0.01, every_third_fails, settle) > 0
    _, failures = callers(4, 9, every_third_fails, settle)
    assert len(failures) == 12


def test_callers_all_have_other_numbers():
    seen = []
    callers(8, 25, seen.append, settle)
    assert sorted(seen) == list(range(200))


async def test_tasks_follow_the_rate_of_the_moment():
    dues = []

    async def judge(_):
        await asyncio.sleep(0)

    count = await tasks_at(
        lambda at: 400.0 if at >= 0.1 else 100.0, 0.2, judge, lambda due, _: dues.append(due)
    )
    assert count == len(dues)
    early = sum(due < 0.1 for due in dues)
    assert early == pytest.approx(10, abs=1)
    assert count - early == pytest.approx(38, abs=3)


async def test_tasks_that_fail_are_told_with_the_reason():
    async def judge(number):
        if number % 2:
            raise OSError("no room")

    found = await step_at(200.0, 0.1, judge)
    assert found.failed == found.calls // 2
    assert "no room" in found.why


async def test_so_many_are_under_way_and_no_more():
    running, most = Counter(), 0

    async def judge(_):
        nonlocal most
        running["now"] += 1
        most = max(most, running["now"])
        await asyncio.sleep(0)
        running["now"] -= 1

    await drive(50, 7, judge)
    assert most == 7


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_part_records_what_it_is_called_for(name, tmp_path, monkeypatch):
    monkeypatch.setenv("ASSENT_BENCH_DIR", str(tmp_path))
    with OPENED[name]() as part:
        for number in range(40):
            part.call(number)
        part.settle()
        assert part.recorded is None or part.recorded() == 40


def test_actions_of_other_numbers_are_other_actions():
    assert len({repr(an_action(number)) for number in range(100)}) == 100
