"""The words of a rule pack, as strict structs: what a rule matches, and what follows.

A rule matches by exactly one of: text (`literal`, `regex`), `shell`, `sql`, `path`, `host`,
`amount`, `class`; or, with none of these, by `tool` alone. `tool`, `argument` and `intent` narrow
any rule. All that a matcher names must hold. Regular expressions are RE2 (linear time) and search;
they see folded text: lower case, look-alikes and invisible characters undone.
"""

from typing import Any, Literal

from msgspec import Struct, field

from components.actions import Effect, Intent, Severity
from components.intent_firewall.classes import Extent, Reach, Reversal
from components.intent_firewall.stakes import Stake

Scope = Literal["arguments", "command", "tool", "request", "narrative", "context"]
Access = Literal["read", "write", "delete", "execute"]
Patterns = tuple[str, ...]


class ShellMatch(Struct, frozen=True, forbid_unknown_fields=True):
    """One command of a parsed script; or, by `together`, some of its commands.

    `program`: names (globs). `flags`: each must be given; `r|R|recursive` lists spellings, one
    letter matches in a cluster (`-rf`), a word matches `--word` or `-word`. `words`: searched in
    the words after the program, joined by spaces. `operand`: searched in each operand.
    `into`: a program (glob) that gets its output. `redirect`: searched in what it writes to.
    `unless`: no match where this is found in the words. `fetched`, `privileged`: as on the
    command. `together`: at least that many different programs of `program` (names, no globs),
    of each of which all the rest holds, must be run by one script.
    """

    program: Patterns = ()
    flags: Patterns = ()
    words: str = ""
    operand: str = ""
    into: Patterns = ()
    redirect: str = ""
    unless: str = ""
    fetched: bool = False
    privileged: bool = False
    together: int = 0


class SqlMatch(Struct, frozen=True, forbid_unknown_fields=True):
    """One parsed statement: its kind, what a DROP or CREATE is about, tables and functions (globs).

    `unbounded`: UPDATE or DELETE without a WHERE that restricts; `multiple`: not alone in its text.
    """

    kind: Patterns = ()
    what: Patterns = ()
    table: Patterns = ()
    function: Patterns = ()
    unbounded: bool = False
    tautology: bool = False
    multiple: bool = False
    words: str = ""


class PathMatch(Struct, frozen=True, forbid_unknown_fields=True):
    """A path that the action uses: globs on its canonical form, access, in or out of workspace."""

    like: Patterns = ()
    unlike: Patterns = ()
    access: tuple[Access, ...] = ()
    outside: bool = False


class HostMatch(Struct, frozen=True, forbid_unknown_fields=True):
    """The host of a URL: globs; `kind` is a property of the host itself."""

    like: Patterns = ()
    unlike: Patterns = ()
    kind: tuple[Literal["ip", "private", "metadata", "odd", "shortener"], ...] = ()


class AmountMatch(Struct, frozen=True, forbid_unknown_fields=True):
    """A sum of money over a limit, in arguments whose name matches one of the globs."""

    over: float
    names: Patterns = (
        "*amount*", "*price*", "*total*", "*sum", "*payment*", "*value", "*budget*", "*limit*",
    )  # fmt: skip


class ClassMatch(Struct, frozen=True, forbid_unknown_fields=True):
    """The class of a tool's call (see `classes`): one of each list that is given must hold.

    `sign`: each must hold; `vague|assumed` lists alternatives. Commands and statements have rules
    of their own, so this is not about them; nor about calls without a request, which there is
    nothing to compare with.
    """

    effect: tuple[Intent, ...] = ()
    scope: tuple[Extent, ...] = ()
    reversal: tuple[Reversal, ...] = ()
    reach: tuple[Reach, ...] = ()
    stake: tuple[Stake, ...] = ()
    carried: tuple[Stake, ...] = ()
    sign: Patterns = ()


class Match(Struct, frozen=True, forbid_unknown_fields=True):
    """What a rule matches; see the module."""

    tool: Patterns = ()
    argument: Patterns = ()
    intent: tuple[Intent, ...] = ()
    fields: tuple[Scope, ...] = ("arguments",)
    literal: Patterns = ()
    regex: str = ""
    unless: str = ""
    shell: ShellMatch | None = None
    sql: SqlMatch | None = None
    path: PathMatch | None = None
    host: HostMatch | None = None
    amount: AmountMatch | None = None
    deed: ClassMatch | None = field(name="class", default=None)

    @property
    def kind(self) -> str:
        """Which matcher decides: text, shell, sql, path, host, amount, deed or tool."""
        for name in ("shell", "sql", "path", "host", "amount", "deed"):
            if getattr(self, name) is not None:
                return name
        return "text" if self.literal or self.regex else "tool"


Example = str | dict[str, Any]
"""An action that shows a rule: its fields, or just the text that the rule's matcher reads."""


class Rule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule: what it matches, how grave that is, what follows, and examples of both answers."""

    id: str
    reason: str
    match: Match
    severity: Severity = "medium"
    effect: Effect = "ask"
    examples: tuple[Example, ...] = field(name="for", default=())
    counterexamples: tuple[Example, ...] = field(name="against", default=())


class PackHead(Struct, frozen=True, forbid_unknown_fields=True):
    """What a pack says of itself."""

    name: str
    description: str = ""


class RulePack(Struct, frozen=True, forbid_unknown_fields=True):
    """A named set of rules, accepted or refused as a whole."""

    pack: PackHead
    rules: tuple[Rule, ...] = field(name="rule", default=())
