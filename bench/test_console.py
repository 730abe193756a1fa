"""What a repaint of the waiting list costs, beside a DataTable's with the same rows, in one run."""

import asyncio
import statistics
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from msgspec import structs
from textual.app import App, ComposeResult
from textual.coordinate import Coordinate
from textual.widgets import DataTable

from bench.measuring import Beside
from tests.console import scenes
from widgets import WaitingList

ROWS = 40
REPAINTS = 60
SIZE = (120, ROWS + 4)


def decisions() -> list:  # type: ignore[type-arg]
    return [
        scenes.row(scenes.decision(number, summary=f"delete folder {number} of the build"))
        for number in range(ROWS)
    ]


class ListApp(App[None]):
    CSS = "WaitingList { height: 1fr; }"

    def compose(self) -> ComposeResult:
        yield WaitingList()


class TableApp(App[None]):
    def compose(self) -> ComposeResult:
        yield DataTable()


async def repaints(app: App[None], change: Callable[[int], None]) -> list[float]:
    """Seconds of processor time for each change, until it is painted."""
    costs = []
    for number in range(REPAINTS):
        painted = asyncio.Event()
        before = time.process_time()
        change(number)
        app.screen.call_after_refresh(painted.set)
        await painted.wait()
        costs.append(time.process_time() - before)
    return costs


async def of_list() -> list[float]:
    app = ListApp()
    async with app.run_test(size=SIZE) as pilot:
        waiting = app.query_one(WaitingList)
        rows = decisions()
        waiting.show(tuple(rows), ROWS, scenes.NOON)
        await pilot.pause(0.2)

        def change(number: int) -> None:
            place = number % ROWS
            rows[place] = structs.replace(rows[place], summary=f"changed {number}")
            waiting.show(tuple(rows), ROWS, scenes.NOON)

        return await repaints(app, change)


async def of_table() -> list[float]:
    app = TableApp()
    async with app.run_test(size=SIZE) as pilot:
        table = app.query_one(DataTable)
        table.add_columns("priority", "agent", "tool", "summary", "left")
        for row in decisions():
            table.add_row(row.priority, row.agent, row.tool, row.summary, "5:00")
        await pilot.pause(0.2)

        def change(number: int) -> None:
            table.update_cell_at(Coordinate(number % ROWS, 3), f"changed {number}")

        return await repaints(app, change)


def median_us(run: Callable[[], Coroutine[Any, Any, list[float]]]) -> float:
    return statistics.median(asyncio.run(run())) * 1e6


@pytest.mark.figure("goal.refresh_vs_datatable")
def test_refresh_vs_datatable(beside: Beside) -> None:
    """One changed row of forty."""
    beside.turns(
        lambda: median_us(of_list), lambda: median_us(of_table), "a DataTable with the same rows",
        rounds=5, unit="µs", note="Processor time until the change is painted",
    )  # fmt: skip
