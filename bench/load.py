"""How load is made: calls at a rate whatever becomes of them, calls without pause, many callers.

At a rate, a call's time counts from when it was due, not from when it was made: a stall is then
counted for everything that it held up.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from threading import Thread
from typing import Any

from msgspec import Struct

from bench.figures import percentile

Call = Callable[[int], object]
"""An operation, given its number. What it raises counts as failed."""

Judge = Callable[[int], Coroutine[Any, Any, object]]
Heard = Callable[[float, float | str], None]
"""Hears of each call when it ended: when it was due (s from the start), and its time (ms), or why
it failed."""


class Step(Struct, frozen=True, kw_only=True):
    """A stretch of load: `offered` and `achieved` a second, times in ms from when calls were due.

    `achieved` counts what did not fail, over the time until the last of it was done. `why` is the
    first failure, in words.
    """

    offered: float
    achieved: float
    calls: int
    failed: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    why: str = ""


class AllFailed(Exception):  # noqa: N818 - what happened
    """Not one call of a stretch succeeded; the text is why the first did not."""


def step(offered: float, seconds: float, heard: Sequence[float | str]) -> Step:
    """What a stretch amounts to: times (ms), and words for what failed. Raises `AllFailed`."""
    ordered = sorted(one for one in heard if not isinstance(one, str))
    failures = [one for one in heard if isinstance(one, str)]
    if not ordered:
        raise AllFailed(failures[0] if failures else "nothing was called")
    p50, p95, p99 = (percentile(ordered, share) for share in (0.5, 0.95, 0.99))
    return Step(
        offered=offered, achieved=len(ordered) / seconds, calls=len(heard), failed=len(failures),
        p50_ms=p50, p95_ms=p95, p99_ms=p99, why=failures[0] if failures else "",
    )  # fmt: skip


def calls_at(rate: float, seconds: float, call: Call, settle: Callable[[], object]) -> Step:
    """Make calls at a rate for so long, then `settle` what they left behind."""
    heard: list[float | str] = []
    started = time.perf_counter()
    for number in range(max(round(rate * seconds), 1)):
        due = number / rate
        while (ahead := due - (time.perf_counter() - started)) > 0:
            time.sleep(ahead)
        failure = _failure(call, number)
        heard.append(failure or (time.perf_counter() - started - due) * 1e3)
    settle()
    return step(rate, time.perf_counter() - started, heard)


def calls_without_pause(seconds: float, call: Call, settle: Callable[[], object]) -> float:
    """How many calls a second one caller can make that never waits; settled ones count.

    Raises `AllFailed`.
    """
    number, failures, started = 0, list[str](), time.perf_counter()
    while time.perf_counter() - started < seconds:
        if failure := _failure(call, number):
            failures.append(failure)
        number += 1
    settle()
    if len(failures) == number:
        raise AllFailed(failures[0])
    return (number - len(failures)) / (time.perf_counter() - started)


def callers(
    many: int, each: int, call: Call, settle: Callable[[], object]
) -> tuple[float, list[str]]:
    """Threads that make `each` calls at once, all with other numbers: the seconds until all is
    settled, and why those failed that did."""
    failures: list[str] = []

    def work(first: int) -> None:
        found = (_failure(call, number) for number in range(first, first + each))
        failures.extend(filter(None, found))

    threads = [Thread(target=work, args=(at * each,), daemon=True) for at in range(many)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settle()
    return time.perf_counter() - started, failures


async def tasks_at(
    rate: Callable[[float], float], seconds: float, judge: Judge, heard: Heard
) -> int:
    """Start tasks at the rate of the moment (s from the start), and end with the last of them.

    The result is how many there were. All that is due at once is started at once, and the loop has
    its turn in between.
    """
    tasks: set[asyncio.Task[None]] = set()
    number, due, started = 0, 0.0, time.perf_counter()

    async def one(number: int, due: float) -> None:
        try:
            await judge(number)
        except Exception as error:
            heard(due, repr(error))
        else:
            heard(due, (time.perf_counter() - started - due) * 1e3)

    try:
        while due < seconds:
            while due < min(seconds, time.perf_counter() - started):
                task = asyncio.create_task(one(number, due))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
                number, due = number + 1, due + 1 / rate(due)
            await asyncio.sleep(max(due - (time.perf_counter() - started), 0))
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
    return number


async def step_at(rate: float, seconds: float, judge: Judge) -> Step:
    """A stretch of tasks at one rate."""
    heard: list[float | str] = []
    started = time.perf_counter()
    await tasks_at(lambda _: rate, seconds, judge, lambda _, one: heard.append(one))
    return step(rate, time.perf_counter() - started, heard)


async def drive(count: int, at_once: int, judge: Judge) -> float:
    """Judge so many, `at_once` of them under way all the time; the result is seconds."""
    room = asyncio.Semaphore(at_once)

    async def one(number: int) -> None:
        try:
            await judge(number)
        finally:
            room.release()

    started = time.perf_counter()
    tasks = []
    for number in range(count):
        await room.acquire()
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)
    return time.perf_counter() - started


def _failure(call: Call, number: int) -> str:
    """Why a call failed; empty where it did not."""
    try:
        call(number)
    except Exception as error:
        return repr(error)
    return ""
