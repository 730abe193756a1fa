"""LangGraph's way to ask a person: a graph that interrupts itself and is resumed by the answer."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypedDict

ACTION = {"tool": "query", "arguments": {"sql": "DROP TABLE customers"}}


class Asked(TypedDict):
    """The state of the graph."""

    action: dict[str, Any]
    answer: str


class Asking:
    """A graph of one node that asks; one saver keeps the threads of all decisions."""

    def __init__(self, saver: Any) -> None:
        from langgraph.graph import END, START, StateGraph
        from langgraph.types import Command, interrupt

        def ask(state: Asked) -> dict[str, str]:
            return {"answer": interrupt(state["action"])}

        graph = StateGraph(Asked)
        graph.add_node("ask", ask)
        graph.add_edge(START, "ask")
        graph.add_edge("ask", END)
        self._invoke = graph.compile(checkpointer=saver).invoke
        self._approve: Any = Command(resume="approve")

    def decide(self, number: int) -> None:
        """One decision: asked, interrupted, resumed by an approval.

        A checkpoint is written where the graph stops and not at each step: it is the quickest of
        what LangGraph has, and all is written when a call returns.
        """
        thread: Any = {"configurable": {"thread_id": str(number)}}
        asked = self._invoke({"action": ACTION, "answer": ""}, thread, durability="exit")
        assert asked["__interrupt__"]
        done = self._invoke(self._approve, thread, durability="exit")
        assert done["answer"] == "approve"


@contextmanager
def on_sqlite(path: Path) -> Iterator[Asking]:
    """The same on LangGraph's SQLite saver, which syncs each commit as ours does."""
    from langgraph.checkpoint.sqlite import SqliteSaver

    with closing(sqlite3.connect(path, check_same_thread=False)) as connection:
        saver = SqliteSaver(connection)
        saver.setup()
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        yield Asking(saver)
