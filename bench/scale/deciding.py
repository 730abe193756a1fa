"""The queue of decisions with up to 100,000 that wait; in memory, as the gate has it."""

from collections.abc import Callable

from bench.busy import Busy
from bench.scale.rows import Book, Rows, each_timed, sizes, timed, told_sizes
from bench.stress.running import Work
from components.actions import Decision

NAME = "hitl"
SCREENFUL = 50
ROUNDS, LISTED = 200, 10


def measure(most: int, book: Book, work: Work) -> None:
    """Each step, prepared and applied, with so many that wait."""
    rows = Rows(NAME, most, work, book)
    try:
        for size in told_sizes(work, sizes(NAME, most)):
            _steps(rows, Busy(size), size)
    finally:
        rows.finish()


def _steps(rows: Rows, busy: Busy, size: int) -> None:
    rounds = min(ROUNDS, max(size // 4, 1))
    rows.take("request", size, each_timed(lambda _: busy.request(), range(rounds)))
    rows.take("approve", size, _on_waiting(busy, busy.approve, rounds))
    rows.take(
        "get_pending",
        size,
        timed(lambda: busy.queue.pending(size), LISTED),
        "All of them, in order",
    )
    rows.take(
        "first_screen",
        size,
        timed(lambda: busy.queue.pending(SCREENFUL), ROUNDS),
        f"The first {SCREENFUL}: what a console shows",
    )
    rows.take("escalate", size, _on_waiting(busy, busy.escalate, rounds))  # fmt: skip


def _on_waiting(busy: Busy, step: Callable[[Decision], object], rounds: int) -> list[float]:
    """A step on decisions from the middle of the queue."""
    waiting = list(busy.queue)
    middle = waiting[len(waiting) // 2 :][:rounds]
    return each_timed(lambda at: step(middle[at]), range(len(middle)))
