"""Messages and decisions about people: written into files of the sandbox, sent nowhere."""

import json
from collections.abc import Mapping
from typing import Any

from app.demo.sandbox import Sandbox
from app.demo.tools import Tool, text

_MOST_BYTES = 256 * 1024


def office_tools(sandbox: Sandbox) -> dict[str, Tool]:
    """The tools by name."""

    def send_message(arguments: Mapping[str, Any]) -> str:
        letter = {name: text(arguments, name) for name in ("to", "subject", "text")}
        _append(sandbox, "outbox.jsonl", letter)
        return f"delivered to {letter['to']}"

    def record_decision(arguments: Mapping[str, Any]) -> str:
        entry = {name: text(arguments, name) for name in ("applicant", "decision", "reason")}
        _append(sandbox, "decisions.jsonl", entry)
        return f"{entry['decision']}: {entry['applicant']}"

    return {"send_message": send_message, "record_decision": record_decision}


def _append(sandbox: Sandbox, name: str, entry: dict[str, str]) -> None:
    path = sandbox.inside(name)
    if path.exists() and path.stat().st_size > _MOST_BYTES:
        path.replace(sandbox.inside(f"{name}.old"))
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")
