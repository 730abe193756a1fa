"""Command lines of `cmd` and PowerShell as words, and a plain split for broken POSIX scripts.

Quotes, carets and backticks are undone, and variables that the script itself sets are put in.
Statements end at newlines, separators and brackets.
"""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from components.intent_firewall.shell_model import Redirect, Variables
from components.intent_firewall.shell_words import KEYWORDS, base_name

_ALIASES = {
    "iex": "invoke-expression", "iwr": "invoke-webrequest", "irm": "invoke-restmethod",
    "icm": "invoke-command", "saps": "start-process", "gc": "get-content",
    "gci": "get-childitem", "ri": "remove-item", "rni": "rename-item", "mi": "move-item",
    "gwmi": "get-wmiobject", "sasv": "start-service", "spps": "stop-process", "ni": "new-item",
    "sal": "set-alias", "nal": "new-alias", "ipmo": "import-module", "iwmi": "invoke-wmimethod",
    "sp": "set-itemproperty", "gp": "get-itemproperty", "rp": "remove-itemproperty",
    "si": "set-item", "ac": "add-content", "cpi": "copy-item",
    "gcim": "get-ciminstance", "icim": "invoke-cimmethod", "etsn": "enter-pssession",
    "nsn": "new-pssession", "gcb": "get-clipboard", "clc": "clear-content", "clhy": "clear-history",
    "%": "foreach-object", "?": "where-object",
}  # fmt: skip
_REDIRECT = r"|(?P<redirect>[0-9*&]?(?:>>?\|?&?|<(?![<#])))"
_TOKEN = {
    "powershell": re.compile(
        r"@'[^\S\n]*\n.*?(?:\n'@|\Z)|@\"[^\S\n]*\n.*?(?:\n\"@|\Z)|\"(?:[^\"`]|`.|\"\")*\"|'(?:[^']|'')*'"
        r"|(?P<end>[;\n(){}]|&&|\|\||(?<=\s)&(?=\s))|(?P<pipe>\|)|(?P<comment><#.*?(?:#>|\Z)"
        rf"|(?<![^\s;{{(])#[^\n]*){_REDIRECT}|(?:`.|[^\s;(){{}}|\"'`<>])+|[\"'`<]",
        re.DOTALL,
    ),
    "cmd": re.compile(
        rf"\"[^\"\n]*\"|(?P<end>[&\n()])|(?P<pipe>\|){_REDIRECT}"
        r"|(?:\^.|[^\s&()|\"^<>])+|[\"^<]",
        re.DOTALL,
    ),
    "sh": re.compile(
        r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|(?P<end>[;\n(){}]|(?<![<>])&(?!>))|(?P<pipe>\|)"
        rf"|(?P<comment>(?<!\S)#[^\n]*){_REDIRECT}|(?:\\.|[^\s;(){{}}&|\"'\\<>])+|[\"'\\&<]",
        re.DOTALL,
    ),
}  # fmt: skip
_ESCAPE = {"powershell": re.compile(r"`(.)"), "cmd": re.compile(r"\^(.)"),
           "sh": re.compile(r"\\(.)")}  # fmt: skip
_ESCAPES = {"powershell": "`", "cmd": "^", "sh": "\\"}
_NO_ALIASES: dict[str, str] = {}
_CALLS = (["&"], ["."])
_LEADING = KEYWORDS | {
    "@", ".", "&", "elseif", "try", "catch", "call", "not", "return", "param",
}  # fmt: skip
_POWERSHELL_SET = re.compile(r"\$(?:global:|script:)?(\w+)(=|\+=)?", re.IGNORECASE)
_POWERSHELL_USE = re.compile(r"\$(\w+)(?![\w:(\[])|\$\{(\w+)\}")
_CMD_USE = re.compile(r"%(\w+)(?::~(-?\d{1,5})(?:,(-?\d{1,5}))?)?%|!(\w+)!")
_QUOTES = ("'", '"')
_HERE = ("@'", '@"')
_STATEMENT_LIMIT = 2000
_MAX_BRACKETS = 16
_MAX_INTO = 32
_MAX_WORD = 1 << 14


class Statement(Struct, frozen=True):
    """One command: its words, its place, what its output is fed to, and its redirections.

    `computed` says that what is run is worked out when it is run.
    """

    words: list[str]
    span: tuple[int, int]
    into: list[str]
    redirects: list[Redirect]
    computed: bool = False


class _Stage:
    """A command of a pipeline while it is being read."""

    __slots__ = ("end", "operator", "quoted", "redirects", "start", "words")

    def __init__(self, place: int) -> None:
        self.words: list[str] = []
        self.redirects: list[Redirect] = []
        self.operator = ""
        self.quoted = False
        self.start = self.end = place

    def add(self, word: str, start: int, end: int, quoted: bool) -> None:
        """Add a piece of text; one that touches the piece before it is a part of that word."""
        self.quoted = quoted
        if not self.words and not self.operator:
            self.start = start
        if self.operator:
            self.redirects.append(Redirect(self.operator, word))
            self.operator = ""
        elif start == self.end and self.words and len(self.words[-1]) < _MAX_WORD:
            self.words[-1] += word
        else:
            self.words.append(word)
        self.end = end


def read_windows(text: str, dialect: str, variables: Variables) -> Iterator[Statement]:
    """The statements of a script, in order. `variables` is kept up as the script sets them."""
    line = [_Stage(0)]
    around: list[str] = []
    count = 0
    reading = _Reading(dialect, variables)
    for match in _TOKEN[dialect].finditer(text):
        kind, piece = match.lastgroup, match.group()
        if kind is None or (piece == "&" and dialect == "powershell" and not line[-1].words):
            quoted = piece[0] in _QUOTES or piece[:2] in _HERE
            stage = line[-1]
            first = not stage.words and not quoted and not stage.operator
            word = reading.unquoted(piece, quoted=quoted, first=first)
            stage.add(word, match.start(), match.end(), quoted)
            if piece[:2] in _HERE and piece[-1] != "@":  # it is not closed, and hides the rest
                yield Statement(["&"], match.span(), [], [], computed=True)
        elif kind == "end":
            yield from reading.finish(line, around, before=piece)
            _track(around, piece, line[-1].words)
            line = [_Stage(match.end())]
            count += 1
            if count > _STATEMENT_LIMIT:  # what is left is not passed over
                yield Statement(["&"], match.span(), [], [], computed=True)
                return
        elif kind == "pipe":
            line.append(_Stage(match.end()))
        elif kind == "redirect":
            line[-1].operator = piece.strip("0123456789*&") if piece[-1] != "&" else piece
    yield from reading.finish(line, around, before="")


def _track(around: list[str], end: str, words: list[str]) -> None:
    """Keep the programs that brackets stand in: what is inside them feeds what is around."""
    if end == "(" and len(around) < _MAX_BRACKETS:
        command = _command(words, _ALIASES)
        around.append(base_name(command[0]) if command else "")
    elif end == ")" and around:
        around.pop()


class _Reading:
    """What reading a script goes by: its dialect, and the variables it has set so far."""

    def __init__(self, dialect: str, variables: Variables) -> None:
        self._dialect = dialect
        self._variables = variables
        self._escape = _ESCAPES[dialect]

    def unquoted(self, word: str, *, quoted: bool, first: bool) -> str:
        """A word without its quotes and escapes, with known variables put in.

        But for the `first` word of a statement: a variable there may be set, and is no program.
        """
        whole = ""
        if quoted and len(word) > 1:
            whole = word[0]
            if whole == "@":
                word = word[2:-2]
            elif word[-1] == whole:
                word = word[1:-1]
        elif self._escape in word:
            word = _ESCAPE[self._dialect].sub(r"\1", word)
        if "$" in word and self._dialect == "powershell" and whole != "'" and not first:
            word = _POWERSHELL_USE.sub(self._known, word)
        elif self._dialect == "cmd" and ("%" in word or "!" in word):
            word = _CMD_USE.sub(self._cut, word)
        return word

    def _known(self, match: re.Match[str]) -> str:
        value = self._variables.used((match[1] or match[2]).lower())
        return match[0] if value is None else value

    def _cut(self, match: re.Match[str]) -> str:
        value = self._variables.used((match[1] or match[4]).lower())
        if value is None:
            return match[0]
        if match[2] is None:
            return value
        rest = value[int(match[2]) :]
        return rest[: int(match[3])] if match[3] else rest

    def finish(self, line: list[_Stage], around: list[str], *, before: str) -> Iterator[Statement]:
        """The statements of a pipeline that ends here; `before` is what it ends at."""
        if self._assign(line, before):
            return
        aliases = _ALIASES if self._dialect == "powershell" else _NO_ALIASES
        later = list(around)
        finished: list[Statement] = []
        for stage in reversed(line):
            words = _command(stage.words, aliases)
            called = stage.words[:1] in _CALLS
            if words:
                computed = called and "$" in base_name(words[0])
                span = (stage.start, stage.end)
                finished.append(Statement(words, span, later, stage.redirects, computed))
                if stage is not line[0]:
                    later = [base_name(words[0]), *later][:_MAX_INTO]
            elif called and before == "(":
                span = (stage.start, stage.end)
                finished.append(Statement(["&"], span, later, stage.redirects, computed=True))
        yield from reversed(finished)

    def _assign(self, line: list[_Stage], before: str) -> bool:
        """Remember what a statement sets; whether that is a text, so that nothing is run."""
        words = line[0].words
        if not words or len(line) > 1:
            return False
        if self._dialect == "powershell" and words[0].startswith("$"):
            return self._assign_powershell(line[0], before)
        if self._dialect == "cmd" and words[0].lower() == "set" and len(words) > 1:
            name, equals, value = " ".join(words[1:]).partition("=")
            if equals:
                self._variables.keep(name.strip().lower().removeprefix("/a "), value)
        return False

    def _assign_powershell(self, stage: _Stage, before: str) -> bool:
        words = stage.words
        found = _POWERSHELL_SET.match(words[0])
        if found is None:
            return False
        rest = [one for one in (words[0][found.end() :], *words[1:]) if one]
        operator = found[2] or (rest.pop(0) if rest else "")
        if operator not in {"=", "+="}:
            return False  # a property, an element or a comparison
        name = found[1].lower()
        before_it = self._variables.used(name) if operator == "+=" else ""
        plain = stage.quoted and len(rest) == 1 and before not in {"(", "{"}
        if plain and before_it is not None:
            self._variables.keep(name, before_it + rest[0])
            return True
        self._variables.forget(name)
        return False


def _command(words: list[str], aliases: Mapping[str, str]) -> list[str]:
    """The words from the program on: keywords, call operators and `$x =` are left out."""
    position = 0
    while position < len(words):
        word = words[position].lower()
        if word in _LEADING:
            position += 1
        elif word.startswith("$") and words[position + 1 : position + 2] in (["="], ["+="]):
            position += 2
        elif word.startswith("$") and (found := _POWERSHELL_SET.match(word)) and found[2]:
            rest = words[position][found.end() :]
            words = [rest, *words[position + 1 :]] if rest else words[position + 1 :]
            position = 0
        else:
            break
    rest_words = words[position:]
    if rest_words:
        first = rest_words[0].lstrip("@&'")
        rest_words = [aliases.get(first.lower(), first) or rest_words[0], *rest_words[1:]]
    return rest_words
