"""What several tests share: a real node in a temporary home, and agents at its socket."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from app.desk import Shown
from app.intake.client import Client, Permission
from app.node.local_desk import LocalDesk
from app.node.node import Node
from app.node.serving import Serving
from app.settings import Settings
from components.actions import Action
from components.clock import SystemClock
from components.gate import Event
from components.views import DecisionView

T = TypeVar("T")
PATIENCE_S = 30.0
"""How long anything may take before a test gives up: a bound on hanging, not a measurement."""

SHARED = Path(__file__).parents[2] / "shared"


def shared_data(name: str) -> Path:
    """A file of recorded rows; the test skips visibly where it is missing."""
    path = SHARED / "data" / name
    if not path.exists():
        pytest.skip("../shared is not here")
    return path


def until(condition: Callable[[], T], what: str = "it") -> T:
    """Wait until a condition is true and return its value."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.01)
    raise AssertionError(f"{what} did not happen within {PATIENCE_S} s")


class RunningNode:
    """A node in a temporary home, its desk, and what its gate told."""

    def __init__(self, home: Path, settings: Settings, serving: Serving) -> None:
        self.events: list[Event] = []
        self.home = home
        self.node = Node(home, settings, SystemClock(), serving, self.events.append)
        self.node.start()
        self.desk = LocalDesk(self.node)

    def ask(self, action: Action, *, agent: str = "tester", timeout_s: float = 60) -> "Asking":
        """Send an action as an agent does, from a thread of its own."""
        return Asking(self.home, agent, action, timeout_s)

    def waiting(self, tool: str = "") -> DecisionView:
        """The first waiting decision (of a tool), once there is one."""
        return until(lambda: self._waiting(tool), "a question to the operator")

    def _waiting(self, tool: str) -> DecisionView | None:
        for decision in self.node.engine.queue.pending(100):
            if decision.state == "pending" and tool in {"", decision.action.tool}:
                return self.desk.decision(decision.id)
        return None

    def answer(self, view: DecisionView, kind: Any, **more: Any) -> str:
        """Answer as the console does; the code of a critical one is typed correctly."""
        code = more.pop("code", view.code if view.priority == "critical" else "")
        return self.desk.answer(shown(view), kind, code=code, **more).result(PATIENCE_S)


class Asking:
    """An agent's question under way."""

    def __init__(self, home: Path, agent: str, action: Action, timeout_s: float) -> None:
        self._result: Permission | None = None
        self._error: BaseException | None = None
        self._args = (home, agent, action, timeout_s)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        home, agent, action, timeout_s = self._args

        async def ask() -> Permission:
            async with Client(home, agent) as client:
                return await client.ask(action, timeout_s=timeout_s)

        try:
            self._result = asyncio.run(ask())
        except BaseException as error:  # handed to the test
            self._error = error

    def result(self) -> Permission:
        """The agent's permission, or its error."""
        self._thread.join(PATIENCE_S)
        if self._error:
            raise self._error
        assert self._result is not None, "no answer came"
        return self._result


def with_client(home: Path, use: Callable[[Client], Awaitable[T]], agent: str = "tester") -> T:
    """Do something over one connection."""

    async def run() -> T:
        async with Client(home, agent) as client:
            return await use(client)

    return asyncio.run(run())


def shown(view: DecisionView) -> Shown:
    """What the operator had on the screen."""
    return Shown(
        decision_id=view.id,
        version=view.version,
        digest=view.digest,
        display_digest=view.display_digest,
        policy_version=view.policy_version,
        shown_at=time.time_ns() // 1000,
    )


@contextlib.contextmanager
def running_node(
    home: Path, settings: Settings | None = None, serving: Serving | None = None
) -> Iterator[RunningNode]:
    """A node for the length of a test."""
    running = RunningNode(home, settings or Settings(), serving or Serving())
    try:
        yield running
    finally:
        running.node.stop()
