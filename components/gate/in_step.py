"""Several pieces of work side by side, a stage at a time."""

from collections.abc import Generator, Sequence
from typing import TypeVar

T = TypeVar("T")


def in_step(runs: Sequence[Generator[None, None, T]]) -> list[T | Exception]:
    """Run generators to their end, all of them to a `yield` before any goes on from it.

    The result has what each returned, or what it raised, in their order.
    """
    ended: dict[int, T | Exception] = {}
    while len(ended) < len(runs):
        for index, run in enumerate(runs):
            if index in ended:
                continue
            try:
                next(run)
            except StopIteration as end:
                ended[index] = end.value
            except Exception as error:
                ended[index] = error
    return [ended[index] for index in range(len(runs))]
