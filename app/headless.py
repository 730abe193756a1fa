"""A node without a console: events as lines, and each second the figures."""

import signal
import sys
import threading
import time
from collections import deque
from typing import Any, TextIO

from app.node.node import Node
from app.presenter.events import event_row
from components.gate import Event
from components.views import EventRow, Snapshot

_MOST_LINES = 200  # events a second; beyond, they are counted instead of printed


class EventPrinter:
    """Takes events on the gate's thread and prints them on the main thread."""

    def __init__(self) -> None:
        self._events: deque[tuple[int, int, Event]] = deque(maxlen=_MOST_LINES)
        self._seq = 0
        self._printed = 0

    def hear(self, event: Event) -> None:
        """Keep an event for the next look; never blocks the gate."""
        self._seq += 1
        self._events.append((self._seq, time.time_ns() // 1000, event))

    def print_new(self, out: TextIO) -> None:
        """Print what came since the last call, and how many lines there was no room for."""
        while self._events:
            row = event_row(*self._events.popleft())
            if row.seq > self._printed + 1:
                print(f"… {row.seq - self._printed - 1} events not printed", file=out)
            self._printed = row.seq
            print(event_line(row), file=out)


def event_line(row: EventRow) -> str:
    """One event as a line: local time, kind, agent, text."""
    clock = time.strftime("%H:%M:%S", time.localtime(row.time / 1e6))
    return f"{clock}  {row.kind:<14} {row.agent:<14} {row.text}".rstrip()


def figures_line(snapshot: Snapshot) -> str:
    """The figures of one second as a line."""
    health = snapshot.health
    gate = next(row for row in snapshot.operations if row.name == "gate")
    state = f"{health.state} ({health.detail})" if health.detail else health.state
    return (
        f"= {state}  {gate.per_s:.1f}/s  p50 {_us(gate.p50_us)}  p95 {_us(gate.p95_us)}  "
        f"p99 {_us(gate.p99_us)}  waiting {health.waiting}  agents {health.agents}  "
        f"audit {health.audit_size}  alerts {len(health.alerts)}"
    )


def _us(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0f} µs" if value < 1000 else f"{value / 1000:.1f} ms"


def run_headless(
    node: Node, printer: EventPrinter, seconds: float | None, *, quiet: bool = False
) -> None:
    """Print until a signal comes, the time is over, or the gate has failed.

    `quiet` keeps all but the summary back.
    """
    stop = threading.Event()
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        signal.signal(getattr(signal, name), lambda *_: stop.set())
    until = None if seconds is None else time.monotonic() + seconds
    out: Any = None if quiet else sys.stdout
    while node.alive and not stop.is_set():
        left = 1.0 if until is None else min(1.0, until - time.monotonic())
        if left <= 0:
            break
        stop.wait(left)
        if out and node.alive:
            printer.print_new(out)
            print(figures_line(node.fresh_snapshot()), file=out, flush=True)
