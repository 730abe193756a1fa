"""Write Assent's Grafana dashboards: one for each component, and an overview.

    python -m scripts.dashboards [FOLDER]

The folder is monitoring/grafana unless it is given. What is there is code's: change this file, its
neighbours panels.py and queries.py, and run it again.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from grafana_foundation_sdk.builders import dashboard as grid
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from components.monitor.catalogue import COMPONENTS
from scripts.panels import (
    BYTES,
    BYTES_S,
    COUNT,
    RATE,
    SECONDS,
    SHARE,
    SOURCE,
    TIMES,
    Look,
    Query,
    figure,
    heat,
    lines,
    row,
)
from scripts.queries import (
    NODE,
    Scope,
    firing,
    gauge,
    percentiles,
    throughput,
)

FOLDER = Path(__file__).resolve().parents[1] / "monitoring" / "grafana"
TITLES = dict(COMPONENTS)
LIMIT_ERRORS, LIMIT_RESOURCE, LIMIT_TIMES = 0.001, 0.8, 2.0
PEOPLE = Scope(f'{NODE}, component="person"')
VERDICT = Scope(f'{NODE}, component="gate", operation="verdict"')
MACHINES = Scope(f'{NODE}, component!="person"')


class Board(NamedTuple):
    """A component's dashboard: the components it shows, and what there is beside operations."""

    slug: str
    title: str
    components: tuple[str, ...]
    more: tuple[Look, ...] = ()


def memory(component: str) -> Look:
    """What a component holds."""
    expr = f'assent_memory_bytes{{{NODE}, component="{component}"}}'
    return Look("Memory held", BYTES, [Query(expr, "{{instance}}")], "By its own accounting.")


BOARDS = (
    Board("gate", TITLES["gate"], ("gate",), (
        Look("Requests in flight", COUNT, [gauge("assent_gate_in_flight")]),
        Look("Silent for", SECONDS, [gauge("assent_gate_silent_seconds")]),
    )),
    Board("intent-firewall", TITLES["intent_firewall"], ("intent_firewall",),
          (memory("intent_firewall"),)),
    Board("love-engine", TITLES["love_engine"], ("love_engine",), (memory("love_engine"),)),
    Board("evolution-core", TITLES["evolution_core"], ("evolution_core",), (
        memory("evolution_core"),
        Look("Experiences not yet stored", COUNT, [gauge("assent_store_experiences_buffered")]),
    )),
    Board("audit-system", TITLES["audit_system"], ("audit_system",), (
        memory("audit_system"),
        Look("Entries", COUNT, [gauge("assent_audit_entries_total")]),
        Look("Frozen", COUNT, [gauge("assent_audit_frozen")], "1 while nothing can be recorded."),
    )),
    Board("hitl", TITLES["hitl"], ("hitl",), (
        memory("hitl"),
        Look("Decisions", COUNT, [
            gauge("assent_hitl_waiting", "waiting"), gauge("assent_hitl_overdue", "overdue"),
        ]),
        Look("Longest wait for a person", SECONDS, [gauge("assent_hitl_oldest_wait_seconds")]),
        Look("How long people take", SECONDS, [
            Query(PEOPLE.quantile(0.5), "P50"), Query(PEOPLE.quantile(0.95), "P95"),
        ], "Part of no other figure."),
    )),
    Board("storage", TITLES["storage"], ("storage",), (
        Look("Jobs waiting to be stored", COUNT, [gauge("assent_storage_queued")]),
        Look("Size", BYTES, [
            gauge("assent_store_bytes", "store"), gauge("assent_store_wal_bytes", "log"),
        ]),
        Look("Free", BYTES, [gauge("assent_store_free_bytes")]),
    )),
    Board("runtime", "Console and runtime", ("console", "runtime"), (
        Look("Processors, this node", COUNT, [gauge("assent_process_cpu_cores")], "In cores."),
        Look("Memory, this node", BYTES, [gauge("assent_process_rss_bytes")]),
        Look("Threads and files", COUNT, [
            gauge("assent_process_threads", "threads"),
            gauge("assent_process_open_files", "open files"),
        ]),
        Look("Disk", BYTES_S, [
            gauge("assent_process_read_bytes_per_second", "read"),
            gauge("assent_process_write_bytes_per_second", "written"),
        ]),
    )),
)  # fmt: skip


def component_board(board: Board) -> grid.Dashboard:
    """All operations of a component side by side, then each by itself."""
    component = f'component=~"{"|".join(board.components)}"'
    every = Scope(f'{NODE}, {component}, operation=~"$operation"')
    of_series = rf"({'|'.join(board.components)})\\..+"
    drawn = _start(board.slug, board.title, of_series).with_variable(_operations(component))
    for panel in (
        figure(Look("Calls a second", RATE, [Query(every.calls(by=""), "")]), width=8),
        figure(Look("Errors", SHARE, [Query(every.errors(by=""), "")]), width=8,
               limit=LIMIT_ERRORS),
        figure(Look("Alerts", COUNT, [firing(of_series)]), width=8, limit=1),
        lines(Look("P95", SECONDS, [Query(every.quantile(0.95), "{{operation}}")]), width=12,
              log=True),
        lines(Look("P99 against baseline", TIMES, [Query(every.times_baseline(), "{{operation}}")],
                   "How many times its baseline; an alert begins at 2."),
              width=12, limit=LIMIT_TIMES),
        lines(Look("Throughput", RATE, [Query(every.calls(), "{{operation}}")]), width=12),
        lines(Look("Errors by operation", SHARE, [Query(every.errors(), "{{operation}}")],
                   "Calls that failed or ran out of time."), width=12, limit=LIMIT_ERRORS),
        *(lines(look, width=24 // len(board.more)) for look in board.more),
    ):  # fmt: skip
        drawn = drawn.with_panel(panel)
    drawn = drawn.with_row(row("$operation", repeat="operation"))
    for panel in (
        lines(Look("Latency of $operation", SECONDS, percentiles(every)), width=12, log=True),
        heat(Look("Where calls of $operation lie", SECONDS, [Query(every.buckets(), "{{le}}")]),
             width=6),
        lines(Look("Throughput of $operation", RATE, throughput(every)), width=6),
    ):  # fmt: skip
        drawn = drawn.with_panel(panel)
    return drawn


def overview() -> grid.Dashboard:
    """Is everything well?"""
    drawn = _start("overview", "Overview", ".+")
    for panel in _glance():
        drawn = drawn.with_panel(panel)
    drawn = drawn.with_row(row("The gate"))
    for panel in (
        lines(Look("Latency of a verdict", SECONDS, percentiles(VERDICT)), width=12, log=True),
        heat(Look("Where verdicts lie", SECONDS, [Query(VERDICT.buckets(), "{{le}}")]), width=6),
        lines(Look("Verdicts a second", RATE, throughput(VERDICT)), width=6),
    ):
        drawn = drawn.with_panel(panel)
    drawn = drawn.with_row(row("Components"))
    slowest = f"topk(10, {MACHINES.quantile(0.99, 'component, operation')})"
    for panel in (
        lines(Look("Slowest operations, P99", SECONDS,
                   [Query(slowest, "{{component}}.{{operation}}")]), width=8, log=True),
        lines(Look("Throughput by component", RATE,
                   [Query(MACHINES.calls("component"), "{{component}}")]), width=8),
        lines(Look("Errors by component", SHARE,
                   [Query(MACHINES.errors("component"), "{{component}}")]),
              width=8, limit=LIMIT_ERRORS),
        lines(Look("Memory by component", BYTES,
                   [gauge("assent_memory_bytes", "{{component}}")]), width=12),
        lines(Look("Alerts that fire", COUNT,
                   [Query(f'sum by (severity) (assent_alerts_firing{{{NODE}}})', "{{severity}}")]),
              width=12),
    ):  # fmt: skip
        drawn = drawn.with_panel(panel)
    drawn = drawn.with_row(row("Resources"))
    for name, title in (
        ("cpu", "Processors"), ("memory", "Memory"),
        ("disk_io", "Disk, busy"), ("disk_space", "Disk, full"),
    ):  # fmt: skip
        look = Look(title, SHARE, [gauge(f"assent_resource_{name}_ratio")])
        drawn = drawn.with_panel(lines(look, width=6, limit=LIMIT_RESOURCE))
    return drawn


def _glance() -> Sequence[Any]:
    since = Query(f"time() - assent_start_time_seconds{{{NODE}}}", "{{instance}}")
    looks: tuple[tuple[Look, float | None], ...] = (
        (Look("Verdicts a second", RATE, [Query(VERDICT.calls(by=""), "")]), None),
        (Look("P99 of a verdict", SECONDS, [Query(VERDICT.quantile(0.99), "")]), None),
        (Look("Errors", SHARE, [Query(MACHINES.errors(by=""), "")]), LIMIT_ERRORS),
        (Look("Decisions waiting", COUNT, [gauge("assent_hitl_waiting")]), None),
        (Look("Alerts", COUNT, [firing()]), 1),
        (Look("Up for", SECONDS, [since]), None),
    )
    return [figure(look, width=4, limit=limit) for look, limit in looks]


def _start(slug: str, title: str, series: str) -> grid.Dashboard:
    """A dashboard with its variables, links to its fellows, and alert periods drawn in."""
    matchers = f'{NODE}, state="firing", series=~"{series}"'
    alerts = (
        grid.AnnotationQuery().name("Alerts").datasource(SOURCE).enable(True).icon_color("red")
        .expr(f"assent_alert_state{{{matchers}}}")
    )  # fmt: skip
    return (
        grid.Dashboard(f"Assent: {title}")
        .uid(f"assent-{slug}")
        .tags(["assent"])
        .timezone("browser")
        .refresh("30s")
        .time("now-1h", "now")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .link(grid.DashboardLink("Assent").type(DashboardLinkType.DASHBOARDS).tags(["assent"])
              .as_dropdown(True).include_vars(True).keep_time(True))
        .with_variable(grid.DatasourceVariable("datasource").label("Source").type("prometheus"))
        .with_variable(_variable("instance", "Node", "label_values(assent_build_info, instance)"))
        .annotation(alerts)
    )  # fmt: skip


def _operations(component: str) -> grid.QueryVariable:
    query = f"label_values(assent_operation_seconds_count{{{component}}}, operation)"
    return _variable("operation", "Operation", query)


def _variable(name: str, label: str, query: str) -> grid.QueryVariable:
    return (
        grid.QueryVariable(name).label(label).query(query).datasource(SOURCE)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED).sort(VariableSort.ALPHABETICAL_ASC)
        .multi(True).include_all(True).current(VariableOption(text="All", value="$__all"))
    )  # fmt: skip


def written() -> dict[str, str]:
    """All dashboards as Grafana takes them, by file name."""
    boards = {"overview": overview(), **{board.slug: component_board(board) for board in BOARDS}}
    return {f"{slug}.json": _json(board) for slug, board in boards.items()}


def _json(board: grid.Dashboard) -> str:
    built = board.build()
    for number, panel in enumerate(built.panels or [], 1):
        panel.id_val = number
    return json.dumps(built, cls=JSONEncoder, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write them, and remove those that are none any more."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    boards = written()
    for stale in set(folder.glob("*.json")) - {folder / name for name in boards}:
        stale.unlink()
    for name, text in boards.items():
        (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
