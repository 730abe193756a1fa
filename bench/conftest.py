"""The plugin under `make bench`: from each bench its figures, at the end the report.

A bench names what it measures, `@pytest.mark.figure("operation.hitl.get_pending")`, and gives its
reference with the fixture `beside`. Benches of neither appear with what pytest-benchmark timed.
"""

import signal
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.session import tune_interpreter
from bench.collecting import Found, in_order, reason
from bench.figures import Figure, Limits, Run, compared, measured
from bench.machine import surroundings
from bench.measuring import Beside
from bench.pace import Pace
from bench.progress import Progress
from bench.report import read, save, table
from bench.targets import limits

_QUICK = "A quick run: few rounds, so read its figures with care."

ROOM = Path(__file__).parent.resolve()

_FOUND = pytest.StashKey[Found]()
_PROGRESS = pytest.StashKey[Progress]()
_PACE = pytest.StashKey[Pace]()
_STARTED = pytest.StashKey[float]()
_EARLIER = pytest.StashKey[Run | None]()
_RUN = pytest.StashKey[tuple[Run, list[str]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("bench")
    group.addoption("--only", default="", help="benches and figures with this in their name")
    group.addoption("--quick", action="store_true", help="fewer rounds: worse figures, sooner")
    group.addoption("--earlier", default="", help="the JSON of a run to show beside this one")
    group.addoption("--report", default="build/bench", help="where to write, without the ending")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "figure(*names): the figures that a bench measures")
    config.stash[_FOUND] = Found()
    config.stash[_PROGRESS] = Progress("bench")
    config.stash[_PACE] = Pace()
    config.stash[_STARTED] = time.time()
    config.stash[_EARLIER] = _earlier(config.getoption("--earlier"))
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def _earlier(path: str) -> Run | None:
    """The run to show beside this one: looked at first, since measuring takes long."""
    try:
        return read(Path(path)) if path else None
    except (OSError, msgspec.DecodeError) as error:
        raise pytest.UsageError(f"--earlier {path} is no saved run: {error}") from None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = config.getoption("--only")
    chosen = [
        item for item in items if any(wanted in name for name in (item.nodeid, *_names(item)))
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


def pytest_collection_finish(session: pytest.Session) -> None:
    found = session.config.stash[_FOUND]
    found.expect(name for item in session.items for name in _names(item))
    tune_interpreter()  # as the program runs


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.outcome != "passed":
        found = collector.config.stash[_FOUND]
        found.skip([collector.nodeid], reason(report.longreprtext or report.outcome, last=True))
    return report


@pytest.fixture
def beside(request: pytest.FixtureRequest, benchmark: Any) -> Beside:
    """What a bench measures with."""
    name = next(iter(_names(request.node)), _plain_name(request.node))
    return Beside(benchmark, name, quick=request.config.getoption("--quick"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    config, items = item.config, item.session.items
    at = items.index(item)
    config.stash[_PROGRESS].tell(at / len(items), f"{item.path.stem}.{item.name}")
    config.stash[_PACE].look()
    yield
    if nextitem is None:
        config.stash[_PROGRESS].tell(1.0)
        config.stash[_PROGRESS].clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: Any, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    found: Found = item.config.stash[_FOUND]
    names = _names(item) or [_plain_name(item)]
    if report.skipped:
        found.skip(names, reason(call.excinfo.value if call.excinfo else "skipped"))
    elif report.failed:
        found.skip(names, f"failed: {reason(call.excinfo.value if call.excinfo else '')}")
    elif call.when == "call":
        found.add(_figures(item))
    return report


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str]:
    """No letters: the line of progress tells how far it is, the table what was skipped."""
    failed = "failed" if report.when == "call" else "error"
    return failed if report.failed else report.outcome, "", ""


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    config = session.config
    if config.option.collectonly or not session.items:
        return
    found, pace = config.stash[_FOUND], config.stash[_PACE]
    complete = exitstatus != pytest.ExitCode.INTERRUPTED
    narrowed = config.getoption("--only") or config.option.keyword or config.option.markexpr
    whole = not narrowed and [Path(one).resolve() for one in config.args] == [ROOM]
    missing = found.missing(limits(), whole=whole, complete=complete)
    run = Run(
        title=Path(config.getoption("--report")).name,
        surroundings=surroundings(),
        started=round(config.stash[_STARTED] * 1e6),
        seconds=time.time() - config.stash[_STARTED],
        figures=in_order(found.figures, limits()),
        skipped=(*found.skipped, *missing),
        notes=tuple(filter(None, [_QUICK * config.getoption("--quick"), pace.told()])),
        complete=complete,
    )  # fmt: skip
    if earlier := config.stash[_EARLIER]:
        run = compared(run, earlier)
    target = Path(config.getoption("--report"))
    config.stash[_RUN] = run, save(run, target.parent, target.name)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if _RUN in config.stash:
        run, written = config.stash[_RUN]
        terminalreporter.write("\n" + table(run))
        for line in written:
            terminalreporter.write_line(line)


def _names(item: pytest.Item) -> list[str]:
    """The figures that a bench says it measures."""
    return [name for mark in item.iter_markers("figure") for name in mark.args]


def _plain_name(item: pytest.Item) -> str:
    return f"other.{item.path.stem.removeprefix('test_')}.{item.name.removeprefix('test_')}"


def _figures(item: Any) -> list[Figure]:
    """What a bench found; of one that gave no figure, what pytest-benchmark timed."""
    beside: Beside | None = item.funcargs.get("beside")
    if beside and beside.found:
        return beside.found
    benchmark = item.funcargs.get("benchmark")
    if not benchmark or not benchmark.stats:
        return []
    times = [1e6 * seconds for seconds in benchmark.stats.stats.data]
    return [measured(_plain_name(item), times, Limits(), extra=dict(benchmark.extra_info))]
