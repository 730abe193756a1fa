"""Meters and alerts: how long each operation takes, how often it runs and fails, what is wrong."""

from components.monitor.alerts import Alert, Alerts
from components.monitor.meter import Meter
from components.monitor.monitor import Monitor

__all__ = ["Alert", "Alerts", "Meter", "Monitor"]
