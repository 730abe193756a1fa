"""What a script writes and runs later, and what it feeds to `xargs`, as far as it stands there."""

from collections.abc import Iterable, Sequence

from components.intent_firewall.shell_filters import printed
from components.intent_firewall.shell_model import Draft
from components.intent_firewall.shell_tools import makefile
from components.intent_firewall.shell_words import CODE_OPTIONS, SHELLS, SOURCES

MAX_FILLED = 64
_MAKES = frozenset({"make", "gmake"})
_INTERPRETERS = SHELLS | SOURCES | CODE_OPTIONS.keys()


def file_run(draft: Draft) -> str:
    """The file that a command runs as a script; empty where it runs none."""
    if draft.program in _MAKES:
        return next(iter(makefile(draft.words)), "Makefile")
    if draft.program not in _INTERPRETERS:
        return draft.path
    letters = CODE_OPTIONS.get(draft.program, "c")
    for word in draft.words:
        if not word.startswith("-"):
            return word
        if word[1:2] != "-" and word[-1] in letters:
            return ""
    return ""


def written(drafts: Iterable[Draft], name: str) -> str:
    """What commands have written to a file; empty where that is not known."""
    wanted, text = _plain(name), ""
    for draft in drafts:
        for redirect in draft.redirects:
            if redirect.writes and _plain(redirect.target) == wanted:
                more = piped([draft]) or ""
                text = text + more if ">>" in redirect.operator else more
        if draft.program == "tee" and wanted in map(_plain, draft.words):
            text = draft.given or ""
    return text


def filled(words: Sequence[str], text: str) -> list[str]:
    """The words of `xargs` with what it is given in their place."""
    given = text.split()[:MAX_FILLED]
    for place, word in enumerate(words):
        if word.startswith("-I"):
            mark = word[2:] or "".join(words[place + 1 : place + 2])
            first = place + (1 if word[2:] else 2)
            put = [one.replace(mark, given[0] if given else "") for one in words[first:]]
            return [*words[:first], *put] if mark else list(words)
    return [*words, *given]


def piped(upstream: Sequence[Draft]) -> str | None:
    """What the stages before one hand to it; None where that is not known."""
    text: str | None = None
    for one in upstream:
        given = (text if one.given is None else one.given) or ""
        made = printed(one.program, one.words, given.encode("utf-8", "replace"))
        if made is None:
            return None
        text = made.decode("utf-8", "replace")
    return text


def _plain(name: str) -> str:
    return name.removeprefix("./")
