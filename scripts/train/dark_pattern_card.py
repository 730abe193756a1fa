"""The model card of what recognises dark patterns: what it is, on what it was learned, how good."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from bench.quality import scoring
from bench.quality.scoring import Figure, Unit
from components.love_engine.passage_model import Weights
from scripts.train.dark_pattern_rows import SHOP
from scripts.train.logistic import probability
from scripts.train.passage_training import Text

_CARD = """\
# Dark patterns: what the model is

Written by `python -m scripts.train.dark_patterns`. Run it again after a change of the features
(`components/love_engine/passage_model.py`, `dark_patterns.py`), of the groups `pressure_*` in its
lexicon, or of the data.

**What it is.** A logistic regression over words, pairs of words and classes of words: {size}
weights in plain JSON, by the kind of dark pattern that a feature mostly stands in. It reads a
text passage by passage (sentences and lines) and takes the worst. Pairs are looked at where the
words alone give log-odds of {hopeless} or more. It runs in plain Python.

**What it is for.** Telling whether a text that an agent shows or sends presses or steers a person
as shops do: by urgency, scarcity, what others are said to do, misdirection, obstruction. A finding
is a concern of medium severity: it is shown with its words, and by itself it stops nothing.

**Data.** {shop} fragments of shop pages, {dark} of them dark patterns, under Apache-2.0 (Yada et
al., 2022, after the crawl of Mathur et al., 2019); {ordinary} ordinary texts of {sources} kinds
under MIT, Apache-2.0 and CC-BY-4.0: requests, answers, messages, tool outputs, manual pages.
Features that fewer than three groups have are not learned, so no name and no sentence is kept.

**How it was judged.** By {folds}-fold cross-validation over groups: texts that share strings are
in one fold. Intervals are 95% bootstrap intervals over groups. Log-odds are calibrated (Platt) on
the held-out folds; a concern is raised from a probability of one half. The figures are the
model's alone; the lexicon speaks beside it.

| on texts of shops | share | 95% interval |
|---|---|---|
{shop_rows}

| kind | dark patterns | found | named rightly of those found |
|---|---|---|---|
{kind_rows}

| ordinary texts of groups not seen | texts | false alarms | false alarms, source not seen at all |
|---|---|---|---|
{source_rows}

| probability said | texts of shops | dark patterns among them |
|---|---|---|
{calibration_rows}

**Limits.** English only. Shops' texts count as dark patterns in the data that read like any other
("Compare at", the offer of a longer warranty); the model misses those. Some kinds were rare in the
data: {rare}; of obstruction and forced consent the lexicon knows more. It sees words and no page:
pre-ticked boxes, grey buttons and the real stock are unknown to it, so "Only 2 left" is a concern
even where it is true.
"""


class Judged(NamedTuple):
    """What models say of a text that they have not seen.

    `log_odds` and `kind` are those of a model that had not seen the text's group, `unseen` are the
    log-odds of one that had not seen its source (of shops there is but one: they are the same).
    """

    text: Text
    log_odds: float
    kind: str
    unseen: float

    def calibrated(self, slope: float, intercept: float) -> "Judged":
        """The same with honest log-odds."""
        log_odds, unseen = (slope * odds + intercept for odds in (self.log_odds, self.unseen))
        return self._replace(log_odds=log_odds, unseen=unseen)


def written(judged: Sequence[Judged], model: Weights, folds: int) -> str:
    """The card as Markdown."""
    shop = [one for one in judged if one.text.source == SHOP]
    ordinary = [one for one in judged if one.text.source != SHOP]
    kinds = Counter(one.text.kind for one in shop if one.text.kind)
    return _CARD.format(
        size=f"{model.size:,}",
        hopeless=model.hopeless,
        shop=f"{len(shop):,}",
        dark=f"{sum(kinds.values()):,}",
        ordinary=f"{len(ordinary):,}",
        sources=len({one.text.source for one in ordinary}),
        folds=folds,
        shop_rows="\n".join(_shop(shop)),
        kind_rows="\n".join(_kinds(shop, kinds)),
        source_rows="\n".join(_sources(ordinary)),
        calibration_rows="\n".join(_calibration(shop)),
        rare=", ".join(
            f"{_plain(kind)} {kinds[kind]}" for kind in sorted(kinds) if kinds[kind] < 50
        ),
    )


def _shop(shop: Sequence[Judged]) -> Iterator[str]:
    units = [Unit(bool(one.text.kind), one.text.group, max(0.0, one.log_odds)) for one in shop]
    odds = [Unit(bool(one.text.kind), one.text.group, one.log_odds) for one in shop]
    measures = {
        "accuracy": (units, scoring.accuracy),
        "dark patterns found": (units, scoring.recall),
        "false alarms": (units, scoring.false_alarms),
        "area under the ROC curve": (odds, scoring.auc),
    }
    for name, (found, measure) in measures.items():
        figure = scoring.figure(found, measure)
        assert figure is not None
        yield f"| {name} | {_share(figure)} |"


def _kinds(shop: Sequence[Judged], kinds: Counter[str]) -> Iterator[str]:
    for kind, count in kinds.most_common():
        found = [one for one in shop if one.text.kind == kind and one.log_odds > 0]
        named = sum(one.kind == kind for one in found)
        right = f"{named / len(found):.0%}" if found else "–"
        yield f"| {_plain(kind)} | {count} | {len(found) / count:.0%} | {right} |"


def _sources(ordinary: Sequence[Judged]) -> Iterator[str]:
    by_source = defaultdict[str, list[Judged]](list)
    for one in ordinary:
        by_source[one.text.source].append(one)
    for source, ones in (*sorted(by_source.items()), ("**all**", list(ordinary))):
        seen = sum(one.log_odds > 0 for one in ones) / len(ones)
        unseen = sum(one.unseen > 0 for one in ones) / len(ones)
        yield f"| {source} | {len(ones)} | {seen:.1%} | {unseen:.1%} |"


def _calibration(shop: Sequence[Judged]) -> Iterator[str]:
    edges = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.01)
    for low, high in pairwise(edges):
        inside = [one for one in shop if low <= probability(one.log_odds) < high]
        if inside:
            dark = sum(bool(one.text.kind) for one in inside) / len(inside)
            yield f"| {low:.1f}–{min(high, 1.0):.1f} | {len(inside)} | {dark:.0%} |"


def _share(figure: Figure) -> str:
    return f"{figure.value:.1%} | {figure.low:.1%}–{figure.high:.1%}"


def _plain(kind: str) -> str:
    return kind.replace("_", " ")
