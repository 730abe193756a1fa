"""A node of its own for recorded actions, and the actions that are put to it."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.node.node import Node
from app.node.serving import RECORDED
from app.settings import Settings
from components.actions import Action
from components.canonical import digest
from components.clock import SystemClock
from components.gate import Released, Submission

FAR = 4_000_000_000_000_000
"""A deadline that no run meets, µs."""


@contextmanager
def gate_node(folder: Path) -> Iterator[Node]:
    """A running node in a home of its own below a folder: no socket, throttle or release delay."""
    node = Node(folder / f"home-{secrets.token_hex(4)}", Settings(), SystemClock(), RECORDED)
    node.start()
    try:
        yield node
    finally:
        node.stop()


def simple_action(number: int) -> Action:
    """Reads a file: nobody is asked, and no rule objects."""
    return Action(
        id=f"{secrets.token_hex(6)}-{number}",
        agent=f"agent-{number % 20}",
        tool="read_file",
        arguments={"path": f"reports/{number}.txt"},
        request="summarise the reports of this week",
    )


def asking_action(number: int) -> Action:
    """A person is asked about it."""
    return Action(
        id=f"{secrets.token_hex(6)}-{number}",
        agent=f"agent-{number % 20}",
        tool="query",
        arguments={"sql": f"DROP TABLE t{number}"},
        request="tidy up the tables of the trial",
    )


def submission(node: Node, action: Action) -> Submission:
    """An action as the intake hands it to the gate."""
    key = digest(node.identity.node, action.agent, action.tool, action.arguments)
    return Submission(action=action, digest=key, expires_at=FAR)


async def allowed(node: Node, action: Action) -> Released:
    """Put an action through the gate, and see it allowed."""
    answer = await node.engine.gate.submit(submission(node, action))
    assert isinstance(answer, Released)
    assert answer.verdict.verdict == "allow"
    return answer
