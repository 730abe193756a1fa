"""The panels that Assent's Grafana dashboards are made of, and the queries under them.

Every panel has a title, a unit and the dashboard's own data source, which its reader chooses.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from grafana_foundation_sdk.builders import common as options
from grafana_foundation_sdk.builders import dashboard as grid
from grafana_foundation_sdk.builders import heatmap, stat, timeseries
from grafana_foundation_sdk.builders import prometheus as ask
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    HeatmapCellLayout,
    LegendDisplayMode,
    LegendPlacement,
    ScaleDistribution,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    DynamicConfigValue,
    Threshold,
    ThresholdsMode,
)
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
HEIGHT = 8
LOG2 = options.ScaleDistributionConfig().type(ScaleDistribution.LOG).log(2)

SECONDS, RATE, SHARE, TIMES, COUNT, BYTES, BYTES_S = (
    "s", "ops", "percentunit", "none", "short", "bytes", "Bps",
)  # fmt: skip
"""Units, as Grafana has them."""


class Query(NamedTuple):
    """What Prometheus is asked, and what its answer's series are called."""

    expr: str
    legend: str


class Look(NamedTuple):
    """A panel of one's own choice: title, unit, queries, what it tells."""

    title: str
    unit: str
    queries: Sequence[Query]
    told: str = ""


def lines(look: Look, *, width: int, log: bool = False, limit: float | None = None) -> Any:
    """Lines over time; dashed are baselines, and a `limit` is drawn in."""
    panel = (
        timeseries.Panel()
        .title(look.title)
        .description(look.told)
        .unit(look.unit)
        .datasource(SOURCE)
        .span(width)
        .height(HEIGHT)
        .line_width(1)
        .fill_opacity(0 if log else 8)
        .show_points(VisibilityMode.NEVER)
        .tooltip(options.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
        .legend(
            options.VizLegendOptions()
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
            .show_legend(True)
        )
        .override_by_regexp(
            "baseline.*",
            [DynamicConfigValue("custom.lineStyle", {"dash": [6, 6], "fill": "dash"})],
        )
    )
    panel = panel.scale_distribution(LOG2) if log else panel.min(0)
    if limit is not None:
        panel = panel.thresholds(_limit(limit)).thresholds_style(
            options.GraphThresholdsStyleConfig().mode("dashed")  # type: ignore[arg-type]
        )
    return _asking(panel, look.queries)


def figure(look: Look, *, width: int, limit: float | None = None) -> Any:
    """The newest value, large; red from `limit` on."""
    panel = (
        stat.Panel()
        .title(look.title)
        .description(look.told)
        .unit(look.unit)
        .datasource(SOURCE)
        .span(width)
        .height(4)
        .no_value("–")
        .color_mode(BigValueColorMode.NONE if limit is None else BigValueColorMode.VALUE)
        .reduce_options(options.ReduceDataOptions().calcs(["lastNotNull"]))
    )
    return _asking(panel if limit is None else panel.thresholds(_limit(limit)), look.queries)


def heat(look: Look, *, width: int) -> Any:
    """How many calls took how long, over time: a row for each of the histogram's buckets."""
    panel = (
        heatmap.Panel()
        .title(look.title)
        .description(look.told)
        .unit(look.unit)
        .datasource(SOURCE)
        .span(width)
        .height(HEIGHT)
        .calculate(False)
        .color(
            heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Cividis").steps(64)
        )
        .y_axis(heatmap.YAxisConfig().unit(look.unit))
        .rows_frame(heatmap.RowsHeatmapOptions().layout(HeatmapCellLayout.AUTO))
    )
    return _asking(panel, look.queries, PromQueryFormat.HEATMAP)


def row(title: str, repeat: str = "") -> grid.Row:
    """A heading for the panels after it, once for each value of a variable."""
    heading = grid.Row(title)
    return heading.repeat(repeat) if repeat else heading


def _asking(panel: Any, queries: Sequence[Query], form: PromQueryFormat | None = None) -> Any:
    for letter, query in zip("ABCDEFGH", queries, strict=False):
        target = ask.Dataquery().expr(query.expr).legend_format(query.legend).ref_id(letter)
        panel = panel.with_target(target.format(form or PromQueryFormat.TIME_SERIES).range())
    return panel


def _limit(value: float) -> Any:
    steps = [Threshold(value=None, color="green"), Threshold(value=value, color="red")]
    return grid.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)
