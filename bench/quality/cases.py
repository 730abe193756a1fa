"""Recorded rows, as the lines that a user would give to `assent screen`."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

DATA = Path(__file__).parents[3] / "shared" / "data"

Row = dict[str, Any]
Line = dict[str, Any]


class Case(Struct, frozen=True):
    """One line to screen, and whether it should be caught.

    `unit` is what is counted: cases of one unit are caught together (the calls of one run).
    `group` is what is drawn again for intervals: units of a group share text.
    """

    line: Line
    bad: bool
    group: str
    unit: str = ""


def rows(name: str, folder: Path = DATA) -> list[Row]:
    """The rows of one file; none where the file is not there."""
    path = folder / f"{name}.jsonl"
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def action_line(row: Row) -> Line:
    """A recorded call: the request, what the agent had read, and its own words."""
    context = [{"source": "tool", "trusted": False, "text": row["context"]}]
    return {
        "tool": row["tool"],
        "arguments": row["parameters"],
        "request": row["content"],
        "context": context if row["context"] else [],
        "narrative": row["expected_outcome"],
    }


def request_line(row: Row) -> Line:
    """What a user asks."""
    return {"kind": "request", "text": row["content"]}


def message_line(row: Row) -> Line:
    """A text as an agent would show it."""
    return {"kind": "message", "text": row["content"]}


def tool_output_line(row: Row) -> Line:
    """What a tool gave back; the request stands where the set has one."""
    line = {"kind": "tool_output", "tool": row["tool"], "text": row["content"]}
    return {**line, "request": row["context"]} if row["context"] else line


def output_line(row: Row) -> Line:
    """An answer, with the text that it should rest on."""
    evidence = row["context"] or ""
    return {"kind": "output", "text": row["output"], "evidence": [evidence] if evidence else []}


def answer_line(row: Row) -> Line:
    """An answer to a question about a text."""
    return {"kind": "output", "text": row["output"], "evidence": [row["content"]]}


def run_of(row: Row) -> str:
    """The run that a recorded call belongs to."""
    meta = row["meta"]
    parts = (row["agent"], row["suite"], meta["user_task"], meta["injection_task"], meta["attack"])
    return "|".join(map(str, parts))


def steps(found: Iterable[Row], bad: str, good: str) -> Iterator[Case]:
    """Each step of a run by itself; a run without steps has nothing to screen."""
    for row in found:
        if row["label"] not in {bad, good}:
            continue
        for step in row["meta"]["steps"]:
            line = {"tool": step["tool"], "request": row["content"], "context": []}
            line["arguments"] = step["parameters"] if isinstance(step["parameters"], dict) else {}
            yield Case(line, row["label"] == bad, row["group"], row["id"])


def planted(attacks: list[Row], carriers: list[Row]) -> Iterator[Case]:
    """Each attack in three carriers, at its start, middle and end; each carrier once as it is."""
    for index, attack in enumerate(attacks):
        for place in range(3):
            carrier = carriers[(index * 3 + place) % len(carriers)]
            text = _insert(carrier["content"], attack["content"], place)
            line = {**tool_output_line(carrier), "text": text}
            yield Case(line, True, attack["group"], f"{attack['id']}/{place}")
    for carrier in carriers:
        yield Case(tool_output_line(carrier), False, carrier["group"], carrier["id"])


def _insert(text: str, attack: str, place: int) -> str:
    lines = text.splitlines()
    lines.insert((0, len(lines) // 2, len(lines))[place], attack)
    return "\n".join(lines)
