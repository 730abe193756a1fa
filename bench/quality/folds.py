"""Sets whose rows a shipped model was trained on: judged by models that have not seen the group.

The same training as for the shipped weights, once for each fold of groups; the calibration (two
figures) is the shipped one's way too, over all held-out folds.
"""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import msgspec

from app.screening import Screener
from bench.quality.cases import DATA, Case, rows
from bench.quality.reading import Result
from components.intent_firewall import Firewall, builtin_packs
from components.love_engine import LoveEngine
from scripts.train import (
    dark_patterns,
    harmful_request_rows,
    harmful_requests,
    instructions,
    passage_training,
)
from scripts.train.dark_pattern_rows import texts
from scripts.train.instruction_rows import group_of, labelled

Judge = Callable[[Path], tuple[list[Screener], Callable[[str], int]]]


def held_out(model: str, cases: Sequence[Case], data: Path = DATA) -> tuple[list[Result], int]:
    """The assessment of each case by a model that has not seen its group, and how many there are.

    Raises `KeyError` for a model that nobody trains.
    """
    screeners, fold_of = _readers(model, data)
    results: list[Result] = []
    for case in cases:
        told, bad = screeners[fold_of(case.group)].line(msgspec.json.encode(case.line))
        assert not bad, told
        results.append(msgspec.json.decode(told))
    return results, len(screeners)


@cache
def _readers(model: str, data: Path) -> tuple[list[Screener], Callable[[str], int]]:
    return _JUDGES[model](data)


def _dark_patterns(data: Path) -> tuple[list[Screener], Callable[[str], int]]:
    given = texts(data)
    models = dark_patterns.folded(given)
    readers = list(map(dark_patterns.reader_of, models))
    scale = dark_patterns.scale_of(passage_training.held_out(given, readers))
    firewall = Firewall(builtin_packs())
    honest = [dark_patterns.calibrated(model, *scale) for model in models]
    return [Screener(firewall, LoveEngine(model)) for model in honest], passage_training.fold


def _instructions(data: Path) -> tuple[list[Screener], Callable[[str], int]]:
    given = labelled(data)
    models = instructions.folded(given)
    scale = instructions.scale_of(instructions.held_out(given, models))
    of_attack = {row["group"]: group_of(row) for row in rows("bipia", data)}
    love = LoveEngine()
    honest = [instructions.calibrated(model, *scale) for model in models]
    readers = [Screener(Firewall(builtin_packs(), tasks=one), love) for one in honest]
    return readers, lambda group: instructions.fold(of_attack.get(group, group))


def _harmful_requests(data: Path) -> tuple[list[Screener], Callable[[str], int]]:
    given = harmful_request_rows.texts(data)
    models = harmful_requests.folded(given)
    scale = harmful_requests.scale_of(harmful_requests.held_out(given, models))
    firewall = Firewall(builtin_packs())
    honest = [harmful_requests.calibrated(model, *scale) for model in models]
    return [Screener(firewall, LoveEngine(requests=one)) for one in honest], passage_training.fold


_JUDGES: dict[str, Judge] = {
    "dark_patterns": _dark_patterns,
    "harmful_requests": _harmful_requests,
    "instructions": _instructions,
}
