"""The requests that harmful ones are learned from: recorded, composed for it, and ordinary ones.

What was composed stands in `requests/*.txt`: a line a request, `!` before one to be looked at, `.`
before a look-alike, under the kinds of what they speak of. Only recorded sets under MIT,
Apache-2.0 and CC-BY are read.
"""

import json
import tomllib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from components.love_engine.harmful_requests import HARM, passages
from scripts.train.passage_training import Piece, Text, drawn

COMPOSED = "composed"
INVENTED = ("invented_requests", "unseen_requests")
RECORDED = ("harmful_requests", "xstest")
ORDINARY = (
    "agentbench_os",
    "agentdojo_tasks",
    "asb",
    "bfcl",
    "cyberseceval",
    "halueval_general",
    "notinject",
    "openagentsafety",
    "taubench",
    "toolemu",
)
MOST_OF_A_SOURCE = 300
_MOST_PASSAGES = 6
_ORDINARY_WEIGHT = 1.5  # how much a passage of an ordinary request counts
_COMPOSED = Path(__file__).with_name("requests")
_INVENTED = Path(__file__).parents[2] / "tests" / "love_engine"
_CASES = _INVENTED / "requests.toml"  # what the lexicon was made for
_SHORTEST = 12


def texts(folder: Path) -> list[Text]:
    """What is learned from: recorded, composed, ordinary. Each once."""
    found = [*recorded(folder), *composed()]
    for source in ORDINARY:
        one = {text.text: text for text in _ordinary(folder, source)}
        found += drawn(one.values(), MOST_OF_A_SOURCE)
    return list({text.text: text for text in reversed(found)}.values())[::-1]


def recorded(folder: Path) -> Iterator[Text]:
    """Requests that others recorded as harmful, and look-alikes that are not."""
    for source in RECORDED:
        for row in _rows(folder / f"{source}.jsonl"):
            kind = HARM if row["label"] == "malicious" else ""
            yield Text(row["content"].strip(), kind, source, row["group"])


def composed() -> Iterator[Text]:
    """What was written to be learned from; all of one kind are a group, for many are in pairs."""
    for path in sorted(_COMPOSED.glob("*.txt")):
        for line in path.read_text("utf-8").splitlines():
            mark, _, text = line.partition(" ")
            if mark in ("!", "."):
                yield Text(text.strip(), HARM if mark == "!" else "", COMPOSED, path.stem)
    for label, cases in tomllib.loads(_CASES.read_text("utf-8")).items():
        for text in cases:
            yield Text(text, HARM if label == "harmful" else "", COMPOSED, _CASES.name)


def invented() -> Iterator[Text]:
    """What was written by others to judge by, and is never learned from.

    Two sets: by the first the model was chosen, the second was not looked at before it was.
    """
    for name in INVENTED:
        for row in _rows(_INVENTED / f"{name}.jsonl"):
            kind = HARM if row["label"] == "harmful" else ""
            yield Text(row["text"], kind, name, row["text"])


def pieces(given: Iterable[Text]) -> Iterator[Piece]:
    """Requests as they are read; of ordinary ones the first passages.

    Each composed one counts by itself where features are counted: nobody's name is in them.
    """
    for text in given:
        if text.source in ORDINARY:
            for start, end in islice(passages(text.text), _MOST_PASSAGES):
                yield Piece(text.text[start:end], "", text.group, _ORDINARY_WEIGHT)
        else:
            own = text.text if text.source == COMPOSED else text.group
            yield Piece(text.text, text.kind, own)


def _ordinary(folder: Path, source: str) -> Iterator[Text]:
    for row in _rows(folder / f"{source}.jsonl"):
        text = (row["content"] or "").strip()
        if row["label"] in {"benign", "ok", "hallucinated"} and len(text) >= _SHORTEST:
            yield Text(text, "", source, f"{source} {row['group']}")


def _rows(path: Path) -> Iterator[dict[str, str]]:
    return map(json.loads, path.read_text("utf-8").splitlines())
