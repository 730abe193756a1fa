"""Plain shell scripts read without a syntax tree, at a fraction of its cost.

Plain is a script of simple commands: words, bare or in one pair of quotes, joined by pipes,
`&&`, `||`, `;` and newlines, with redirections behind the words. Nothing in it expands, nests,
loops or defines. Whatever is not surely plain is left to the tree, and a test holds the two
against each other: they must read every plain script alike.
"""

import re
from typing import TYPE_CHECKING

from components.intent_firewall.shell_model import Redirect

if TYPE_CHECKING:
    from components.intent_firewall.shell import Reader

_BARE = r"(?!-[ \t\n;|&])[A-Za-z0-9_./:@%+,~*?-]++(?:=[A-Za-z0-9_./:@%+,~*?-]++)?"
_STOP = r"(?=[ \t\n;|&]|\Z)"
_TOKEN = re.compile(
    rf"[ \t]*(?:(?P<bare>{_BARE}{_STOP}(?:[ \t]+{_BARE}{_STOP})*)|'(?P<raw>[^'\x00]*)'{_STOP}"
    rf"|\"(?P<quoted>(?:[^\"\\$`\x00]|\\[A-Za-z])*)\"{_STOP}"
    r"|(?P<pipe>\|(?![|&]))|(?P<join>&&|\|\|)|(?P<end>[;\n])"
    rf"|(?<=[ \t])[12]?(?P<operator>>>?) ?(?P<target>{_BARE}){_STOP}"
    rf"|(?<=[ \t])[12]?>&(?P<copied>[12]){_STOP}"
    r"|(?P<comment>(?:\A|(?<=\n))#[^\n]*)|(?P<other>.))",
    re.ASCII | re.DOTALL,
)
_PROGRAM = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./+-]*", re.ASCII)
_RESERVED = frozenset(
    {"if", "then", "else", "elif", "fi", "case", "esac", "for", "select", "while", "until", "do",
     "done", "in", "function", "time", "coproc", "declare", "typeset", "export", "readonly",
     "local", "unset", "unsetenv"}
)  # fmt: skip
_WORDS = frozenset({"bare", "raw", "quoted"})
_REDIRECTIONS = frozenset({"target", "copied"})


def read_plain(reader: "Reader", text: str, origin: tuple[int, int] | None, depth: int) -> bool:
    """Read a script; False, and nothing is read, where it is not plain."""
    tokens = _tokens(text) if text.isascii() else None
    if tokens is None:
        return False
    drafts = reader.drafts
    words: list[str] = []
    begin = finish = 0
    stage = len(drafts)
    stages: list[tuple[int, int]] = []
    for token in tokens:
        kind = token.lastgroup
        if kind in _WORDS:
            if not words:
                begin = token.start(kind) - (kind != "bare")  # a quote stands before the others
            finish = token.end()
            if kind == "bare":
                words += token[kind].split()
            else:
                words.append(token[kind])
            continue
        if words:
            if words[0] or len(words) > 1:
                reader.emit(words, origin or (begin, finish), depth)
            stages.append((stage, len(drafts)))
            words = []
        if kind in _REDIRECTIONS:
            redirect = Redirect(token["operator"] or ">&", token["target"] or token["copied"])
            for draft in drafts[stages[-1][0] :]:
                draft.redirects.append(redirect)
        elif kind != "pipe":
            reader.connect(stages, depth)
            stages = []
        stage = len(drafts)
    return True


def _tokens(text: str) -> list[re.Match[str]] | None:
    """The tokens of a plain script, closed by an end; None where it is not plain."""
    found: list[re.Match[str]] = []
    last: str | None = "end"
    for token in _TOKEN.finditer(f"{text}\n"):
        kind = token.lastgroup
        if kind == "other":  # which keeps the search from going on to every later place
            return None
        if kind in _WORDS and last in _WORDS:
            found.append(token)
            continue
        if kind == "comment":
            continue
        if not _may_follow(last, kind, token):
            return None
        found.append(token)
        last = kind
    return found


def _may_follow(last: str | None, kind: str | None, token: re.Match[str]) -> bool:
    """Whether a token may follow another, but for words that follow words."""
    if kind in _WORDS:
        if last in _REDIRECTIONS:
            return False
        return kind != "bare" or _is_program(token["bare"].split(None, 1)[0])
    if kind == "end":
        return last not in {"pipe", "join"} and (last != "end" or token["end"] == "\n")
    return last not in {"end", "pipe", "join"}


def _is_program(word: str) -> bool:
    return _PROGRAM.fullmatch(word) is not None and word not in _RESERVED
