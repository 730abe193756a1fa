"""What counts as an error of an operation, and where the measuring begins and ends."""

import gc
from contextlib import closing
from pathlib import Path

import pytest

from app.console.frames import Frames
from app.node.pauses import Pauses
from components.actions import Action
from components.clock import ManualClock
from components.gate import Assessed, Refusal, Screens
from components.gate.meters import count_lapse
from components.hitl import Refused
from components.intent_firewall import Firewall, Sequences, builtin_packs
from components.love_engine import LoveEngine
from components.monitor import Meter
from components.monitor.timer import Timer
from storage import StoreBusy, StoreError, StoreFrozen, StoreFull, open_store


@pytest.fixture
def meter() -> Meter:
    return Meter("gate.verdict")


def counted(meter: Meter) -> tuple[int, int, int]:
    """Calls in all, failed, timed out."""
    total = meter.take()
    return (total.calls, total.failed, total.timeouts) if total else (0, 0, 0)


def caused(error: StoreError) -> Refusal:
    refusal = Refusal(503, "not recorded")
    refusal.__cause__ = error
    return refusal


NOTHING, FAILED, GIVEN_UP = (0, 0, 0), (1, 1, 0), (1, 0, 1)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 408, 409, 410, 413, 422, 429])
def test_what_the_caller_brought_about_is_not_counted(meter: Meter, code: int) -> None:
    for refusal in (Refusal(code, "no"), Refused("no", code)):
        count_lapse(refusal, meter)
        assert counted(meter) == NOTHING


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Refusal(423, "frozen"), FAILED),
        (Refusal(500, "failed"), FAILED),
        (Refusal(503, "not recorded"), FAILED),
        (ValueError("a bug"), FAILED),
        (StoreFrozen("frozen"), FAILED),
        (caused(StoreFull("full")), FAILED),
        (StoreBusy("held"), GIVEN_UP),
        (caused(StoreBusy("held")), GIVEN_UP),
    ],
)
def test_what_the_machine_brought_about_is(
    meter: Meter, error: Exception, expected: tuple[int, int, int]
) -> None:
    count_lapse(error, meter)
    assert counted(meter) == expected


def test_too_late_is_the_machines_doing_only_where_the_call_came_in_time(meter: Meter) -> None:
    count_lapse(Refused("too late", 408), meter, late=True)
    assert counted(meter) == GIVEN_UP
    count_lapse(Refused("decided", 409), meter, late=True)
    assert counted(meter) == NOTHING


def test_a_timer_counts_a_call_once_however_it_ends(meter: Meter) -> None:
    clock = ManualClock()
    timer = Timer(meter, clock)

    def work(seconds: float, error: Exception | None = None) -> str:
        clock.advance(seconds)
        if error:
            raise error
        return "done"

    assert timer(work, 0.25) == "done"
    total = meter.take()
    assert total is not None
    assert (total.calls, total.sketch.total) == (1, 250_000_000)
    for error, expected in ((OSError(), FAILED), (TimeoutError(), GIVEN_UP)):
        with pytest.raises(type(error)):
            timer(work, 1.0, error)
        assert counted(meter) == expected


class Meters(dict[str, Meter]):
    """Meters by name, made when asked for."""

    def __missing__(self, name: str) -> Meter:
        self[name] = Meter(name)
        return self[name]


@pytest.fixture(scope="module")
def firewall() -> Firewall:
    return Firewall(builtin_packs())


@pytest.fixture
def meters() -> Meters:
    return Meters()


@pytest.fixture
def screens(firewall: Firewall, meters: Meters) -> Screens:
    clock = ManualClock()
    return Screens(firewall, LoveEngine(), Sequences(clock), clock, meters.__getitem__)


READ = Action(tool="read_file", arguments={"path": "a.txt"}, agent="ada", id="r-1")


def ran(meters: Meters) -> dict[str, tuple[int, int, int]]:
    return {name: found for name, meter in meters.items() if (found := counted(meter))[0]}


def test_screening_alone_counts_no_pass_through_all_screens(
    screens: Screens, meters: Meters
) -> None:
    screens.assess_all([READ])
    once = ran(meters)
    assert set(once.values()) == {(1, 0, 0)}
    assert "gate.screens" in once
    screens.assess_alone(READ)
    assert set(ran(meters)) == set(once) - {"gate.screens", "intent_firewall.sequences"}


def test_equal_stages_are_one_object(screens: Screens) -> None:
    first, second = (screens.assess_alone(READ).stages for _ in range(2))
    assert [stage.name for stage in first] == ["intent_firewall", "love_engine"]
    assert all(one is other for one, other in zip(first, second, strict=True))


def test_a_firewall_that_breaks_is_an_error_of_the_firewall(
    screens: Screens, meters: Meters, firewall: Firewall, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(firewall, "_reasons", broken)
    [assessed] = screens.assess_all([READ])
    assert isinstance(assessed, Assessed)
    assert assessed.ruling.disposition == "ask"
    found = ran(meters)
    assert found["intent_firewall.validate_unsafe"] == FAILED
    assert found["intent_firewall.pattern_matching"] == FAILED
    assert found["gate.screens"] == (1, 0, 0)


def test_a_screen_that_breaks_is_an_error_of_the_screening(
    screens: Screens, meters: Meters, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(screens.love, "check_ethics", broken)
    [failed] = screens.assess_all([READ])
    assert isinstance(failed, RuntimeError)
    assert ran(meters)["gate.screens"] == FAILED


def test_collections_are_heard_until_the_listener_goes() -> None:
    heard: list[int] = []
    pauses = Pauses(ManualClock(), heard.append)
    before = list(gc.callbacks)
    pauses.install()
    pauses.install()
    gc.collect()
    pauses.remove()
    assert heard
    assert set(heard) == {0}
    assert gc.callbacks == before
    pauses.remove()


def test_a_collection_under_way_at_the_start_is_not_told() -> None:
    heard: list[int] = []
    pauses = Pauses(ManualClock(), heard.append)
    pauses._heard("stop", {})
    assert not heard


def test_a_frame_is_all_that_is_drawn_until_its_end() -> None:
    clock, heard = ManualClock(), list[int]()
    frames = Frames(clock, heard.append)
    frames.end()
    for seconds in (0.25, 0.5):
        with frames.drawing():
            clock.advance(seconds)
        clock.advance(9)
    frames.end()
    frames.end()
    assert heard == [750_000_000]


def test_after_a_long_frame_one_beat_is_left_out() -> None:
    clock = ManualClock()
    frames = Frames(clock, lambda _: None)
    assert not frames.rest()
    left_out = []
    for seconds in (0.024, 0.026, 0.026):
        frames.end()
        with frames.drawing():
            clock.advance(seconds)
        left_out.append((frames.rest(), frames.rest()))
    assert left_out == [(False, False), (True, False), (True, False)]


def test_the_writer_tells_of_each_batch_and_each_refusal(tmp_path: Path) -> None:
    taken: list[tuple[int, int]] = []
    refused: list[StoreError] = []
    with closing(open_store(tmp_path)) as store:
        store.writer.on_take(lambda jobs, waited: taken.append((jobs, waited)))
        store.writer.on_fail(refused.append)
        store.writer.run(lambda tx: None)
        assert [jobs for jobs, _ in taken] == [1]
        assert taken[0][1] > 0
        store.writer.freeze("a test")
        with pytest.raises(StoreFrozen):
            store.writer.run(lambda tx: None)
    assert len(taken) == 2
    assert [type(error) for error in refused] == [StoreFrozen]
