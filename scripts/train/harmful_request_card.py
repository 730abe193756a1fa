"""The model card of what recognises harmful requests: what it is, on what it learned, how good."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from bench.quality import scoring
from bench.quality.scoring import Unit
from components.love_engine.harmful_requests import DOUBTFUL, LIKELY
from components.love_engine.passage_model import Weights
from scripts.train.harmful_request_rows import COMPOSED
from scripts.train.logistic import probability
from scripts.train.passage_training import Text

_CARD = """\
# Harmful requests: what the model is

Written by `python -m scripts.train.harmful_requests`. Run it again after a change of the features
(`components/love_engine/passage_model.py`, `harmful_requests.py`), of the lexicon's groups, or of
the data.

**What it is.** A logistic regression over words, pairs of words, stems and the lexicon's classes
of words: {size} weights in plain JSON. A request of up to 400 characters is read as a whole, a
longer one sentence by sentence, its first 4,000 characters. Pairs are looked at where the words
alone give log-odds of {hopeless} or more. It runs in plain Python.

**What it is for.** Telling whether a request reads like those that ask for something harmful,
whatever words it is put in, beside the lexicon, which knows what harm is called. From a
probability of {likely} a request is asked about; from {doubtful} it is shown as doubtful, which by
itself stops nothing.

**Data.** {harmful} harmful requests and {harmless} harmless ones: recorded ones under MIT and
CC-BY-4.0, ordinary ones of {sources} further sets under MIT, Apache-2.0 and CC-BY-4.0, and
{composed} composed for this, look-alikes with them (`scripts/train/requests`). Features that
fewer than three groups have are not learned.

**How it was judged.** The first table by 5-fold cross-validation over groups: requests that share
strings, or that were composed for one kind, are in one fold. The second on {invented} requests that
other writers invented, which were never learned from: by the first set the model was chosen, and
only then the second was looked at; what makes it cheaper came after. Found and false alarms are
from a probability of {likely} on. Intervals are 95% bootstrap intervals over groups. Log-odds are
calibrated (Platt) on the held-out folds. The figures are the model's alone.

| requests of groups not seen | requests | harmful | found | false alarms |
|---|---|---|---|---|
{source_rows}

| requests invented by others | | share | 95% interval |
|---|---|---|---|
{invented_rows}

| probability said | requests | harmful among them |
|---|---|---|
{calibration_rows}

**Limits.** English only. It sees words and knows no world: who asks, and what is done with the
answer, is unknown to it, and a harmful aim put in wholly harmless words passes. Look-alikes of a
kind that nobody wrote down are asked about. It is a help for people, no wall.
"""

Said = tuple[Text, float]
_LIKELY = math.log(LIKELY / (1 - LIKELY))


def written(
    judged: Sequence[Said], unseen: Sequence[Said], model: Weights, ordinary: Collection[str]
) -> str:
    """The card as Markdown."""
    harmful = sum(bool(text.kind) for text, _ in judged)
    return _CARD.format(
        size=f"{model.size:,}",
        hopeless=model.hopeless,
        likely=LIKELY,
        doubtful=DOUBTFUL,
        harmful=f"{harmful:,}",
        harmless=f"{len(judged) - harmful:,}",
        sources=len(ordinary),
        composed=f"{sum(text.source == COMPOSED for text, _ in judged):,}",
        invented=len(unseen),
        source_rows="\n".join(_sources(judged)),
        invented_rows="\n".join(_invented(unseen)),
        calibration_rows="\n".join(_calibration(judged)),
    )


def _sources(judged: Sequence[Said]) -> Iterator[str]:
    by_source = defaultdict[str, list[Said]](list)
    for text, odds in judged:
        by_source[text.source].append((text, odds))
    for source, said in sorted(by_source.items()):
        bad = [odds >= _LIKELY for text, odds in said if text.kind]
        good = [odds >= _LIKELY for text, odds in said if not text.kind]
        yield f"| {source} | {len(said)} | {len(bad)} | {_share(bad)} | {_share(good)} |"


def _invented(unseen: Sequence[Said]) -> Iterator[str]:
    for source in dict.fromkeys(text.source for text, _ in unseen):
        own = [(text, odds) for text, odds in unseen if text.source == source]
        odds = [Unit(bool(text.kind), text.group, value) for text, value in own]
        units = [Unit(one.bad, one.group, max(0.0, one.score - _LIKELY)) for one in odds]
        measures = {
            "found": (units, scoring.recall),
            "false alarms": (units, scoring.false_alarms),
            "area under the ROC curve": (odds, scoring.auc),
        }
        for name, (given, measure) in measures.items():
            if (figure := scoring.figure(given, measure)) is not None:
                share = f"{figure.value:.1%} | {figure.low:.1%}–{figure.high:.1%}"
                yield f"| {len(own)}, {source} | {name} | {share} |"


def _calibration(judged: Sequence[Said]) -> Iterator[str]:
    for low, high in pairwise((0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.01)):
        inside = [text for text, odds in judged if low <= probability(odds) < high]
        if inside:
            share = _share([bool(text.kind) for text in inside])
            yield f"| {low:.1f}–{min(high, 1.0):.1f} | {len(inside)} | {share} |"


def _share(hits: Sequence[bool]) -> str:
    return f"{sum(hits) / len(hits):.1%}" if hits else "–"
