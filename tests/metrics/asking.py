"""The queries of the dashboards, as Grafana sends them for all nodes and all operations."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

FILLED = {"$__rate_interval": "1m", "$instance": ".*", "$operation": ".*"}


class Asked(NamedTuple):
    """A query, and the dashboard and panel that it is for."""

    board: str
    panel: str
    expr: str


def queries(boards: Mapping[str, Mapping[str, Any]]) -> Iterator[Asked]:
    """Every query of panels and annotations."""
    for name, board in boards.items():
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                yield Asked(name, panel["title"], _filled(target["expr"]))
        for annotation in board["annotations"]["list"]:
            yield Asked(name, annotation["name"], _filled(annotation["expr"]))


def choices(boards: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """The selector and the label of every variable that is asked for."""
    for board in boards.values():
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                found = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"])
                assert found, variable
                yield found[1], found[2]


def _filled(expr: str) -> str:
    for variable, value in FILLED.items():
        expr = expr.replace(variable, value)
    assert "$" not in expr, expr
    return expr
