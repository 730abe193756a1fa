"""Shell text as the commands it would run: programs, words, redirections, pipelines.

Parsed, never grepped. Nested scripts (`bash -c`, `eval`, `xargs`, `sudo`, command substitution,
here-documents and echoed text fed to a shell) are unwrapped to a bounded depth. Where a script
says only at run time what it will do, that place is reported as opaque rather than guessed at.
"""

import re
from collections.abc import Iterable

from components.intent_firewall.downloads import mark_fetched
from components.intent_firewall.joined import joined
from components.intent_firewall.normalise import encodable
from components.intent_firewall.shell_files import file_run, filled, piped, written
from components.intent_firewall.shell_filters import PRINTERS, printed
from components.intent_firewall.shell_inner import Inner, inner_commands, system_calls
from components.intent_firewall.shell_model import Draft, Opaque, Script, Variables
from components.intent_firewall.shell_plain import read_plain
from components.intent_firewall.shell_tools import READING, reads_input, run_by_input
from components.intent_firewall.shell_tree import Tree
from components.intent_firewall.shell_words import (
    CODE_OPTIONS,
    SHELLS,
    SOURCES,
    WINDOWS_SHELLS,
    base_name,
    dialect_of,
    is_computed,
    prints_settings,
    takes_input,
    without_quotes,
)
from components.intent_firewall.windows import read_windows

MAX_SIZE = 1 << 16
MAX_PARSED = 1 << 14
MAX_COMMANDS = 2000
MAX_NESTING = 5
MAX_HEREDOCS = 50
MAX_PIPES = 600
MAX_INTO = 32
MAX_LOOKED_UP = 256
"""So many files that are run are looked for among those that the script has written."""

# The parser's time grows with the square of these; beyond them a plain split must do.
_QUOTED = re.compile(r"'[^']*+(?:'|(\Z))|\"(?:[^\"\\]|\\.)*+(?:\"|(\Z))", re.DOTALL)
_RUN = re.compile(r"\S{600,}")
_PUNCTUATION = re.compile(r"[^\w+/=.,:%-]")

_COMPUTED = ("$", "`")


def parse_shell(text: str, dialect: str = "sh") -> Script:
    """The commands of a shell script; `dialect` is `sh`, `powershell` or `cmd`."""
    if len(text) > MAX_SIZE:
        return Script(opaque=(Opaque((0, len(text)), "too large to inspect"),))
    reader = Reader()
    reader.script(encodable(text), dialect, None, 0)
    return reader.result()


def parse_words(words: Iterable[str]) -> Script:
    """The command of an argument list, as `exec` would run it."""
    listed = [encodable(str(word)) for word in words]
    reader = Reader()
    if sum(map(len, listed)) > MAX_SIZE:
        return Script(opaque=(Opaque((0, MAX_SIZE), "too large to inspect"),))
    if listed and listed[0].strip():
        reader.emit(listed, (0, len(" ".join(listed))), 0)
    return reader.result()


class Reader:
    """Collects the commands of one script, and of all that is nested in it."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self._opaque: list[Opaque] = []
        self.variables = Variables({"IFS": " "})
        self._guessing = False
        self._looked_up = 0

    def result(self) -> Script:
        """The finished script."""
        mark_fetched(self.drafts)
        return Script(tuple(draft.finished() for draft in self.drafts), tuple(self._opaque))

    def cannot_read(self, span: tuple[int, int], why: str) -> None:
        """Report a place as opaque, once for each reason."""
        if all(one.why != why for one in self._opaque):
            self._opaque.append(Opaque(span, why))

    def script(self, text: str, dialect: str, origin: tuple[int, int] | None, depth: int) -> None:
        """Read a script; `origin` is the outer span that everything in it answers to."""
        place = origin or (0, len(text))
        if depth > MAX_NESTING:
            self.cannot_read(place, "nested too deeply to inspect")
        elif dialect != "sh":
            self._split(text, dialect, origin, depth)
        elif len(text) > MAX_PARSED or _is_tangled(text):
            self.cannot_read(place, "too long or too tangled to inspect")
            self._split(text, "sh", origin, depth)
        elif not (read_plain(self, text, origin, depth) or Tree(self, text, origin, depth).read()):
            self._split(text, "sh", origin, depth)

    def _split(self, text: str, dialect: str, origin: tuple[int, int] | None, depth: int) -> None:
        outer, self._guessing = self._guessing, True
        if dialect == "powershell" and (together := joined(text)) != text:
            text, origin = together, origin or (0, len(text))
        for one in read_windows(text, dialect, self.variables):
            first = len(self.drafts)
            span = origin or one.span
            self.emit(one.words, span, depth)
            if one.computed:
                self.cannot_read(span, "the program to run is computed")
            for draft in self.drafts[first:]:
                draft.into.extend(one.into)
                draft.redirects.extend(one.redirects)
        self._guessing = outer

    def emit(
        self, words: list[str], span: tuple[int, int], depth: int, privileged: bool = False
    ) -> None:
        """Add a command, and what it runs in turn."""
        if len(self.drafts) >= MAX_COMMANDS:
            self.cannot_read(span, "too many commands to inspect")
            return
        program = base_name(words[0])
        path = words[0] if "/" in words[0] or "\\" in words[0] else ""
        draft = Draft(program, words[1:], span, privileged=privileged, path=path)
        self.drafts.append(draft)
        if not self._guessing and is_computed(words[0]):
            self.cannot_read(span, "the program to run is computed")
        for inner in inner_commands(program, words[1:]):
            self._emit_inner(program, inner, span, depth + 1, privileged or inner.privileged)
        self._run_written(draft, depth)

    def _run_written(self, draft: Draft, depth: int) -> None:
        """Read a script that was written to a file before, as it is run from there."""
        name = file_run(draft)
        if not name:
            return
        self._looked_up += 1
        if self._looked_up > MAX_LOOKED_UP:
            self.cannot_read(draft.span, "runs too many files to inspect")
        elif text := written(self.drafts, name):
            self._read_as(draft.program, text, draft, depth)

    def _emit_inner(
        self, program: str, inner: Inner, span: tuple[int, int], depth: int, privileged: bool
    ) -> None:
        first = len(self.drafts)
        if depth > MAX_NESTING:
            self.cannot_read(span, "nested too deeply to inspect")
        elif inner.script is None:
            self.emit(list(inner.words), span, depth, privileged)
        elif inner.dialect == "sh" and without_quotes(inner.script).startswith(_COMPUTED):
            if not prints_settings(without_quotes(inner.script)):
                self.cannot_read(span, f"{program} runs text that is computed")
        else:
            self.script(inner.script, inner.dialect, span, depth)
        for draft in self.drafts[first:]:
            draft.privileged = draft.privileged or privileged

    def connect(self, stages: list[tuple[int, int]], depth: int) -> None:
        """Join the stages of a pipeline, ranges of drafts: each feeds all that come later."""
        if len(stages) < 2:
            return
        later: list[str] = []
        for first, last in reversed(stages):
            programs = [draft.program for draft in self.drafts[first:last]]
            for draft in self.drafts[first:last]:
                draft.into.extend(later)
            later = list(dict.fromkeys(programs + later))[:MAX_INTO]
        for index, (first, last) in enumerate(stages[1:MAX_INTO], 1):
            stage = self.drafts[first:last]
            bare = [draft for draft in stage if _reads(draft)]
            fed = [draft for draft in stage if draft.program in _FED]
            if bare or fed:
                upstream = [draft for a, b in stages[:index] for draft in self.drafts[a:b]]
                self._hand_on(upstream, fed, depth)
            if bare:
                self._pipe(upstream, bare[0], depth)

    def _hand_on(self, upstream: list[Draft], fed: list[Draft], depth: int) -> None:
        """Give `tee` and `xargs` what a pipe brings; `find` runs for each what `xargs` does."""
        text = piped(upstream) if fed else None
        for draft in fed:
            if draft.program == "tee":
                draft.given = text
            elif text is not None:
                for inner in inner_commands("xargs", filled(draft.words, text)):
                    self._emit_inner("xargs", inner, draft.span, depth + 1, draft.privileged)
            elif len(upstream) == 1 and upstream[0].program == "find":
                for inner in inner_commands("xargs", draft.words):
                    words = ["find", *upstream[0].words, "-exec", *inner.words, "{}", "+"]
                    self.emit(words, draft.span, depth + 1, draft.privileged)

    def _pipe(self, upstream: list[Draft], draft: Draft, depth: int) -> None:
        """Read what a pipe brings to an interpreter, as far as that stands in the script itself."""
        text: str | None = None
        for one in upstream:
            given = text if one.given is None else one.given
            if given is None and one.program in _DECODERS:
                self.cannot_read(draft.span, "a shell runs text that is decoded on the way")
                return
            if given is None and one.program not in PRINTERS:
                continue
            made = printed(one.program, one.words, (given or "").encode("utf-8", "replace"))
            if made is not None:
                text = made.decode("utf-8", "replace")
            elif one.program in _DECODERS:
                self.cannot_read(draft.span, "a shell runs text that is decoded on the way")
                return
            elif one.program in PRINTERS:
                self.cannot_read(draft.span, f"{draft.program} runs text that is computed")
                return
        if text is not None:
            self.feed(text, draft, depth)

    def feed(self, text: str, draft: Draft, depth: int) -> None:
        """Read a text that a command is given, where that command runs what it is given."""
        if not _reads(draft):
            return
        self._read_as(draft.program, text, draft, depth)

    def _read_as(self, program: str, text: str, draft: Draft, depth: int) -> None:
        """Read a text as the program would that runs it; what is no interpreter is a script."""
        if program in CODE_OPTIONS:
            for inner in system_calls(text):
                self._emit_inner(program, inner, draft.span, depth + 1, draft.privileged)
        elif program in READING:
            for script in run_by_input(program, text):
                self.script(script, "sh", draft.span, depth + 1)
        else:
            self.script(text, dialect_of(program), draft.span, depth + 1)


def _is_tangled(text: str) -> bool:
    if text.count("<<") > MAX_HEREDOCS or text.count("|") > MAX_PIPES:
        return True
    if len(text) < 600:
        return False
    # What is quoted does not count; what is not closed does.
    runs = _RUN.findall(_QUOTED.sub(lambda one: "" if one.lastindex is None else one[0], text))
    return any(len(_PUNCTUATION.findall(run)) > 100 for run in runs)


def _reads(draft: Draft) -> bool:
    """Whether a command runs what it is given as its input."""
    program = draft.program
    if program in _READING:
        return takes_input(program, draft.words)
    return program in READING and reads_input(program, draft.words)


_READING = SHELLS | SOURCES | WINDOWS_SHELLS | CODE_OPTIONS.keys()
_FED = frozenset({"tee", "xargs"})
_DECODERS = frozenset(
    {"base64", "base32", "xxd", "openssl", "rev", "tr", "gunzip", "zcat", "uudecode", "gpg", "sed"}
)
