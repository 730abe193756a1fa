"""How long each operation takes, how often it runs and fails, and what is wrong.

Recording (`Meter`), digesting once a second (`Monitor`), the history in the store (`History` and
the `read_…` functions), baselines, resources. Alert rules are in `components.monitor.alerting`.
"""

from typing import TYPE_CHECKING

from components.faces import lazily

if TYPE_CHECKING:
    from components.monitor.baseline import Baseline, BaselineFigures, Machine, enough, same_machine
    from components.monitor.buckets import (
        KEEP_S,
        LEVELS,
        Bucket,
        GaugePoint,
        gauge_names,
        level_for,
        read_buckets,
        read_columns,
        read_gauge,
        read_summary,
        read_whole,
    )
    from components.monitor.catalogue import BY_NAME, COMPONENTS, OPERATIONS, Operation
    from components.monitor.conditions import Condition, Conditions
    from components.monitor.figures import Figures, Total
    from components.monitor.footprint import Footprint, HasFootprint, Held
    from components.monitor.gauges import GAUGE_BY_NAME, GAUGES, Gauge, gauge_text
    from components.monitor.history import History
    from components.monitor.meter import Meter
    from components.monitor.monitor import Monitor, Second
    from components.monitor.resources import Resources
    from components.monitor.sketch import Sketch

__all__ = [
    "BY_NAME",
    "COMPONENTS",
    "GAUGES",
    "GAUGE_BY_NAME",
    "KEEP_S",
    "LEVELS",
    "OPERATIONS",
    "Baseline",
    "BaselineFigures",
    "Bucket",
    "Condition",
    "Conditions",
    "Figures",
    "Footprint",
    "Gauge",
    "GaugePoint",
    "HasFootprint",
    "Held",
    "History",
    "Machine",
    "Meter",
    "Monitor",
    "Operation",
    "Resources",
    "Second",
    "Sketch",
    "Total",
    "enough",
    "gauge_names",
    "gauge_text",
    "level_for",
    "read_buckets",
    "read_columns",
    "read_gauge",
    "read_summary",
    "read_whole",
    "same_machine",
]

__getattr__ = lazily(
    __name__,
    {
        "baseline": "Baseline BaselineFigures Machine enough same_machine",
        "buckets": "KEEP_S LEVELS Bucket GaugePoint gauge_names level_for read_buckets"
        " read_columns read_gauge read_summary read_whole",
        "catalogue": "BY_NAME COMPONENTS OPERATIONS Operation",
        "conditions": "Condition Conditions",
        "figures": "Figures Total",
        "footprint": "Footprint HasFootprint Held",
        "gauges": "GAUGE_BY_NAME GAUGES Gauge gauge_text",
        "history": "History",
        "meter": "Meter",
        "monitor": "Monitor Second",
        "resources": "Resources",
        "sketch": "Sketch",
    },
)
