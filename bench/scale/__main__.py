"""`python -m bench.scale`: how operations grow with what there is, and what more would need."""

import argparse
import sys
from collections.abc import Sequence
from functools import partial

from msgspec import Struct

from bench.report import save, table
from bench.scale import auditing, broker, deciding, learning, model, pipeline, rows, screening
from bench.scale.full_node import Stock
from bench.scale.model import Demand
from bench.scale.rows import Book
from bench.stress.running import Section, Work, carry_out, command
from bench.stress.weighing import grown_mb, weigh

DONE, NOTHING, INTERRUPTED = 0, 2, 130
USUAL, ALL = 100_000, 1_000_000
SMALL = 5_000
"""A run that goes no further makes short steps, too."""


class Size(Struct, frozen=True, kw_only=True):
    """How far a run goes: the largest size, seconds a step, and the largest rate."""

    most: int
    step_s: float
    per_s: int = 5_000


def main(words: Sequence[str]) -> int:
    """Measure, print the table, write the report; the result is the exit status."""
    given = _parser().parse_args(words)
    size = _size(given)
    demand = Demand(actions_a_minute=given.actions_a_minute)
    chosen = [one for one in sections(size, demand, {}) if one.chosen(given.only)]
    if not chosen:
        print(f"nothing has {given.only!r} in its name", file=sys.stderr)
        return NOTHING
    notes = () if given.full else (f"Up to {size.most:,} of everything; `--full` to {ALL:,}.",)
    run = carry_out("scale", chosen, notes)
    written = save(run, given.report.parent, given.report.name)
    print(table(run), *written, sep="\n")
    return DONE if run.complete else INTERRUPTED


def sections(size: Size, demand: Demand, book: Book) -> list[Section]:
    """One a component; the node; the broker; and what follows from all of them."""
    most, thousands = size.most, size.most / 1e3
    parts = [
        (learning.NAME, learning.measure, 8 + 0.15 * thousands),
        (auditing.NAME, auditing.measure, 4 + 0.2 * thousands),
        (screening.FIREWALL, screening.measure_firewall, 12 + 0.2 * min(thousands, 100)),
        (screening.LOVE, screening.measure_love, 1 + 0.05 * min(thousands, 100)),
        (deciding.NAME, deciding.measure, 4 + 0.1 * min(thousands, 100)),
    ]
    found = [
        Section(name, rows.names(name, most), seconds, partial(work, most, book))
        for name, work, seconds in parts
    ]
    stock = Stock().at_most(most)
    node = partial(pipeline.measure, stock, size.step_s, size.per_s, book)
    return [
        *found,
        Section("waiting", (), 4, partial(_weigh_waiting, min(most, ALL // 10), book)),
        Section("pipeline", pipeline.names(), 10 + 12 * size.step_s + 0.1 * min(thousands, 100),
                node),
        Section("broker", broker.names(), 6 + 2 * size.step_s,
                partial(broker.measure, size.step_s, book)),
        Section("model", model.names(), 0.1, partial(_model, demand, book)),
    ]  # fmt: skip


def _weigh_waiting(most: int, book: Book, work: Work) -> None:
    """What decisions hold that wait, for the model; `make stress` has their limits."""
    first, *weights = weigh("hitl_waiting", sorted({most // 10 or 1, most // 3 or 1, most}))
    book["hitl.memory"] = [(one.items, grown_mb(first, one)) for one in weights]
    work.tell(1.0)


def _model(demand: Demand, book: Book, work: Work) -> None:
    """What could be told from what was measured; the rest is named."""
    found = list(model.figures(book, demand))
    work.add(*found)
    told = {one.name for one in found}
    for name in model.names():
        if name not in told:
            work.skip(name, "this run has not measured what it rests upon")
    for text in model.conclusions(book, demand):
        work.note(text)


def _size(given: argparse.Namespace) -> Size:
    most = given.most or (ALL if given.full else USUAL)
    if most < SMALL:
        return Size(most=most, step_s=0.2, per_s=500)
    return Size(most=most, step_s=10.0 if given.full else 3.0)


def _parser() -> argparse.ArgumentParser:
    parser = command("scale", __doc__)
    parser.add_argument("--full", action="store_true", help="every size, to a million")
    parser.add_argument(
        "--most", type=int, default=0, metavar="N", help=f"the largest size (usually {USUAL:,})"
    )
    parser.add_argument(
        "--actions-a-minute",
        type=float,
        default=6.0,
        metavar="N",
        help="what the model assumes of an agent (6)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
