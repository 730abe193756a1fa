"""Train what recognises harmful requests, and judge it on requests that it has not seen.

    python -m scripts.train.harmful_requests [DATA]

Reads the recorded rows (`../shared/data` unless another folder is given) and those composed for
it, and writes the weights and the model card to `components/love_engine/weights`. Plain Python, no
chance: the same rows give the same files. Takes some minutes.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from components.love_engine import harmful_requests
from components.love_engine.lexicon import load
from components.love_engine.passage_model import PassageModel, Weights
from scripts.train import harmful_request_card as card
from scripts.train import passage_training as training
from scripts.train.harmful_request_rows import ORDINARY, invented, pieces, texts
from scripts.train.logistic import calibrate
from scripts.train.passage_training import Said, Text

DATA = Path(__file__).parents[3] / "shared" / "data"
FOLDER = Path(__file__).parents[2] / "components" / "love_engine" / "weights"
COST = 10.0
LEAST = 0.65  # a third of the weights, which do as well as all of them
HOPELESS = -2.0  # log-odds of words; pairs made up for less in 1 of 3,954 doubtful requests
_READING = harmful_requests.reading(load())


def trained(given: Sequence[Text]) -> Weights:
    """The model of these requests, before it is calibrated."""
    return training.trained(pieces(given), _READING, COST, LEAST)


def folded(given: Sequence[Text]) -> list[Weights]:
    """A model for each fold, of the requests of all others."""
    return training.folded(given, trained)


def held_out(given: Iterable[Text], models: Sequence[Weights]) -> list[Said]:
    """What the models of the folds say of the requests that they were not fitted on."""
    return training.held_out(given, list(map(reader_of, models)))


def scale_of(said: Iterable[Said]) -> tuple[float, float]:
    """The calibration of log-odds of requests never fitted."""
    return calibrate([(odds, bool(text.kind)) for text, odds in said])


def reader_of(model: Weights) -> PassageModel:
    """What reads requests by a model."""
    return harmful_requests.reader(model, _READING)


def calibrated(model: Weights, slope: float, intercept: float) -> Weights:
    """The same model with honest log-odds, and no pairs where the words alone are hopeless."""
    return training.calibrated(model, slope, intercept, HOPELESS)


def main(data: Path = DATA) -> None:
    """Judge, train on everything, and write both files."""
    given = texts(data)
    said = held_out(given, folded(given))
    slope, intercept = scale_of(said)
    model = calibrated(trained(given), slope, intercept)
    (FOLDER / "harmful_requests.json").write_bytes(msgspec.json.format(msgspec.json.encode(model)))
    honest = [(text, slope * odds + intercept) for text, odds in said]
    reader = reader_of(model)
    unseen = [(text, reader.worst(text.text)[0]) for text in invented()]
    told = card.written(honest, unseen, model, ORDINARY)
    (FOLDER / "harmful_requests.md").write_text(told, "utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
