"""What a shell script is to a rule: its commands, and the places that cannot be read."""

from dataclasses import dataclass, field

from msgspec import Struct

FORK_BOMB = "<fork bomb>"
"""The program name that stands for a function which starts itself over and over."""


class Redirect(Struct, frozen=True):
    """A redirection: its operator, such as `>` or `<`, and where it leads."""

    operator: str
    target: str

    @property
    def writes(self) -> bool:
        """Whether it changes what it leads to."""
        return ">" in self.operator


class Command(Struct, frozen=True):
    """One command that a script would run.

    `words` are what follows the program, unquoted. `into` names the programs that are fed with its
    output, by a pipe or because it stands in a substitution. `fetched` says that it runs a file
    that an earlier command of the script downloaded. `path` is the program as it was written, where
    that was with its folder.
    """

    program: str
    words: tuple[str, ...]
    redirects: tuple[Redirect, ...]
    span: tuple[int, int]
    into: tuple[str, ...] = ()
    privileged: bool = False
    fetched: bool = False
    path: str = ""

    @property
    def line(self) -> str:
        """The words after the program, joined by spaces."""
        return " ".join(self.words)


class Opaque(Struct, frozen=True):
    """A place whose effect cannot be told by reading, and why."""

    span: tuple[int, int]
    why: str


class Script(Struct, frozen=True):
    """All commands of a script, nested ones too, in order."""

    commands: tuple[Command, ...] = ()
    opaque: tuple[Opaque, ...] = ()


@dataclass(slots=True)
class Draft:
    """A command while its script is being read."""

    program: str
    words: list[str]
    span: tuple[int, int]
    redirects: list[Redirect] = field(default_factory=list)
    into: list[str] = field(default_factory=list)
    privileged: bool = False
    fetched: bool = False
    path: str = ""

    def finished(self) -> Command:
        """The command as it stays."""
        into = tuple(dict.fromkeys(self.into)) if self.into else ()
        return Command(
            self.program, tuple(self.words), tuple(self.redirects), self.span, into,
            self.privileged, self.fetched, self.path,
        )  # fmt: skip


def reads_input(draft: Draft) -> bool:
    """Whether a shell takes its script from its input: no `-c`, no file named."""
    if any(word == "-c" or (word[:1] == "-" and word.endswith("c")) for word in draft.words):
        return False
    return "-s" in draft.words or all(word.startswith("-") for word in draft.words)
