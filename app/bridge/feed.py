"""What a node tells to everybody: events, figures, alerts, its status and its newest checkpoint.

Names, ids and numbers only: what agents say in words stays in the node.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from components.gate import Asked, Changed, Event, Judged, Noted, Reported, TurnedAway
from components.monitor import Figures
from components.monitor.alerting import AlertState

MOST_WAITING = 20_000
"""Events that wait to be sent; the oldest beyond are lost, and counted."""

AT_ONCE = 400
"""Events in one message: at most about 130 KiB."""

_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_.-]")
_encode = msgspec.json.Encoder().encode


class FeedEvent(Struct, frozen=True, omit_defaults=True):
    """One event. Times are µs (since 1970 UTC); `gate_us` is the machine's, `wait_us` people's."""

    seq: int
    time: int
    kind: str
    agent: str = ""
    request_id: str = ""
    tool: str = ""
    verdict: str = ""
    rule: str = ""
    decision_id: str = ""
    priority: str = ""
    operator: str = ""
    status: str = ""
    code: int = 0
    gate_us: int = 0
    wait_us: int = 0
    duration_us: int = 0


class Events(Struct, frozen=True):
    """Events of a component, oldest first; `lost` counts those of the node that were not told."""

    node: str
    lost: int
    events: list[FeedEvent]
    v: int = 1


class Metrics(Struct, frozen=True):
    """The figures of a component's operations over the last ten seconds."""

    node: str
    time: int
    operations: Mapping[str, Figures]
    window: str = "10s"
    v: int = 1


class Alerts(Struct, frozen=True):
    """The alerts of one rule, by the series that it watches; none when all is well."""

    node: str
    time: int
    rule: str
    alerts: list[AlertState]
    v: int = 1


class CheckpointNote(Struct, frozen=True):
    """The newest checkpoint of the audit log: a signed note. `proofs` shows each witness by its
    name that the log continues what it cosigned last.
    """

    node: str
    checkpoint: str
    proofs: dict[str, str] | UnsetType = UNSET
    v: Literal[1] = 1


class EventFeed:
    """Events between the gate's thread, which adds, and the bridge's, which takes."""

    def __init__(self, node: str) -> None:
        self._node = node
        self._waiting: deque[tuple[int, int, Event]] = deque(maxlen=MOST_WAITING)
        self._seq = 0
        self._taken = 0

    def add(self, event: Event, now: int) -> None:
        """Number an event and keep it until it is taken."""
        self._seq += 1
        self._waiting.append((self._seq, now, event))

    @property
    def lost(self) -> int:
        """How many were never taken, for want of room."""
        return self._seq - self._taken - len(self._waiting)

    def take(self) -> Iterator[tuple[str, bytes]]:
        """(component, body) of everything that waits."""
        found: dict[str, list[FeedEvent]] = {}
        for _ in range(len(self._waiting)):
            seq, now, event = self._waiting.popleft()
            self._taken += 1
            component, told = feed_event(seq, now, event)
            found.setdefault(component, []).append(told)
        for component, events in found.items():
            for start in range(0, len(events), AT_ONCE):
                chunk = events[start : start + AT_ONCE]
                yield component, _encode(Events(self._node, self.lost, chunk))


def feed_event(seq: int, now: int, event: Event) -> tuple[str, FeedEvent]:
    """The component that an event belongs to, and what is told of it."""
    match event:
        case Judged(action=action, verdict=verdict):
            return "gate", FeedEvent(
                seq, now, "verdict", action.agent, verdict.request_id, action.tool,
                verdict.verdict, verdict.rule,
                operator=str((verdict.decision or {}).get("operator", "")),
                gate_us=event.gate_us, wait_us=event.wait_us,
            )  # fmt: skip
        case Asked(decision=decision):
            return "hitl", FeedEvent(
                seq, now, "asked", decision.action.agent, decision.action.id,
                decision.action.tool, rule=decision.rule, decision_id=decision.id,
                priority=decision.priority, gate_us=event.gate_us,
            )  # fmt: skip
        case Changed(decision=decision):
            return "hitl", FeedEvent(
                seq, now, event.kind, decision.action.agent, decision.action.id,
                decision.action.tool, decision_id=decision.id, priority=decision.priority,
                operator=event.operator,
            )  # fmt: skip
        case Reported(outcome=outcome, action=action):
            return "evolution_core", FeedEvent(
                seq, now, "outcome", outcome.agent, outcome.request_id, action.tool,
                status=outcome.status, duration_us=outcome.duration_us,
            )  # fmt: skip
        case TurnedAway():
            return "gate", FeedEvent(
                seq, now, "refused", event.agent, event.request_id, code=event.code
            )
        case Noted():
            return "audit_system", FeedEvent(
                seq, now, event.kind, event.agent, operator=event.operator
            )


def metrics_bodies(
    node: str, now: int, figures: Mapping[str, Figures]
) -> Iterator[tuple[str, bytes]]:
    """(component, body) for each component of which an operation ran."""
    found: dict[str, dict[str, Figures]] = {}
    for name, one in figures.items():
        found.setdefault(name.partition(".")[0], {})[name] = one
    for component, operations in found.items():
        yield component, _encode(Metrics(node, now, operations))


class AlertFeed:
    """Which alerts were told last, by rule, so that only changes are told."""

    def __init__(self, node: str) -> None:
        self._node = node
        self._told: dict[str, list[AlertState]] = {}

    def forget(self) -> None:
        """Tell everything again, as to a broker that may have forgotten it."""
        self._told = {name: [] for name in self._told}

    def changes(self, now: int, active: Iterable[AlertState]) -> Iterator[tuple[str, bytes]]:
        """(name of the topic, body) for each rule whose alerts are not as last told."""
        found: dict[str, list[AlertState]] = {name: [] for name in self._told}
        for alert in active:
            found.setdefault(_NOT_A_NAME.sub("-", alert.rule)[:64], []).append(alert)
        for name, alerts in found.items():
            if self._told.get(name) != alerts:
                rule = alerts[0].rule if alerts else name
                yield name, _encode(Alerts(self._node, now, rule, alerts))
        self._told = found


def checkpoint_body(node: str, note: str, proofs: dict[str, str] | None = None) -> bytes:
    """The body that tells a checkpoint, with proofs (as text) for witnesses."""
    return _encode(CheckpointNote(node, note, proofs or UNSET))
