"""The texts that dark patterns are learned from: fragments of shop pages, and ordinary texts.

Ordinary texts are what people ask, what agents answer and write, and what tools give back: a model
that has seen shops alone takes every other text for pressing. Only sets under MIT, Apache-2.0
and CC-BY are read.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from scripts.train.passage_training import Text, drawn

SHOP = "ec_darkpattern"
COMPOSED = "composed"
MOST_OF_A_SOURCE = 250
_FIELDS = {
    "halueval_general": ("content", "output"),
    "agentdojo_calls": ("content", "expected_outcome", "parameters"),
    "agentdojo_tool_outputs": ("content",),
    "toolemu": ("content", "expected_outcome", "parameters"),
    "openagentsafety": ("content", "expected_outcome", "parameters"),
    "injecagent": ("content", "expected_outcome"),
    "taubench": ("content",),
    "bfcl": ("content", "parameters"),
    "agentbench_os": ("content",),
    "bipia": ("content",),
    "tldr_commands": ("expected_outcome",),
    "refchecker": ("output",),
    "notinject": ("content",),
}
_MESSAGES = frozenset({"body", "text", "message", "content", "comment", "post", "reply", "note"})
_LENGTHS = range(20, 3000)


def texts(folder: Path) -> list[Text]:
    """The texts of shops in the order of the file, those composed, then every other source's."""
    found = [*_shop(folder), *_composed()]
    for source, fields in _FIELDS.items():
        for field in fields:
            one = dict(_ordinary(folder, source, field))
            named = f"{source} {field}"
            all_of_it = [Text(text, "", named, f"{source} {group}") for text, group in one.items()]
            found += drawn(all_of_it, MOST_OF_A_SOURCE)
    return found


def _shop(folder: Path) -> Iterator[Text]:
    for row in _rows(folder, SHOP):
        dark = row["label"] == "manipulative"
        kind = row["meta"]["pattern"].lower().replace(" ", "_") if dark else ""
        yield Text(row["content"], kind, SHOP, row["group"])


def _composed() -> Iterator[Text]:
    """Ordinary messages that have the words of dark patterns; each is a group of its own."""
    path = Path(__file__).with_name("ordinary_messages.txt")
    for line in path.read_text("utf-8").splitlines():
        yield Text(line, "", COMPOSED, line)


def _ordinary(folder: Path, source: str, field: str) -> Iterator[tuple[str, str]]:
    for row in _rows(folder, source):
        if row["label"] in {"benign", "ok", "hallucinated", "grounded"}:
            for text in _messages(row[field]) if field == "parameters" else [row[field] or ""]:
                if len(text.strip()) in _LENGTHS:
                    yield text.strip(), row["group"]


def _messages(value: Any, name: str = "") -> Iterator[str]:
    """The texts under names that speak of messages, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _messages(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _messages(inner, name)
    elif isinstance(value, str) and name.lower() in _MESSAGES:
        yield value


def _rows(folder: Path, source: str) -> Iterable[dict[str, Any]]:
    return map(json.loads, (folder / f"{source}.jsonl").read_text("utf-8").splitlines())
