"""The dashboards: what code makes lies there, and a real Prometheus answers all that they ask."""

import json
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from app.metrics import Exposed, serve
from components.monitor.catalogue import COMPONENTS
from tests.metrics.asking import choices, queries
from tests.metrics.made import exposed
from tests.metrics.prometheus import HOUSE, Prometheus
from tests.support import until

pytest.importorskip("grafana_foundation_sdk", reason="the field library is not installed")
FOLDER = HOUSE / "monitoring" / "grafana"
BOARDS: dict[str, Any] = {
    path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))
}
NONE: Mapping[str, str] = MappingProxyType({})


def panels(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def test_what_lies_there_is_what_the_code_makes() -> None:
    from scripts.dashboards import written

    found = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.json")}
    assert found == written(), "run python -m scripts.dashboards"
    assert written() == written()


def test_there_is_one_for_every_component_and_an_overview() -> None:
    asked = json.dumps(BOARDS)
    for component, _ in COMPONENTS:
        assert component in asked
    assert len(BOARDS) == 9
    assert len({board["uid"] for board in BOARDS.values()}) == len(BOARDS)


@pytest.mark.parametrize("name", BOARDS)
def test_every_panel_has_title_unit_and_the_source_that_was_chosen(name: str) -> None:
    board = BOARDS[name]
    assert panels(board)
    for panel in panels(board):
        assert panel["title"], panel
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert panel["targets"], panel["title"]
        refs = [target["refId"] for target in panel["targets"]]
        assert len(set(refs)) == len(refs)
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
    variables = {variable["name"] for variable in board["templating"]["list"]}
    assert {"datasource", "instance"} <= variables


@pytest.mark.parametrize("name", BOARDS)
def test_panels_lie_side_by_side(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARDS[name]["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in cells) < 24, panel["title"]
        assert not cells & taken, panel["title"]
        taken |= cells


def check_answers(prometheus: Prometheus, may_be_empty: Mapping[str, str] = NONE) -> None:
    """All that the dashboards ask is answered in figures, but for what may be without, and why."""
    until(lambda: prometheus.query("count_over_time(up[1m]) >= 4"), "four scrapes")
    asked = list(queries(BOARDS))
    assert len(asked) > 100
    silent = [query for query in asked if not any(map(finite, prometheus.query(query.expr)))]
    allowed = {**may_be_empty, "assent_alert_state{": "periods of alerts: there may be none"}
    left = [query for query in silent if not any(name in query.expr for name in allowed)]
    assert not left, "\n".join(map(str, left))
    for selector, label in choices(BOARDS):
        assert any(label in series for series in prometheus.series(selector)), selector


def finite(answer: dict[str, Any]) -> bool:
    return math.isfinite(float(answer["value"][1]))


def check_rules(prometheus: Prometheus) -> None:
    """All rules were evaluated, without an error."""
    until(lambda: all(rule["health"] != "unknown" for rule in prometheus.rules()), "evaluation")
    assert [rule for rule in prometheus.rules() if rule["health"] != "ok"] == []
    assert len(prometheus.rules()) > 10


def test_every_query_has_an_answer(prometheus: Prometheus) -> None:
    calls = 0

    def busier() -> Exposed:
        nonlocal calls
        calls += 1
        return exposed(calls=calls)

    server = serve("127.0.0.1:0", busier)
    try:
        prometheus.scrape(server.address)
        check_answers(prometheus)
        check_rules(prometheus)
        firing = prometheus.query('assent_alert_state{state="firing"}')
        assert [found["metric"]["rule"] for found in firing] == ["p99"]
        told = prometheus.query('assent_operation_seconds_bucket{operation="verdict", le="+Inf"}')
        assert float(told[0]["value"][1]) >= 4 * 6
    finally:
        server.close()
