"""What learning costs: flat in what was learnt before; and nothing that was logged is lost."""

from collections.abc import Callable
from contextlib import closing

import pytest

from components.actions import Experience
from components.clock import ManualClock
from components.evolution_core import EvolutionCore
from storage import Store, open_store
from tests.evolution_core.making import FailingSeal, log_all, ran, stored_requests
from tests.guard.counting import bytecodes, executed, machine_steps, statements
from tests.guard.growth import FLAT, flat, linear
from tests.storage.conftest import Gather

LEARNT, EACH, SHAPES = 200, 10, 25
LOGGED, COMMITS = 2_000, 10


def some(first: int, count: int, shapes: int = SHAPES) -> list[Experience]:
    """Runs of a few tools and agents, over so many shapes of actions."""
    return [
        ran(
            number,
            duration_us=1_000 + number % 7,
            agent=f"agent-{number % 5}",
            tool=f"tool-{number % shapes % 4}",
            shape=f"tool-{number % shapes % 4}(command={number % shapes})",
        )
        for number in range(first, first + count)
    ]


def core_of(store: Store) -> EvolutionCore:
    return EvolutionCore.open(store, ManualClock())


def test_an_experience_costs_the_same_however_many_there_are(store: Store) -> None:
    """For its caller, and on the writer's thread until it is stored and counted."""
    core, learnt, writer = core_of(store), 0, store.writer

    def cost(count: int) -> int:
        nonlocal learnt
        log_all(core, *some(learnt, count - learnt))
        learnt = count + EACH
        with bytecodes(writer) as codes, machine_steps(writer._session.connection) as steps:
            log_all(core, *some(count, EACH))
        found.append(steps.count)
        return codes.count

    found: list[int] = []
    flat(cost, LEARNT)
    assert found[-1] <= FLAT * found[0]


QUESTIONS: dict[str, Callable[[EvolutionCore], object]] = {
    "patterns": EvolutionCore.recognize_patterns,
    "suggestions": EvolutionCore.suggest_improvements,
    "capabilities": EvolutionCore.capability_metrics,
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_costs_the_same_however_many_there_are(store: Store, question: str) -> None:
    core, learnt = core_of(store), 0

    def cost(count: int) -> int:
        nonlocal learnt
        log_all(core, *some(learnt, count - learnt))
        learnt = count
        return executed(lambda: QUESTIONS[question](core))

    flat(cost, LEARNT)


def test_patterns_are_linear_in_the_shapes(store: Store) -> None:
    core, learnt = core_of(store), 0

    def cost(shapes: int) -> int:
        nonlocal learnt
        log_all(core, *some(learnt, 3 * shapes, shapes))
        learnt += 3 * shapes
        return executed(core.recognize_patterns)

    linear(cost, 2 * SHAPES)


def test_what_is_logged_while_the_writer_is_slow_goes_in_batches(
    store: Store, gather: Gather
) -> None:
    core, logged = core_of(store), some(0, LOGGED)
    with statements(store.writer) as words:
        with gather(store.writer):
            for experience in logged:
                core.log_experience(experience)
            assert core.pending() == LOGGED
        core.flush()
    assert stored_requests(store) == [one.request_id for one in logged]
    assert core.metrics.totals().seen == LOGGED
    assert words.count("COMMIT") <= COMMITS
    assert words.count("INSERT") <= LOGGED // 50


def test_what_a_failed_commit_held_is_written_by_a_later_one(store: Store) -> None:
    core, logged, failing = core_of(store), some(0, LOGGED), FailingSeal()
    store.writer.join(failing)
    log_all(core, *logged[: LOGGED // 4])
    failing.error = RuntimeError("spoilt")
    for experience in logged[LOGGED // 4 :]:
        core.log_experience(experience)
    with pytest.raises(RuntimeError, match="spoilt"):
        core.flush()
    failing.error = None
    core.flush()
    assert stored_requests(store) == [one.request_id for one in logged]
    assert core.metrics.totals().seen == LOGGED


def test_what_was_logged_when_the_store_closes_is_there_at_the_next_start(store: Store) -> None:
    core, logged = core_of(store), some(0, LOGGED)
    for experience in logged:
        core.log_experience(experience)
    store.close()
    with closing(open_store(store.home)) as again:
        assert stored_requests(again) == [one.request_id for one in logged]
        assert core_of(again).metrics.totals().seen == LOGGED
