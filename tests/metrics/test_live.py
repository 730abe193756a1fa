"""A real Prometheus that scrapes a real node at work has an answer to every query."""

from pathlib import Path

from msgspec.structs import replace

from app.metrics import Exposed, serve, source_of
from components.actions import Action
from components.monitor.baseline import BaselineFigures
from components.monitor.figures import figures
from tests.metrics.prometheus import Prometheus
from tests.metrics.test_dashboards import check_answers, check_rules
from tests.support import RunningNode, running_node, until

SAFE = Action(tool="read_file", arguments={"path": "notes.txt"}, request="read my notes")
DESTRUCTIVE = Action(tool="query", arguments={"sql": "DROP TABLE customers"})
ROUNDS = 5
COMPONENTS = 7

NOT_ON_EVERY_MACHINE = {
    "assent_resource_disk_io_ratio": "the store's file system may have no disk of its own",
    "assent_process_read_bytes": "containers may hide what a process reads",
    "assent_process_write_bytes": "containers may hide what a process writes",
}


def with_baseline(told: Exposed) -> Exposed:
    """As after `baseline set`: measured against what it does itself."""
    if told.baseline:
        return told
    seen = {name: figures(total, 60) for name, total in told.totals.items() if total.calls}
    return replace(
        told,
        baseline={
            name: BaselineFigures(
                f.calls, f.per_s, f.errors, f.p50_us, f.p95_us, f.p99_us, f.p999_us
            )
            for name, f in seen.items()
        },
    )


def work(node: RunningNode) -> None:
    """One action that is allowed, and one that a person approves."""
    assert node.ask(SAFE).result().verdict == "allow"
    asking = node.ask(DESTRUCTIVE)
    node.answer(node.waiting("query"), "approve")
    assert asking.result().verdict == "allow"


def test_every_query_has_an_answer(tmp_path: Path, prometheus: Prometheus) -> None:
    with running_node(tmp_path / "home") as node:
        tell = source_of(node.node.engine)
        server = serve("127.0.0.1:0", lambda: with_baseline(tell()))
        try:
            prometheus.scrape(server.address)
            for _ in range(ROUNDS):
                work(node)
            node.ask(DESTRUCTIVE)
            node.waiting("query")  # stays, so that somebody waits
            until(lambda: verdicts(prometheus) >= 2 * ROUNDS, "all verdicts at Prometheus")
            until(
                lambda: len(prometheus.query("assent_memory_bytes")) == COMPONENTS, "what is held"
            )
            check_answers(prometheus, NOT_ON_EVERY_MACHINE)
            check_rules(prometheus)
        finally:
            server.close()


def verdicts(prometheus: Prometheus) -> float:
    told = prometheus.query('assent_operation_seconds_count{component="gate", operation="verdict"}')
    return float(told[0]["value"][1])
