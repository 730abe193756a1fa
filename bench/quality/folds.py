"""Sets whose rows a shipped model was trained on: judged by models that have not seen the group.

The same training as for the shipped weights, once for each fold of groups; the calibration (two
figures) is the shipped one's way too, over all held-out folds.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from app.screening import Screener
from bench.quality.cases import DATA, Case
from bench.quality.reading import Result
from components.intent_firewall import Firewall, builtin_packs
from components.love_engine import LoveEngine
from components.love_engine.dark_patterns import DarkPatterns, classes
from components.love_engine.lexicon import load
from scripts.train import dark_patterns
from scripts.train.dark_pattern_rows import texts
from scripts.train.logistic import calibrate

Judge = Callable[[Path], tuple[list[Screener], Callable[[str], int]]]


def held_out(model: str, cases: Sequence[Case], data: Path = DATA) -> tuple[list[Result], int]:
    """The assessment of each case by a model that has not seen its group, and how many there are.

    Raises `KeyError` for a model that nobody trains.
    """
    screeners, fold_of = _JUDGES[model](data)
    results: list[Result] = []
    for case in cases:
        told, bad = screeners[fold_of(case.group)].line(msgspec.json.encode(case.line))
        assert not bad, told
        results.append(msgspec.json.decode(told))
    return results, len(screeners)


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
    kinds = [bool(text.kind) for text in given]
    line = calibrate(list(zip(said, kinds, strict=True)))
    firewall = Firewall(builtin_packs())
    honest = [dark_patterns.calibrated(model, *line) for model in models]
    return [Screener(firewall, LoveEngine(model)) for model in honest], dark_patterns.fold


_JUDGES: dict[str, Judge] = {"dark_patterns": _dark_patterns}
