"""Alert rules in TOML, the lives of the alerts they raise, and what operators say of them."""

from components.monitor.alerting.alert import AlertError, AlertState, Transition, alert_id
from components.monitor.alerting.book import AlertBook
from components.monitor.alerting.evaluation import Sampler, Samples
from components.monitor.alerting.loader import (
    DEFAULT,
    BadRules,
    builtin_rules,
    load_rules,
    merge_rules,
    parse_rules,
)
from components.monitor.alerting.rules import SEVERITIES, Rule, RuleFile, Sample
from components.monitor.alerting.silences import Silence

__all__ = [
    "DEFAULT",
    "SEVERITIES",
    "AlertBook",
    "AlertError",
    "AlertState",
    "BadRules",
    "Rule",
    "RuleFile",
    "Sample",
    "Sampler",
    "Samples",
    "Silence",
    "Transition",
    "alert_id",
    "builtin_rules",
    "load_rules",
    "merge_rules",
    "parse_rules",
]
