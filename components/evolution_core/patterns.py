"""What repeats itself: patterns over the shapes of actions. Pure."""

from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct

from components.evolution_core.tally import Stats
from components.wilson import wilson

PatternKind = Literal[
    "successful_action",
    "failure_mode",
    "ethical_violation",
    "safety_issue",
    "performance_candidate",
]

MIN_SEEN = 3
"""Fewer experiences are no pattern."""

SUCCESSFUL = 0.8
FAILING = 0.3
"""A success rate above, or below, makes a pattern."""

SLOW = 2.0
"""A shape is slow when its median is more than this times its tool's median."""


class Pattern(Struct, frozen=True, kw_only=True):
    """Something that repeats itself with one shape of action.

    `count` of `of` experiences are the evidence, and `confidence` is the lower end of the 95%
    Wilson interval of that share. For a performance candidate the evidence is all of its timed
    runs (of their median it is told), so its confidence grows with their number alone.
    `times_slower` is its median over its tool's, else 0.
    """

    kind: PatternKind
    shape: str
    tool: str
    count: int
    of: int
    confidence: float
    times_slower: float = 0.0

    @property
    def text(self) -> str:
        """The pattern in words; it holds agent text, so `safe_text` before it is shown."""
        if self.kind == "performance_candidate":
            return f"{self.shape}: {self.times_slower:.1f} × {self.tool}'s median, {self.of} runs"
        return f"{self.shape}: {_WORDS[self.kind]} {self.count} of {self.of} times"


_WORDS = {
    "successful_action": "succeeded",
    "failure_mode": "failed",
    "ethical_violation": "ethically objectionable",
    "safety_issue": "unsafe",
}


def recognise(shapes: Iterable[Stats], tools: Iterable[Stats]) -> tuple[Pattern, ...]:
    """All patterns, by kind in the order of `PatternKind`, the surest first."""
    medians = {tool.key: tool.p50_us for tool in tools if tool.p50_us}
    found = [pattern for shape in shapes for pattern in _of_shape(shape, medians)]
    found.sort(key=lambda pattern: (_ORDER[pattern.kind], -pattern.confidence, pattern.shape))
    return tuple(found)


def _of_shape(shape: Stats, medians: Mapping[str, float]) -> Iterable[Pattern]:
    rate = shape.success_rate
    if rate is not None and shape.ended >= MIN_SEEN:
        if rate > SUCCESSFUL:
            yield _pattern("successful_action", shape, shape.ok, shape.ended)
        elif rate < FAILING:
            yield _pattern("failure_mode", shape, shape.failed, shape.ended)
    if shape.unethical >= MIN_SEEN:
        yield _pattern("ethical_violation", shape, shape.unethical, shape.seen)
    if shape.unsafe >= MIN_SEEN:
        yield _pattern("safety_issue", shape, shape.unsafe, shape.seen)
    if shape.timed >= MIN_SEEN and shape.p50_us is not None:
        times = shape.p50_us / medians.get(shape.tool, shape.p50_us)
        if times > SLOW:
            yield _pattern("performance_candidate", shape, shape.timed, shape.timed, times)


def _pattern(
    kind: PatternKind, shape: Stats, count: int, of: int, times_slower: float = 0.0
) -> Pattern:
    return Pattern(
        kind=kind,
        shape=shape.key,
        tool=shape.tool,
        count=count,
        of=of,
        confidence=wilson(count, of)[0],
        times_slower=times_slower,
    )


_ORDER = {kind: place for place, kind in enumerate(PatternKind.__args__)}  # type: ignore[attr-defined]
