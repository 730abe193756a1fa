"""The Intent Firewall: what an action would do, and every reason to object to it."""

from components.intent_firewall.assumptions import Assumption
from components.intent_firewall.classes import DeedClass, classify
from components.intent_firewall.firewall import UNINSPECTED, Firewall, disposition_of, score_of
from components.intent_firewall.loader import (
    BadPack,
    builtin_pack_files,
    builtin_packs,
    load_pack,
    parse_pack,
)
from components.intent_firewall.rules import (
    AmountMatch,
    ClassMatch,
    HostMatch,
    Match,
    PackHead,
    PathMatch,
    Rule,
    RulePack,
    ShellMatch,
    SqlMatch,
)
from components.intent_firewall.selfcheck import Checked, check_pack, check_rule
from components.intent_firewall.sequences import WINDOW_S, Sequences
from components.intent_firewall.throttle import Throttle
from components.intent_firewall.vetting import example_action

__all__ = [
    "UNINSPECTED",
    "WINDOW_S",
    "AmountMatch",
    "Assumption",
    "BadPack",
    "Checked",
    "ClassMatch",
    "DeedClass",
    "Firewall",
    "HostMatch",
    "Match",
    "PackHead",
    "PathMatch",
    "Rule",
    "RulePack",
    "Sequences",
    "ShellMatch",
    "SqlMatch",
    "Throttle",
    "builtin_pack_files",
    "builtin_packs",
    "check_pack",
    "check_rule",
    "classify",
    "disposition_of",
    "example_action",
    "load_pack",
    "parse_pack",
    "score_of",
]
