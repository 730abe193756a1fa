"""Attacks planted into texts that hold none: at the start, in the middle, at the end."""

import email
import json
import random
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, NamedTuple

_TABLES = "tables"
_MAILS = "mails"
_SHORTEST, _LONGEST = 120, 1_500


class Planted(NamedTuple):
    """A text with an attack in it, and where."""

    text: str
    span: tuple[int, int]
    carrier: str
    kind: str
    category: str


def carriers(data: Path, mails: Path | None) -> dict[str, list[str]]:
    """Texts that hold no attack: tables of the data, answers with code, mails of a folder."""
    found: dict[str, list[str]] = {_TABLES: [], "answers with code": []}
    for row in _rows(data):
        if row["label"] == "benign":
            name = _TABLES if row["suite"].endswith("table") else "answers with code"
            found[name].append(row["content"])
    if mails is not None:
        bodies = map(_body, sorted(path for path in mails.rglob("*.txt")))
        found[_MAILS] = [one for one in dict.fromkeys(bodies) if _SHORTEST <= len(one) <= _LONGEST]
    return found


def planted(data: Path, texts: dict[str, list[str]]) -> list[Planted]:
    """Every attack in one text of each sort, at three places, by chance."""
    chance = random.Random(9)
    found: list[Planted] = []
    for row in _rows(data):
        if row["label"] != "malicious":
            continue
        kind = "code" if "code" in row["suite"] else "text"
        category = f"bipia: {row['meta']['category']}"
        for carrier, clean in texts.items():
            for share in (0.0, 0.5, 1.0):
                lines = chance.choice(clean).strip("\n").split("\n")
                at = round(share * len(lines))
                head = "".join(f"{line}\n" for line in lines[:at])
                text = head + "\n".join([row["content"], *lines[at:]])
                span = (len(head), len(head) + len(row["content"]))
                found.append(Planted(text, span, carrier, kind, category))
    return found


def _rows(data: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (data / "bipia.jsonl").read_text("utf-8").splitlines()]


def _body(path: Path) -> str:
    """What a message says, without what it quotes; nothing where it has no plain text."""
    message = email.message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    try:
        part = message.get_body(preferencelist=("plain",))
        text = part.get_content() if part is not None else ""
    except (LookupError, ValueError):
        return ""
    return "\n".join(line for line in text.splitlines() if not line.startswith(">")).strip()
