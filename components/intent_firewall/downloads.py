"""Files that were downloaded: by an earlier command, or from an address the agent was given."""

import re
from collections.abc import Collection, Iterable
from itertools import pairwise

from components.intent_firewall.shell_model import Command, Draft
from components.intent_firewall.shell_words import DOWNLOADERS, INTERPRETERS, base_name

MAX_LINKS = 64

_LINK = re.compile(r"\b[a-z]{3,5}://[^\s\"'<>)\]`]+")
_FILE = re.compile(r"[\w+-][\w.+-]*\.\w{1,5}")
_NAMES_FILE = {"-o", "-O", "--output", "--output-document", "-OutFile", "-outfile"}


def mark_fetched(drafts: list[Draft]) -> None:
    """Mark the commands that run what an earlier one downloaded."""
    files: set[str] = set()
    for draft in drafts:
        draft.fetched = bool(files) and runs_any(draft, files)
        if draft.program in DOWNLOADERS:
            files.update(base_name(one.target) for one in draft.redirects if one.writes)
            files.update(_downloaded(draft.words))


def runs_any(command: Draft | Command, files: Collection[str]) -> bool:
    """Whether a command runs one of some files, by itself or by an interpreter."""
    if command.program in DOWNLOADERS:
        return False
    return command.program in files or (
        command.program in INTERPRETERS
        and any(base_name(one) in files for one in command.words if not one.startswith("-"))
    )


def linked_files(texts: Iterable[str]) -> frozenset[str]:
    """The names of the files that addresses in some texts lead to, the first `MAX_LINKS`."""
    found: set[str] = set()
    for text in texts:
        for address in _LINK.findall(text) if "://" in text else ():
            host, _, path = address.partition("://")[2].partition("/")
            name = path.partition("?")[0].rpartition("/")[2].rstrip(".,;:!")
            if host and _FILE.fullmatch(name):
                found.add(name)
            if len(found) >= MAX_LINKS:
                return frozenset(found)
    return frozenset(found)


def _downloaded(words: list[str]) -> set[str]:
    names = {base_name(word) for word in words if "://" in word and not word.endswith("/")}
    for option, value in pairwise(words):
        if option in _NAMES_FILE:
            names.add(base_name(value))
    names.update(base_name(word[2:]) for word in words if word[:2] in {"-o", "-O"} and word[2:])
    names.update(base_name(word.partition("=")[2]) for word in words if word.startswith("--output"))
    if words and not words[-1].startswith("-"):
        names.add(base_name(words[-1]))
    return names - {"", "-"}
