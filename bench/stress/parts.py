"""The components behind one face, as a load finds them: real ones, over a real store.

Every call brings something new, so that nothing is answered from what was seen before.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from hashlib import sha256
from threading import BoundedSemaphore
from typing import Any

import msgspec
from msgspec import Struct

from bench.busy import ETHICS, HOUR_US, SAFETY, Busy
from bench.entries import KEY, an_entry
from bench.inputs import experiences, rare_rules
from bench.load import Call
from bench.places import scratch_store
from components.actions import PRIORITIES, Action
from components.audit_system import AuditLog
from components.clock import SystemClock
from components.evolution_core import EvolutionCore
from components.intent_firewall import Firewall, PackHead, RulePack, builtin_packs
from components.love_engine import LoveEngine
from storage import StoreError

WAITING = 50
"""So many decisions wait while more come and go."""

MOST_SHAPES = 2_048
"""As many shapes as the evolution core keeps: with more, it holds no more."""

AT_ONCE = 4_096
"""Entries handed in but not yet durable, at which whoever hands in more is held back."""


class Part(Struct, frozen=True):
    """One operation: `call` raises where its result is wrong, `settle` waits until all is durable,
    `recorded` counts what is."""

    call: Call
    settle: Callable[[], object] = lambda: None
    recorded: Callable[[], int] | None = None


def an_action(number: int) -> Action:
    """An ordinary action, unlike any of another number; each fourth is to be asked about."""
    kind = number % 4
    tool, arguments = (
        ("read_file", {"path": f"notes/{number}.txt"}),
        ("send_message", {"to": "kim", "text": f"Report {number} is ready."}),
        ("shell", {"command": f"ls -la /srv/data/{number} | grep report"}),
        ("query", {"sql": f"DELETE FROM t{number}"}),
    )[kind]
    return Action(tool=tool, arguments=arguments, request=f"see to report {number}")


@contextmanager
def intent_firewall() -> Iterator[Part]:
    """Actions judged by the rules that ship."""
    firewall = Firewall(builtin_packs())
    wanted = [firewall.validate(an_action(kind)).disposition for kind in range(4)]

    def call(number: int) -> None:
        found = firewall.validate(an_action(number)).disposition
        if found != wanted[number % 4]:
            raise ValueError(f"action {number} was to be {wanted[number % 4]}, not {found}")

    yield Part(call)


@contextmanager
def firewall_of(patterns: int) -> Iterator[Part]:
    """Actions judged by so many rules of one kind."""
    firewall = Firewall([RulePack(pack=PackHead("bench"), rules=tuple(rare_rules(patterns)))])
    yield Part(lambda number: firewall.validate(an_action(number)))


@contextmanager
def bare() -> Iterator[Part]:
    """No component: actions as MessagePack in a list."""
    encode, kept = msgspec.msgpack.Encoder().encode, list[bytes]()
    yield Part(lambda number: kept.append(encode(an_action(number))))


@contextmanager
def love_engine() -> Iterator[Part]:
    """The ethics of actions."""
    engine = LoveEngine()
    wanted = [engine.check_ethics(an_action(kind)).score for kind in range(4)]

    def call(number: int) -> None:
        score = engine.check_ethics(an_action(number)).score
        if score != wanted[number % 4]:
            raise ValueError(f"action {number} was to score {wanted[number % 4]}, not {score}")

    yield Part(call)


@contextmanager
def evolution_core(shapes: int = 200) -> Iterator[Part]:
    """Experiences of so many shapes logged; settled, they are durable and counted."""
    logged = experiences(10_000, shapes)
    with scratch_store("evolution") as store:
        core = EvolutionCore.open(store, SystemClock())
        yield Part(
            lambda number: core.log_experience(logged[number % len(logged)]),
            core.flush,
            lambda: core.metrics.totals().seen,
        )


@contextmanager
def audit_system() -> Iterator[Part]:
    """Entries appended; settled, they are durable and under a signed checkpoint."""
    with scratch_store("audit") as store:
        log = AuditLog.open(store, KEY, "bench", SystemClock())
        room, writer = BoundedSemaphore(AT_ONCE), store.writer
        failures: list[Exception] = []

        def done(_: Any, error: Exception | None) -> None:
            room.release()
            if error:
                failures.append(error)

        def call(number: int) -> None:
            room.acquire()
            entry = an_entry(number)
            writer.submit(lambda tx: log.append(tx, entry), done)

        def settle() -> None:
            writer.run(lambda _: None)
            if failures:
                raise StoreError(f"{len(failures)} entries were refused: {failures[0]}")

        yield Part(call, settle, lambda: log.head.size)


@contextmanager
def hitl() -> Iterator[Part]:
    """Decisions asked for and approved, while others wait."""
    busy = Busy(WAITING)
    yield Part(
        lambda _: busy.approve(busy.request()),
        recorded=lambda: busy.queue.counts().ended.get("allowed", 0),
    )


@contextmanager
def hitl_waiting() -> Iterator[Part]:
    """Decisions asked for, each over an action of its own, and not answered."""
    busy = Busy()
    queue = busy.queue

    def call(number: int) -> None:
        change = queue.prepare_request(
            f"decision-{number:08d}", an_action(number), sha256(b"%d" % number).hexdigest(),
            safety=SAFETY, ethics=ETHICS, priority=PRIORITIES[1 + number % 3],
            expires_at=busy.clock.now() + HOUR_US, policy_version="p1",
        )  # fmt: skip
        queue.apply(change)

    yield Part(call, recorded=lambda: len(queue))


OPENED: dict[str, Callable[[], AbstractContextManager[Part]]] = {
    "intent_firewall": intent_firewall,
    "love_engine": love_engine,
    "evolution_core": evolution_core,
    "evolution_full": partial(evolution_core, MOST_SHAPES),
    "audit_system": audit_system,
    "hitl": hitl,
    "hitl_waiting": hitl_waiting,
}
COMPONENTS = ("intent_firewall", "love_engine", "evolution_core", "audit_system", "hitl")
