"""Widgets that draw frozen views line by line and know no component."""

from widgets.agents import AgentList, GrantList
from widgets.alerts import AlertHistory, AlertList, alert_text
from widgets.audit import AuditList
from widgets.cells import clean, fit, wrap
from widgets.decision import DecisionPane
from widgets.duty import DutyLine
from widgets.health import HealthLine
from widgets.inputs import SafeInput
from widgets.learning import LearningText
from widgets.lines import Face, LineView
from widgets.lists import Moved, RowList
from widgets.operations import OperationsTable
from widgets.reading import ReadThrough
from widgets.report import AdviceList
from widgets.resources import ResourceView
from widgets.status import KeyBar, KeyHint, ProgressLine, StatusLine, Tone
from widgets.stream import StreamView
from widgets.suggestions import SuggestionList, suggestion_text
from widgets.texts import Reader, TextView, paragraphs
from widgets.trends import OperationList, TrendPlot
from widgets.waiting import WaitingList

__all__ = [
    "AdviceList",
    "AgentList",
    "AlertHistory",
    "AlertList",
    "AuditList",
    "DecisionPane",
    "DutyLine",
    "Face",
    "GrantList",
    "HealthLine",
    "KeyBar",
    "KeyHint",
    "LearningText",
    "LineView",
    "Moved",
    "OperationList",
    "OperationsTable",
    "ProgressLine",
    "ReadThrough",
    "Reader",
    "ResourceView",
    "RowList",
    "SafeInput",
    "StatusLine",
    "StreamView",
    "SuggestionList",
    "TextView",
    "Tone",
    "TrendPlot",
    "WaitingList",
    "alert_text",
    "clean",
    "fit",
    "paragraphs",
    "suggestion_text",
    "wrap",
]
