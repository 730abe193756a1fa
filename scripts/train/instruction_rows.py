"""Which recorded and composed sentences are tasks for an assistant, and which are not.

Rows are taken only from sets under MIT, Apache-2.0 or CC-BY. A task is what a person writes to an
assistant; everything that tools gave back, people told each other or assistants answered is not.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from components.intent_firewall.sentences import sentences_in, unwrapped
from scripts.train import composed

_ASKING = re.compile(
    r"(?i)(?:please|can|could|would|what|how|where|who|why|which|find|get|give|calculate|compute"
    r"|book|create|show|tell|send|check|delete|update|review|transfer|help|i want|i need"
    r"|i'd like)\b"
)
_OBSERVED = re.compile(r"(?s)\nOBS: (.*?)(?=\n(?:ACTION|FINAL|USER|OBS):|\Z)")
_INJECTED = re.compile(r"(?i)important message|<information>")

WEIGHTS = {
    "bipia tasks": 4.0,  # few, and the nearest to what is looked for
    "composed": 1.5,
    "bfcl": 0.5,
    "harmful": 0.5,
    "agentbench": 0.4,  # many of one kind
    "agentdojo outputs": 0.3,  # letters that hold real orders to colleagues among them
}
"""How much a sentence of a source counts; 1 where it is not named."""


class Labelled(NamedTuple):
    """A sentence, whether it is a task, where it is from, and what it shares strings with."""

    text: str
    task: bool
    source: str
    group: str


Row = dict[str, Any]


class _Source(NamedTuple):
    """Which rows of a file are read, and what of them."""

    file: str
    source: str
    sentences: Callable[[Row], list[str]]
    holds: Callable[[Row], bool] = bool  # a row is never empty


def labelled(data: Path) -> list[Labelled]:
    """All sentences, none twice with the same label."""
    found: dict[tuple[str, bool], Labelled] = {}
    for task, sources in ((True, _TASKS), (False, _OTHERS)):
        for one in sources:
            for text, group in _sentences(data, one):
                found.setdefault((text.lower(), task), Labelled(text, task, one.source, group))
    for name, task in (("tasks", True), ("mail", False)):
        for text, template in composed.sentences(name):
            found.setdefault((text.lower(), task), Labelled(text, task, "composed", template))
    return list(found.values())


def _sentences(data: Path, source: _Source) -> Iterator[tuple[str, str]]:
    with (data / f"{source.file}.jsonl").open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if source.holds(row):
                for text in source.sentences(row):
                    yield text.strip(), group_of(row)


def group_of(row: Row) -> str:
    """Attacks are grouped by what they want, everything else as the data say."""
    if row["source"] == "bipia" and row["label"] == "malicious":
        return f"bipia: {row['meta']['category']}"
    return str(row["group"])


def _cut(text: str | None) -> list[str]:
    text = unwrapped(text or "")
    return [text[one.start : one.end] for one in sentences_in(text)]


def _first(row: Row) -> list[str]:
    """The first sentence, where its line is in plain letters: what follows may be no task."""
    line = row["content"].split("\n")[0]
    return _cut(line)[:1] if line.isascii() else []


def _before_code(row: Row) -> list[str]:
    return _cut(row["content"].split("```")[0])


def _asked(row: Row) -> list[str]:
    return [one for one in _cut(row["content"]) if _ASKING.match(one)]


def _counted(row: Row) -> list[str]:
    return [one for one in _cut(row["content"]) if re.search(r"(?i)\btask\b|count|find", one)]


def _is(label: str, kind: str = "") -> Callable[[Row], bool]:
    return lambda row: row["label"] == label and kind in {"", row["kind"]}


_TASKS = (
    _Source("bipia", "bipia tasks", _before_code, _is("malicious")),
    _Source("halueval_general", "halueval", _first),
    _Source("harmful_requests", "harmful", _first),
    _Source("xstest", "xstest", _first),
    _Source("notinject", "notinject", _first),
    _Source("asb", "asb", _first),
    _Source("agentdojo_tasks", "agentdojo tasks", _first, _is("benign")),
    _Source("cyberseceval", "cyberseceval", _first, _is("benign")),
    _Source("agentbench_os", "agentbench", _counted, _is("benign", "text")),
    _Source("bfcl", "bfcl", _asked),
    _Source("toolemu", "toolemu", _asked),
)  # fmt: skip
_OTHERS = (
    _Source("bipia", "bipia texts", lambda row: _cut(row["content"]), _is("benign")),
    _Source(
        "agentdojo_tool_outputs", "agentdojo outputs", lambda row: _cut(row["content"]),
        lambda row: row["label"] == "benign" and not _INJECTED.search(row["content"]),
    ),
    _Source(
        "injecagent", "injecagent outputs", lambda row: _cut(row["content"]),
        _is("benign", "tool_output"),
    ),
    _Source(
        "toolemu", "toolemu outputs",
        lambda row: [one for seen in _OBSERVED.findall(row["context"] or "") for one in _cut(seen)],
    ),
    _Source(
        "begin", "begin", lambda row: _cut(f"{row['context']}\n{row['output']}"),
        lambda row: row["suite"] in {"begin_wow_dev", "begin_cmu_dev"},  # the third is not CC-BY
    ),
    _Source("bbq_ambiguous", "bbq", lambda row: _cut(row["content"])[:-1]),
    _Source("halueval_general", "halueval answers", lambda row: _cut(row["output"])),
    _Source("refchecker", "refchecker answers", lambda row: _cut(row["output"])),
    _Source("taubench", "taubench outputs", lambda row: _cut(row["context"])),
    _Source("ethics_commonsense", "stories", lambda row: _cut(row["content"])),
    _Source("ec_darkpattern", "shops", lambda row: _cut(row["content"])),
)  # fmt: skip
