"""The screens."""

from app.console.screens.agents import AgentsScreen
from app.console.screens.alerts import AlertsScreen
from app.console.screens.audit import AuditScreen
from app.console.screens.base import Base
from app.console.screens.help import HelpScreen
from app.console.screens.learning import LearningScreen
from app.console.screens.report import ReportScreen
from app.console.screens.trends import TrendsScreen
from app.console.screens.watch import WatchScreen

__all__ = [
    "AgentsScreen",
    "AlertsScreen",
    "AuditScreen",
    "Base",
    "HelpScreen",
    "LearningScreen",
    "ReportScreen",
    "TrendsScreen",
    "WatchScreen",
]
