"""Command lines of `cmd` and PowerShell as words, and a plain split for broken POSIX scripts.

Quotes, carets and backticks are undone; statements end at newlines, separators and brackets.
"""

import re
from collections.abc import Iterator

from components.intent_firewall.shell_words import base_name

_ALIASES = {
    "iex": "invoke-expression", "iwr": "invoke-webrequest", "irm": "invoke-restmethod",
    "icm": "invoke-command", "saps": "start-process", "gc": "get-content",
    "gci": "get-childitem", "ri": "remove-item", "rni": "rename-item", "mi": "move-item",
    "gwmi": "get-wmiobject", "sasv": "start-service", "spps": "stop-process", "ni": "new-item",
    "sal": "set-alias", "nal": "new-alias", "ipmo": "import-module", "iwmi": "invoke-wmimethod",
}  # fmt: skip
_TOKEN = {
    "powershell": re.compile(
        r"\"(?:[^\"`]|`.|\"\")*\"|'(?:[^']|'')*'|(?P<end>[;\n(){}]|&&|\|\||(?<=\s)&(?=\s))"
        r"|(?P<pipe>\|)|(?P<comment>(?<![^\s;{(])#[^\n]*)|(?:`.|[^\s;(){}|\"'`])+|[\"'`]",
        re.DOTALL,
    ),
    "cmd": re.compile(
        r"\"[^\"\n]*\"|(?P<end>[&\n()])|(?P<pipe>\|)|(?:\^.|[^\s&()|\"^])+|[\"^]", re.DOTALL
    ),
    "sh": re.compile(
        r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|(?P<end>[;\n(){}&])|(?P<pipe>\|)"
        r"|(?P<comment>(?<!\S)#[^\n]*)|(?:\\.|[^\s;(){}&|\"'\\])+|[\"'\\]",
        re.DOTALL,
    ),
}
_ESCAPE = {"powershell": re.compile(r"`(.)"), "cmd": re.compile(r"\^(.)"),
           "sh": re.compile(r"\\(.)")}  # fmt: skip
_LEADING = frozenset(
    {"@", ".", "&", "if", "then", "else", "elseif", "do", "try", "catch", "call", "!", "while",
     "not", "return", "param", "foreach", "%"}
)  # fmt: skip
_STATEMENT_LIMIT = 2000
_MAX_BRACKETS = 16
_MAX_INTO = 32
Statement = tuple[list[str], tuple[int, int], list[str]]


def read_windows(text: str, dialect: str) -> Iterator[Statement]:
    """Words, span, and the programs that its output is piped to, of each statement."""
    line: list[tuple[list[str], int, int]] = [([], 0, 0)]
    around: list[str] = []
    count = 0
    for match in _TOKEN[dialect].finditer(text):
        if match.lastgroup == "comment":
            continue
        if match.lastgroup == "end":
            yield from _finish(line, around)
            _track(around, match.group(), line[-1][0])
            line = [([], match.end(), match.end())]
            count += 1
            if count > _STATEMENT_LIMIT:
                return
        elif match.lastgroup == "pipe":
            line.append(([], match.end(), match.end()))
        else:
            words, start, _ = line[-1]
            start = start if words else match.start()
            words.append(_unquote(match.group(), dialect))
            line[-1] = (words, start, match.end())
    yield from _finish(line, around)


def _track(around: list[str], end: str, words: list[str]) -> None:
    """Keep the programs that brackets stand in: what is inside them feeds what is around."""
    if end == "(" and len(around) < _MAX_BRACKETS:
        command = _command(words)
        around.append(base_name(command[0]) if command else "")
    elif end == ")" and around:
        around.pop()


def _unquote(word: str, dialect: str) -> str:
    if len(word) > 1 and word[0] in "\"'" and word[-1] == word[0]:
        return word[1:-1]
    return _ESCAPE[dialect].sub(r"\1", word)


def _finish(line: list[tuple[list[str], int, int]], around: list[str]) -> Iterator[Statement]:
    stages = [(_command(words), (start, end)) for words, start, end in line]
    programs = [base_name(words[0]) if words else "" for words, _ in stages]
    later = list(around)
    finished: list[Statement] = []
    for (words, span), program in zip(reversed(stages), reversed(programs), strict=True):
        if words:
            finished.append((words, span, later))
            later = [program, *later][:_MAX_INTO]
    yield from reversed(finished)


def _command(words: list[str]) -> list[str]:
    """The words from the program on: keywords, call operators and `$x =` are left out."""
    position = 0
    while position < len(words):
        word = words[position].lower()
        if word in _LEADING:
            position += 1
        elif word.startswith("$") and words[position + 1 : position + 2] in (["="], ["+="]):
            position += 2
        else:
            break
    rest = words[position:]
    if rest:
        first = rest[0].lstrip("@&")
        rest = [_ALIASES.get(first.lower(), first) or rest[0], *rest[1:]]
    return rest
