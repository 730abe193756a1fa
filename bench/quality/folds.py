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
from components.love_engine.dark_patterns import DarkPatterns, classes
from components.love_engine.lexicon import load
from scripts.train import dark_patterns, instructions
from scripts.train.dark_pattern_rows import COMPOSED, texts
from scripts.train.instruction_rows import group_of, labelled
from scripts.train.logistic import calibrate

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
    given, count = texts(data), dark_patterns.FOLDS
    known = classes(load())
    of = [dark_patterns.fold(text.group) for text in given]
    models = [
        dark_patterns.trained([text for text, own in zip(given, of, strict=True) if own != number])
        for number in range(count)
    ]
    readers = [DarkPatterns(model, known) for model in models]
    said = [readers[own].worst(text.text)[0] for text, own in zip(given, of, strict=True)]
    met = [
        (odds, bool(text.kind))
        for odds, text in zip(said, given, strict=True)
        if text.source != COMPOSED
    ]
    line = calibrate(met)
    firewall = Firewall(builtin_packs())
    honest = [dark_patterns.calibrated(model, *line) for model in models]
    return [Screener(firewall, LoveEngine(model)) for model in honest], dark_patterns.fold


def _instructions(data: Path) -> tuple[list[Screener], Callable[[str], int]]:
    given = labelled(data)
    models = instructions.folded(given)
    scale = instructions.scale_of(given, models)
    of_attack = {row["group"]: group_of(row) for row in rows("bipia", data)}
    honest = [instructions.calibrated(model, *scale) for model in models]
    readers = [Screener(Firewall(builtin_packs(), tasks=one), LoveEngine()) for one in honest]
    return readers, lambda group: instructions.fold(of_attack.get(group, group))


_JUDGES: dict[str, Judge] = {"dark_patterns": _dark_patterns, "instructions": _instructions}
