"""A process of its own that weighs one component as it takes in items.

`python -m bench.stress.weighing PART MARKS [--traced]` writes a line of JSON for each mark.
"""

import argparse
import gc
import mmap
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import msgspec
import psutil
from msgspec import Struct

BARE = "bare"
"""No component: the actions themselves, each as its MessagePack bytes, in a list."""

PATTERNS = "patterns-"
"""A firewall of so many rules of one kind, such as `patterns-1000`."""


class Weight(Struct, frozen=True):
    """Bytes after so many items: of the process, and of what `tracemalloc` knows of.

    The first is of no items: everything is imported, the component not made.
    """

    items: int
    rss: int
    traced: int = 0


class WeighingFailed(Exception):  # noqa: N818 - what happened
    """The process ended badly; the text is the last line that it said."""


def weigh(part: str, marks: Sequence[int], *, traced: bool = False) -> Iterator[Weight]:
    """Weigh a part at each mark, in a process that does nothing else.

    Raises `WeighingFailed`.
    """
    told = ",".join(map(str, sorted(set(marks))))
    words = [sys.executable, "-m", "bench.stress.weighing", part, told] + ["--traced"] * traced
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        try:
            for line in process.stdout:
                yield msgspec.json.decode(line, type=Weight)
        finally:
            if process.poll() is None and sys.exc_info()[0] is not None:
                process.terminate()
            said = process.stderr.read().decode("utf-8", "replace").strip()
    if process.returncode:
        raise WeighingFailed(said.splitlines()[-1] if said else f"ended with {process.returncode}")


def grown_mb(first: Weight, one: Weight) -> float:
    """Megabytes of resident memory over the first weight; a page is the least there is."""
    return max(one.rss - first.rss, mmap.PAGESIZE) / 1e6


def even_marks(most: int, points: int = 24) -> list[int]:
    """Marks at even distances up to `most`."""
    return sorted({most * at // points for at in range(1, points + 1)} - {0})


def weighed(part: str, marks: Sequence[int], *, traced: bool) -> Iterator[Weight]:
    """What the process does."""
    process, opened = psutil.Process(), _opened(part)

    def now(items: int) -> Weight:
        gc.collect()
        known = tracemalloc.get_traced_memory()[0] if traced else 0
        return Weight(items, process.memory_info().rss, known)

    if traced:
        tracemalloc.start()
    yield now(0)
    with opened() as one:
        done = 0
        for mark in sorted(marks):
            for number in range(done, mark):
                one.call(number)
            one.settle()
            done = mark
            yield now(mark)


def _opened(part: str) -> Callable[[], AbstractContextManager[Any]]:
    """A component, with all that it takes imported: that is not weighed."""
    from bench.stress.parts import OPENED, bare, firewall_of

    if part == BARE:
        return bare
    if part.startswith(PATTERNS):
        return partial(firewall_of, int(part.removeprefix(PATTERNS)))
    return OPENED[part]


def main(words: Sequence[str]) -> int:
    """Weigh, and tell."""
    parser = argparse.ArgumentParser(prog="python -m bench.stress.weighing")
    parser.add_argument("part")
    parser.add_argument("marks", type=lambda text: [int(one) for one in text.split(",")])
    parser.add_argument("--traced", action="store_true")
    given = parser.parse_args(words)
    for weight in weighed(given.part, given.marks, traced=given.traced):
        sys.stdout.buffer.write(msgspec.json.encode(weight) + b"\n")
        sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
