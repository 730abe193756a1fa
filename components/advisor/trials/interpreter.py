"""How Python collects garbage and changes between threads: the screens beside a busy thread."""

import gc
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from components.actions import Action
from components.advisor.trial import Experiment, Reading, Value
from components.clock import Clock
from components.intent_firewall import Firewall, builtin_packs
from components.love_engine import LoveEngine

MEASURED_S = 0.08
"""How long the screens run for one reading."""

_MANY = 20_000


class _Screens:
    """The real screens, made when first needed: that takes a moment."""

    def __init__(self, actions: Sequence[Action], clock: Clock) -> None:
        self._actions = actions
        self._clock = clock
        self._made: tuple[Firewall, LoveEngine] | None = None

    def p95(self) -> Reading:
        """The P95 in µs of an action's screening, while another thread is busy."""
        firewall, love = self._made or self._make()
        now = self._clock.monotonic
        took: list[int] = []
        with busy_thread():
            ends = now() + round(MEASURED_S * 1e9)
            for number in range(_MANY):
                action = self._actions[number % len(self._actions)]
                started = now()
                firewall.validate(action)
                love.check_ethics(action)
                ended = now()
                took.append(ended - started)
                if ended >= ends:
                    break
        took.sort()
        return Reading(took[len(took) * 95 // 100] / 1000, f"{len(took):,} actions")

    def _make(self) -> tuple[Firewall, LoveEngine]:
        self._made = Firewall(builtin_packs()), LoveEngine()
        return self._made


def interpreter_trials(
    actions: Sequence[Action], threshold: Value, interval_ms: Value, clock: Clock
) -> Iterator[Experiment]:
    """The threshold of the collector, then the interval between two threads."""
    screens = _Screens(actions, clock)

    def with_threshold(value: Value) -> Reading:
        with collecting_at(int(value)):
            return screens.p95()

    def with_interval(value: Value) -> Reading:
        with switching_every(float(value)), collecting_at(int(threshold)):
            return screens.p95()

    yield Experiment(
        name="gc", title="allocations between collections", key="gc_threshold", unit="µs",
        better="less", present=threshold, values=(700, 5_000, 20_000, 100_000),
        measure=with_threshold,
    )  # fmt: skip
    yield Experiment(
        name="switch", title="milliseconds between threads", key="switch_interval_ms", unit="µs",
        better="less", present=interval_ms, values=(0.1, 0.5, 2.0, 5.0), measure=with_interval,
    )  # fmt: skip


@contextmanager
def collecting_at(threshold: int) -> Iterator[None]:
    """Another threshold for a while; what is there already is not searched, as in a node."""
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    gc.collect()
    gc.freeze()
    gc.set_threshold(threshold, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        if not frozen:
            gc.unfreeze()


@contextmanager
def switching_every(milliseconds: float) -> Iterator[None]:
    """Another switch interval for a while."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(milliseconds / 1000)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


@contextmanager
def busy_thread() -> Iterator[None]:
    """A thread that makes and drops objects and strings meanwhile, as one that paints does."""
    stop = threading.Event()

    def paint() -> None:
        while not stop.is_set():
            lines = [{"at": at, "text": f"{at:>8}"} for at in range(400)]
            "\n".join(str(line["text"]) for line in lines)

    thread = threading.Thread(target=paint, name="trial-busy", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
