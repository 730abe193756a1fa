"""What the learning screen draws; part of `components.views`, whose rules hold here too."""

from typing import Literal

from msgspec import Struct


class LearningView(Struct, frozen=True):
    """What the Evolution Core and the Love Engine have to say of this node as a whole.

    `love` and `alignment`, Cohen's kappa with its 95% interval, are None while there is too little
    to measure; `alignments` has the latter by tool and by agent.
    """

    experiences: int
    success_rate: float | None
    patterns: tuple["PatternRow", ...]
    suggestions: tuple["SuggestionRow", ...]
    love: "LoveRow | None"
    alignment: float | None
    alignment_low: float | None
    alignment_high: float | None
    alignment_n: int
    alignments: tuple["AlignmentRow", ...] = ()


class LoveRow(Struct, frozen=True):
    """The love metric and its parts, each in [-1, 1]: above 0 where it has become better.

    The last `of` experiences are compared with those before them.
    """

    value: float
    calm: float
    order: float
    wellbeing: float
    of: int


class AlignmentRow(Struct, frozen=True, kw_only=True):
    """How far engine and people object to the same actions of one tool or agent; of all as well.

    `kappa` is over all `n` decisions, with its 95% interval; `week` and `before` are those of the
    last seven days and the seven before. None where there are too few. `drift` says what to look
    at: `low` is surely too low this week, `moved` surely another than in the week before.
    """

    of: Literal["all", "tool", "agent"]
    name: str
    n: int
    agreement: float
    kappa: float | None = None
    low: float | None = None
    high: float | None = None
    week: float | None = None
    before: float | None = None
    drift: Literal["", "low", "moved"] = ""


class PatternRow(Struct, frozen=True):
    """Something that repeats itself with one shape of action, of a kind of the Evolution Core."""

    kind: str
    shape: str
    evidence: str


class SuggestionRow(Struct, frozen=True):
    """One improvement that the Evolution Core suggests.

    `makes` is the rule or the grant that accepting it makes, `what_if` what that would have done
    to past actions, a sentence each. An acceptance is bound to `mark`, which changes with them;
    where that is empty, `why_not` says why there is nothing to accept.
    """

    id: str
    kind: str
    text: str
    evidence: str
    makes: str = ""
    what_if: tuple[str, ...] = ()
    mark: str = ""
    why_not: str = ""
