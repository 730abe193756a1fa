"""A world of figures that stand still until told to move, and a book that looks at them."""

from collections.abc import Mapping
from typing import Any

from components.clock import ManualClock
from components.monitor.alerting import AlertBook, Rule, RuleFile, Sample, Transition


def rule(id_: str = "r", **more: Any) -> Rule:
    """A rule that holds while its value is over 0; `for` and `except` are given as `for_` …"""
    if "below" not in more:
        more.setdefault("above", 0.0)
    fields = {
        "series": "*",
        "severity": "high",
        "text": "{series} {value}",
        "keep_firing_for": "0s",
    }
    return Rule(id=id_, **fields | more)


class World:
    """Figures by series, the same for every window unless `windows` has some of its own."""

    def __init__(self, *rules: Rule, file: RuleFile | None = None) -> None:
        self.clock = ManualClock()
        self.book = AlertBook(self.clock, file or RuleFile(rules))
        self.samples: dict[str, Sample] = {}
        self.windows: dict[str, dict[str, Sample]] = {}
        self.told: list[Transition] = []

    def sampler(self, window: str) -> Mapping[str, Sample]:
        return self.windows.get(window, self.samples)

    def set(self, series: str, value: float, **more: Any) -> None:
        self.samples[series] = Sample(value, **more)

    def look(self) -> list[Transition]:
        """One evaluation, without time passing."""
        told = list(self.book.evaluate(self.sampler))
        self.told += told
        return told

    def run(self, seconds: int) -> list[str]:
        """Look once a second for so many seconds; the phases that were entered, in order."""
        told: list[Transition] = []
        for _ in range(seconds):
            told += self.look()
            self.clock.advance(1)
        return [one.after for one in told if one.kind == "phase"]

    def phases(self) -> dict[str, str]:
        return {f"{one.rule} {one.series}": one.phase for one in self.book.active()}

    def standing(self) -> list[str]:
        return [one.rule for one in self.book.standing()]
