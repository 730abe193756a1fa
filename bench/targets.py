"""What figures are held against: the advisor's limits for operations, `targets.toml` for the rest.

Names are dotted and say the kind first: `operation.hitl.get_pending`, `workflow.complete`,
`workflow.complete.per_s`, `goal.gate_vs_skeleton`.
"""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import msgspec
from msgspec import Struct

from bench.figures import Limits
from components.advisor.targets import targets as operation_targets

FILE = Path(__file__).with_name("targets.toml")


class Workflow(Struct, frozen=True, forbid_unknown_fields=True):
    """P95 in µs, and workflows a second."""

    target_us: float
    acceptable_us: float
    per_s: float | None = None
    note: str = ""


class Goal(Struct, frozen=True, forbid_unknown_fields=True):
    """The most, or the least, that will do; a ratio where no unit is given."""

    what: str
    most: float | None = None
    least: float | None = None
    unit: str = "×"


class Stress(Struct, frozen=True, forbid_unknown_fields=True):
    """[target, acceptable] a second; [callers, operations each]; [MB at 10,000, at 100,000]."""

    throughput: dict[str, tuple[float, float]]
    concurrent: dict[str, tuple[int, int]]
    memory_mb: dict[str, float | tuple[float, float]]
    endurance: dict[str, float | str]


class Targets(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. In `scale` each component has its sizes, and a limit for each size."""

    predecessor: dict[str, float]
    workflow: dict[str, Workflow]
    stress: Stress
    scale: dict[str, dict[str, tuple[float, ...]]]
    goal: dict[str, Goal]


@lru_cache(maxsize=1)
def targets() -> Targets:
    """What the file says."""
    return msgspec.convert(tomllib.loads(FILE.read_text("utf-8")), Targets)


@lru_cache(maxsize=1)
def limits() -> Mapping[str, Limits]:
    """The limits of every operation, workflow and goal, by the full name of the figure."""
    return {**_operations(), **_workflows(), **_goals()}


def _operations() -> dict[str, Limits]:
    before = targets().predecessor
    return {
        f"operation.{name}": Limits(
            kind="operation", target=target.target_us, acceptable=target.acceptable_us,
            predecessor=before[name], note=target.note,
        )
        for name, target in operation_targets().items()
        if name in before
    }  # fmt: skip


def _workflows() -> dict[str, Limits]:
    found = {}
    for name, flow in targets().workflow.items():
        found[f"workflow.{name}"] = Limits(
            kind="workflow", target=flow.target_us, acceptable=flow.acceptable_us, note=flow.note
        )
        found[f"workflow.{name}.per_s"] = Limits(
            kind="workflow", unit="/s", target=flow.per_s, at_least=True
        )
    return found


def _goals() -> dict[str, Limits]:
    return {
        f"goal.{name}": Limits(
            kind="goal", unit=goal.unit, goal=goal.most if goal.least is None else goal.least,
            at_least=goal.least is not None, note=goal.what,
        )
        for name, goal in targets().goal.items()
    }  # fmt: skip
