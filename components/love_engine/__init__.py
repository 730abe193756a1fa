"""The Love Engine: ethics in five measured dimensions, grounding, the love metric, alignment."""

from components.love_engine.alignment import (
    LEAST_KAPPA,
    MIN_OBSERVATIONS,
    Alignment,
    AlignmentReport,
)
from components.love_engine.engine import ETHICS_THRESHOLD, STANDING, WEIGHTS, LoveEngine
from components.love_engine.grounding import THRESHOLDS, Grounding, Unsupported
from components.love_engine.lexicon import BadLexicon
from components.love_engine.metric import (
    LiveState,
    LiveWindow,
    LoveMetric,
    compute_love_metric,
)

__all__ = [
    "ETHICS_THRESHOLD",
    "LEAST_KAPPA",
    "MIN_OBSERVATIONS",
    "STANDING",
    "THRESHOLDS",
    "WEIGHTS",
    "Alignment",
    "AlignmentReport",
    "BadLexicon",
    "Grounding",
    "LiveState",
    "LiveWindow",
    "LoveEngine",
    "LoveMetric",
    "Unsupported",
    "compute_love_metric",
]
