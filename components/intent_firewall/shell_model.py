"""What a shell script is to a rule: its commands, and the places that cannot be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec import Struct

MAX_VALUE = 4096
MAX_PUT_IN = 1 << 18

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
    that an earlier command of the script downloaded, or that an address given to the agent leads
    to. `path` is the program as it was written, where that was with its folder.
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
    """A command while its script is being read. `given` is the text that stands as its input."""

    program: str
    words: list[str]
    span: tuple[int, int]
    redirects: list[Redirect] = field(default_factory=list)
    into: list[str] = field(default_factory=list)
    privileged: bool = False
    fetched: bool = False
    path: str = ""
    given: str | None = None

    def finished(self) -> Command:
        """The command as it stays."""
        into = tuple(dict.fromkeys(self.into)) if self.into else ()
        return Command(
            self.program, tuple(self.words), tuple(self.redirects), self.span, into,
            self.privileged, self.fetched, self.path,
        )  # fmt: skip


class Variables:
    """The variables that a script sets, as far as their values are told; bounded in all ways."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._values = dict(known)
        self._left = MAX_PUT_IN

    def used(self, name: str) -> str | None:
        """The value of a variable that is put in somewhere; None where it is not known."""
        value = self._values.get(name)
        if value is not None:
            self._left -= len(value)
        return value if self._left >= 0 else None

    def keep(self, name: str, value: str) -> None:
        """Set a variable; too long a value is not kept."""
        if len(value) <= MAX_VALUE:
            self._values[name] = value
        else:
            self.forget(name)

    def forget(self, name: str) -> None:
        """Know a variable no longer."""
        self._values.pop(name, None)
