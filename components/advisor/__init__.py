"""The advisor: reports of a period, every operation against its target, what to optimise next."""

from components.advisor.advise import advise
from components.advisor.building import build
from components.advisor.gather import Progress, gather
from components.advisor.gathered import Gathered
from components.advisor.recommend import Recommendation
from components.advisor.report import (
    SPAN_S,
    Change,
    Kind,
    OperationFigures,
    Report,
    ResourceFigures,
)
from components.advisor.targets import Status, Target, judge, targets
from components.advisor.trial import Trial

__all__ = [
    "SPAN_S",
    "Change",
    "Gathered",
    "Kind",
    "OperationFigures",
    "Progress",
    "Recommendation",
    "Report",
    "ResourceFigures",
    "Status",
    "Target",
    "Trial",
    "advise",
    "build",
    "gather",
    "judge",
    "targets",
]
