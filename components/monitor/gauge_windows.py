"""Gauges over the windows of the alert rules: a busy second is not a busy minute."""

from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice

from components.monitor.gauges import GAUGE_BY_NAME
from components.monitor.windows import WINDOWS


class GaugeWindows:
    """The values of the last hour, one a second. Used by one thread."""

    def __init__(self) -> None:
        self._values: dict[str, deque[float]] = {}

    def push(self, gauges: Mapping[str, float]) -> None:
        """Take the values of a second. One that is not known any more is forgotten."""
        for name in self._values.keys() - gauges.keys():
            del self._values[name]
        for name, value in gauges.items():
            known = self._values.get(name)
            if known is None:
                known = self._values[name] = deque(maxlen=WINDOWS["1h"])
            known.append(value)

    def over(self, window: str) -> Iterator[tuple[str, float, int]]:
        """(name, value, seconds known) of each: the mean of a flow, else how it stands now."""
        length = WINDOWS[window]
        for name, values in self._values.items():
            seconds = min(len(values), length)
            gauge = GAUGE_BY_NAME.get(name)
            if gauge is not None and gauge.flow:
                yield name, sum(islice(reversed(values), seconds)) / seconds, seconds
            else:
                yield name, values[-1], seconds
