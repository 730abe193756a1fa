"""The names of the monitor's gauges for Prometheus: base units, a label where many are alike."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from prometheus_client.core import GaugeMetricFamily, Metric

from components.monitor.gauges import GAUGE_BY_NAME

_MB = 2.0**20

_ENDINGS = (
    ("_mb_s", "_bytes_per_second", _MB),
    ("_mb", "_bytes", _MB),
    ("_us", "_seconds", 1e-6),
    ("_s", "_seconds", 1.0),
)
"""How the monitor's own names tell their unit, the base unit's ending, and the factor to it."""

_GROUPS = {
    "condition": ("assent_condition", "name", "1 while the node reports this of itself"),
    "memory": ("assent_memory_bytes", "component", "Held by a component, by its own accounting"),
}
"""Groups whose members are one family: its name, the label that tells them apart, its help."""


class Named(NamedTuple):
    """How Prometheus has a gauge: its family, a label and its value (or none), the factor."""

    family: str
    label: str = ""
    value: str = ""
    factor: float = 1.0


def named(name: str) -> Named:
    """The name for Prometheus of one of the monitor's gauges."""
    group, _, rest = name.partition(".")
    if group in _GROUPS and rest:
        family, label, _ = _GROUPS[group]
        return Named(family, label, rest)
    plain = "assent_" + re.sub(r"[^a-zA-Z0-9]+", "_", name).strip("_")
    known = GAUGE_BY_NAME.get(name)
    if known and known.share:
        return Named(plain + "_ratio")
    if known and known.unit == "cores":
        return Named(plain + "_cores")
    for ending, base, factor in _ENDINGS:
        if plain.endswith(ending):
            return Named(plain.removesuffix(ending) + base, factor=factor)
    return Named(plain)


def gauge_families(gauges: Mapping[str, float]) -> Iterator[Metric]:
    """A family for each gauge, or for each group of them; two of one name are told once."""
    families: dict[str, GaugeMetricFamily] = {}
    seen: set[Named] = set()
    for name in sorted(gauges):
        found = named(name)
        if found in seen:
            continue
        seen.add(found)
        if found.family not in families:
            labels = [found.label] if found.label else []
            families[found.family] = GaugeMetricFamily(found.family, _help(name), labels=labels)
        values = [found.value] if found.label else []
        families[found.family].add_metric(values, gauges[name] * found.factor)
    yield from families.values()


def _help(name: str) -> str:
    group, known = name.partition(".")[0], GAUGE_BY_NAME.get(name)
    if group in _GROUPS:
        return _GROUPS[group][2] + "."
    return f"{known.title if known else f'Gauge {name}'}."
