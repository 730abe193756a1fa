"""Steps that a node takes again and again."""

import asyncio
from collections.abc import Awaitable, Callable

Report = Callable[[str, str], None]
"""Raises a condition by its name, or clears it with an empty text."""


def every(
    report: Report, seconds: float, name: str, step: Callable[[], Awaitable[None]]
) -> asyncio.Task[None]:
    """A task that takes a step every so often, until cancelled.

    One that fails raises a condition of that name, and the next is taken all the same.
    """

    async def go() -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await step()
                report(name, "")
            except Exception as error:
                report(name, f"{name} failed: {error!r}")

    return asyncio.create_task(go())
