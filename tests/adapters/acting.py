"""What the adapters' tests share: tools that only note that they ran, and an operator."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from components.actions import Action
from components.views import DecisionView
from tests.support import PATIENCE_S, RunningNode, until

READ = {"path": "notes.txt"}
"""Arguments of `read_file` that no rule objects to."""
DROP = {"sql": "DROP TABLE customers"}
"""Arguments of `query` that a person is asked about."""
ALSO = {"sql": "DROP TABLE orders"}
WIPE = {"command": "rm -rf /"}
"""Arguments of `shell` that a rule denies. No tool here runs anything."""
SELECT = {"sql": "SELECT name FROM customers"}


class Tools:
    """Three tools; `ran` lists what really ran, with the arguments it got."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, dict[str, Any]]] = []

    def read_file(self, path: str) -> str:
        """Read a file."""
        self.ran.append(("read_file", {"path": path}))
        return f"{path} is empty"

    def query(self, sql: str) -> str:
        """Ask the database."""
        self.ran.append(("query", {"sql": sql}))
        return "0 rows"

    def shell(self, command: str) -> str:
        """Note a command."""
        self.ran.append(("shell", {"command": command}))
        return "done"

    @property
    def all(self) -> list[Any]:
        """The functions."""
        return [self.read_file, self.query, self.shell]


@contextlib.contextmanager
def operator(
    node: RunningNode, *answers: tuple[dict[str, Any], str, dict[str, Any]]
) -> Iterator[None]:
    """Somebody who answers what is asked: arguments, answer, and what goes with it, in turn.

    They begin once all of it waits, so that it has to wait at the same time.
    """

    def answer_all() -> None:
        asked = [waiting(node, arguments) for arguments, _, _ in answers]
        for view, (_, kind, more) in zip(asked, answers, strict=True):
            node.answer(view, kind, **more)

    with ThreadPoolExecutor(1) as thread:
        answering = thread.submit(answer_all)
        yield
        answering.result(PATIENCE_S)


def waiting(node: RunningNode, arguments: dict[str, Any]) -> DecisionView:
    """The decision on a call with these arguments, once it waits."""

    def found() -> DecisionView | None:
        for decision in node.node.engine.queue.pending(100):
            if decision.state == "pending" and decision.action.arguments == arguments:
                return node.desk.decision(decision.id)
        return None

    return until(found, f"a question about {arguments}")


def asked_in_full(node: RunningNode, view: DecisionView) -> Action:
    """The action of a waiting decision, with all that led to it."""
    pending = node.node.engine.queue.pending(100)
    return next(decision.action for decision in pending if decision.id == view.id)
