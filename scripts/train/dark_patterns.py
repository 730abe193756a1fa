"""Train what recognises dark patterns, and judge it on groups of texts that it has not seen.

    python -m scripts.train.dark_patterns [DATA]

Reads the recorded rows (`../shared/data` unless another folder is given) and writes the weights
and the model card to `components/love_engine/weights`. Plain Python, no chance: the same rows
give the same files. Takes some minutes.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from components.love_engine import dark_patterns
from components.love_engine.lexicon import load
from components.love_engine.passage_model import PassageModel, Weights, sentences
from scripts.train import dark_pattern_card as card
from scripts.train import passage_training as training
from scripts.train.dark_pattern_card import Judged
from scripts.train.dark_pattern_rows import COMPOSED, SHOP, texts
from scripts.train.logistic import calibrate
from scripts.train.passage_training import FOLDS, Piece, Said, Text, fold

DATA = Path(__file__).parents[3] / "shared" / "data"
FOLDER = Path(__file__).parents[2] / "components" / "love_engine" / "weights"
ORDINARY = 0.3  # how much a passage of an ordinary text counts, beside 1 for a text of a shop
MOST_PASSAGES = 6
HOPELESS = -4.0  # log-odds of words; pairs made up for less in none of the texts here
_READING = dark_patterns.reading(load())


def trained(given: Sequence[Text]) -> Weights:
    """The model of these texts, before it is calibrated."""
    return training.trained(_pieces(given), _READING)


def _pieces(given: Sequence[Text]) -> Iterator[Piece]:
    """Texts of shops as they are; of ordinary ones the passages, because those are read."""
    for text in given:
        if text.source == SHOP:
            yield Piece(text.text.strip(), text.kind, text.group)
        else:
            for start, end in list(sentences(text.text))[:MOST_PASSAGES]:
                yield Piece(text.text[start:end], text.kind, text.group, ORDINARY)


def folded(given: Sequence[Text]) -> list[Weights]:
    """A model for each fold, of the texts of all others."""
    return training.folded(given, trained)


def scale_of(said: Iterable[Said]) -> tuple[float, float]:
    """The calibration of log-odds of texts never fitted, but for those made to mislead."""
    met = [(odds, bool(text.kind)) for text, odds in said if text.source != COMPOSED]
    return calibrate(met)


def calibrated(model: Weights, slope: float, intercept: float) -> Weights:
    """The same model with honest log-odds, and no pairs where the words alone are hopeless."""
    return training.calibrated(model, slope, intercept, HOPELESS)


def main(data: Path = DATA) -> None:
    """Judge, train on everything, and write both files."""
    given = texts(data)
    judged = list(_judged(given))
    slope, intercept = scale_of((one.text, one.log_odds) for one in judged)
    model = calibrated(trained(given), slope, intercept)
    (FOLDER / "dark_patterns.json").write_bytes(msgspec.json.format(msgspec.json.encode(model)))
    honest = [one.calibrated(slope, intercept) for one in judged]
    (FOLDER / "dark_patterns.md").write_text(card.written(honest, model, FOLDS), "utf-8")


def _judged(given: Sequence[Text]) -> Iterator[Judged]:
    """What models say that have not seen a text's group, and some that have not seen its source."""
    sources = {_file(text) for text in given} - {SHOP}
    without = {
        source: reader_of(trained([text for text in given if _file(text) != source]))
        for source in sources
    }
    for number, model in enumerate(folded(given)):
        reader = reader_of(model)
        for text in given:
            if fold(text.group) == number:
                log_odds, (start, end) = reader.worst(text.text)
                unseen, _ = without.get(_file(text), reader).worst(text.text)
                yield Judged(text, log_odds, reader.kind(text.text[start:end]), unseen)


def reader_of(model: Weights) -> PassageModel:
    """What reads texts by a model."""
    return dark_patterns.reader(model, _READING)


def _file(text: Text) -> str:
    return text.source.split()[0]


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
