"""What waiting costs: each step is flat in how many wait, and a console draws what changed."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import structs
from textual.app import App, ComposeResult

from components.actions import PRIORITIES, Decision
from storage import Store
from tests.console import scenes
from tests.guard.counting import executed
from tests.guard.growth import flat, linear
from tests.guard.still import Still, still
from tests.hitl.world import ETHICS, SAFETY, World
from widgets import WaitingList

WAITING, SCREENFUL, MORE_THAN_SHOWN = 100, 25, 250


class Busy(World):
    """A world in which some wait: of all classes, and with deadlines in no order."""

    def __init__(self, waiting: int) -> None:
        super().__init__()
        for _ in range(waiting):
            self.one_more()

    def one_more(self) -> Decision:
        number = len(self.queue)
        expires_s = 3600 + number * 7919 % 3600
        return self.request(f"d{number}", expires_s, priority=PRIORITIES[number % 4])


STEPS: dict[str, Callable[[Busy, str], object]] = {
    "request": lambda busy, _: busy.one_more(),
    "approve": lambda busy, chosen: busy.answer(decision_id=chosen),
    "reject": lambda busy, chosen: busy.answer(kind="reject", decision_id=chosen),
    "escalate": lambda busy, chosen: busy.queue.apply(busy.queue.prepare_escalate(chosen)),
    "cancel": lambda busy, chosen: busy.queue.apply(busy.queue.prepare_cancel(chosen)),
    "the first screen": lambda busy, _: busy.order(SCREENFUL),
    "nothing is due": lambda busy, _: busy.apply_due(),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_flat_in_how_many_wait(step: str) -> None:
    def cost(waiting: int) -> int:
        busy = Busy(waiting)
        return executed(lambda: STEPS[step](busy, f"d{waiting // 2}"))

    flat(cost, WAITING)


def test_listing_and_expiring_all_is_linear() -> None:
    def cost(waiting: int) -> int:
        busy = Busy(waiting)
        return executed(lambda: (busy.order(waiting), busy.pass_time(24 * 3600)))

    linear(cost, WAITING // 2)


async def test_a_snapshot_is_flat_in_how_many_wait(store: Store) -> None:
    async with still(store) as made:

        def cost(waiting: int) -> int:
            while len(made.engine.queue) < waiting:
                wait_for_a_person(made)
            made.engine.refresh()
            wait_for_a_person(made)
            return executed(made.engine.refresh)

        flat(cost, MORE_THAN_SHOWN)


def wait_for_a_person(made: Still) -> None:
    queue, (action,) = made.engine.queue, made.actions(1)
    queue.apply(
        queue.prepare_request(
            action.id, action, "aa", safety=SAFETY, ethics=ETHICS, priority="medium",
            expires_at=made.clock.now() + 3_600_000_000, policy_version="p1",
        )
    )  # fmt: skip


class ListApp(App[None]):
    CSS = "WaitingList { height: 1fr; }"

    def compose(self) -> ComposeResult:
        yield WaitingList()


@pytest.mark.parametrize("count", [10, 40])
async def test_a_list_draws_the_rows_that_changed(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [scenes.row(scenes.decision(number)) for number in range(count)]
    app = ListApp()
    async with app.run_test(size=(100, count + 2)) as pilot:
        waiting = app.query_one(WaitingList)
        drawn: Counter[str] = Counter()
        for step in ("render_line", "_strip"):
            monkeypatch.setattr(waiting, step, counted(getattr(waiting, step), step, drawn))

        async def show() -> None:
            drawn.clear()
            waiting.show(tuple(rows), count, scenes.NOON)
            painted = asyncio.Event()
            app.screen.call_after_refresh(painted.set)
            await painted.wait()

        await show()
        await pilot.pause()
        for changed in (0, 1, 3):
            for place in range(changed):
                summary = f"changed {changed}"
                rows[place * 3] = structs.replace(rows[place * 3], summary=summary)
            await show()
            assert drawn["render_line"] == drawn["_strip"] == changed


def counted(call: Callable[..., Any], name: str, calls: Counter[str]) -> Callable[..., Any]:
    def wrapped(*given: Any) -> Any:
        calls[name] += 1
        return call(*given)

    return wrapped


async def test_a_list_is_compared_in_proportion() -> None:
    app = ListApp()
    async with app.run_test(size=(100, 45)):
        waiting = app.query_one(WaitingList)

        def cost(count: int) -> int:
            rows = [scenes.row(scenes.decision(number)) for number in range(count)]
            waiting.show(tuple(rows), count, scenes.NOON)
            rows[0] = structs.replace(rows[0], summary="changed")
            return executed(lambda: waiting.show(tuple(rows), count, scenes.NOON))

        linear(cost, 4 * WAITING)
