"""Runs to report on: made, not measured."""

from bench.figures import Chart, Figure, Limits, Line, Mark, Run, Skipped, measured, single
from bench.machine import Surroundings
from components.monitor.baseline import Machine

HERE = Surroundings(
    machine=Machine(
        node="host", system="Linux 6", cpu="Some CPU", cores=2, memory_mb=4096, python="3.11.7"
    ),
    disk="ext4 with 10 GiB free",
    load=0.5,
    versions={"SQLite": "3.40.1"},
)


def operation(**more: object) -> Figure:
    limits = Limits(kind="operation", target=100, acceptable=500, predecessor=0.25, note="Small")
    return measured(
        "operation.x.y",
        map(float, range(1, 101)),
        limits,
        reference="a <loop>",
        reference_values=[100.0, 101.0, 102.0],
        **more,  # type: ignore[arg-type]
    )


def run(*figures: Figure, complete: bool = True) -> Run:
    goal = Limits(kind="goal", unit="×", goal=0.25, at_least=True)
    chart = Chart(
        name="scale.x",
        title="Time over size",
        x="items",
        y="ms",
        lines=(
            Line("ours", ((10.0, 1.0), (100.0, 2.0), (1000.0, 4.0))),
            Line("limit", ((10.0, 5.0), (1000.0, 9.0)), dashed=True),
        ),
        marks=(Mark("burst", 20, 40),),
        log=True,
        note="exponent 0.3",
    )
    return Run(
        title="bench",
        surroundings=HERE,
        started=1_700_000_000_000_000,
        seconds=12.0,
        figures=figures or (operation(), single("goal.share", 0.1, goal, reference="bare")),
        skipped=(Skipped("goal.mqtt", "no broker is <installed>"),),
        charts=(chart,),
        complete=complete,
    )
