"""What the dashboards ask Prometheus."""

from typing import NamedTuple

from scripts.panels import Query

_WINDOW = "$__rate_interval"
NODE = 'instance=~"$instance"'


class Scope(NamedTuple):
    """Which operations are asked about: label matchers, without braces."""

    matchers: str

    def rate(self, metric: str, by: str) -> str:
        """How fast a counter grows a second."""
        return f"sum by ({by}) (rate({metric}{{{self.matchers}}}[{_WINDOW}]))"

    def quantile(self, share: float, by: str = "operation") -> str:
        """A percentile in seconds."""
        buckets = self.rate("assent_operation_seconds_bucket", f"{by}, le")
        return f"histogram_quantile({share}, {buckets})"

    def calls(self, by: str = "operation") -> str:
        """Calls a second, whether they worked or not."""
        return f"({self.rate('assent_operation_seconds_count', by)} + {self._lost(by)})"

    def errors(self, by: str = "operation") -> str:
        """The share of calls that failed or ran out of time."""
        return f"({self._lost(by)}) / {self.calls(by)}"

    def baseline(self, percentile: int) -> str:
        """A percentile of the baseline in force, in seconds."""
        matchers = f'{self.matchers}, percentile="{percentile}"'
        return f"max by (operation) (assent_baseline_seconds{{{matchers}}})"

    def baseline_calls(self) -> str:
        """Calls a second of the baseline in force."""
        return f"sum by (operation) (assent_baseline_calls_per_second{{{self.matchers}}})"

    def times_baseline(self) -> str:
        """P99 over its baseline."""
        return f"{self.quantile(0.99)} / {self.baseline(99)}"

    def buckets(self) -> str:
        """Calls a second in each bucket."""
        return self.rate("assent_operation_seconds_bucket", "le")

    def _lost(self, by: str) -> str:
        failed = self.rate("assent_operation_failures_total", by)
        return f"{failed} + {self.rate('assent_operation_timeouts_total', by)}"


def percentiles(scope: Scope) -> list[Query]:
    """The four percentiles, and where the baseline has two of them."""
    shares = ((0.5, "P50"), (0.95, "P95"), (0.99, "P99"), (0.999, "P99.9"))
    drawn = [Query(scope.quantile(share), name) for share, name in shares]
    dashed = [Query(scope.baseline(at), f"baseline P{at}") for at in (95, 99)]
    return drawn + dashed


def throughput(scope: Scope) -> list[Query]:
    """Calls a second, and how many the baseline has."""
    return [Query(scope.calls(), "calls"), Query(scope.baseline_calls(), "baseline")]


def gauge(metric: str, legend: str = "{{instance}}") -> Query:
    """A gauge as it is."""
    return Query(f"{metric}{{{NODE}}}", legend)


def firing(series: str = ".+") -> Query:
    """How many of the nodes' own alerts fire, on series of that pattern; 0 where none does."""
    matchers = f'{NODE}, state="firing", series=~"{series}"'
    return Query(f"count(assent_alert_state{{{matchers}}}) or vector(0)", "firing")
