"""Figures in words: short, with their unit, the same in every form of a report. Pure."""

from collections.abc import Sequence

from bench.figures import Figure, to_meet
from components.advisor import words

_IN_US = {"ns": 1e-3, "µs": 1.0, "ms": 1e3, "s": 1e6}
_TITLES = {
    "operation": "The operations: P95 against their limits",
    "workflow": "The workflows: P95, and how many a second", "goal": "The goals",
    "stress": "Under stress", "scale": "At scale", "peer": "Beside its peers",
    "other": "What else was measured",
}  # fmt: skip
KINDS = tuple(_TITLES)
"""In the order in which a report tells of them."""


def said(value: float | None, unit: str) -> str:
    """A value with its unit; a dash where there is none."""
    if value is None:
        return words.NONE
    if unit in _IN_US:
        us = value * _IN_US[unit]
        return words.latency(us) if us >= 1 or us == 0 else f"{us * 1e3:.3g} ns"
    if unit == "share":
        return words.share(value)
    if unit in {"×", "/s"}:
        return f"{words.number(value)}{unit}"
    return f"{words.number(value)} {unit}".rstrip()


def telling(rows: Sequence[Sequence[str]]) -> list[int]:
    """The columns in which any row says something."""
    return [at for at, column in enumerate(zip(*rows, strict=True)) if any(column)]


def title(kind: str) -> str:
    """The heading of all figures of a kind."""
    return _TITLES[kind]


def short(figure: Figure) -> str:
    """The name without its kind, which stands in the heading."""
    return figure.name.removeprefix(f"{figure.kind}.")


def limit(figure: Figure) -> str:
    """What had to be reached: the goal, else the target."""
    aim = to_meet(figure)
    if aim is None:
        return ""
    return f"{'≥' if figure.at_least else '≤'} {said(aim, figure.unit)}"


def acceptable(figure: Figure) -> str:
    """The threshold of what is acceptable."""
    return "" if figure.acceptable is None else said(figure.acceptable, figure.unit)


def ratio(figure: Figure) -> str:
    """How many times the reference."""
    return "" if figure.ratio is None else f"{words.number(figure.ratio)}×"


def standing(figure: Figure) -> str:
    """Whether it is met; empty where nothing was to be."""
    return "" if figure.met == "no target" else figure.met


def earlier(figure: Figure) -> str:
    """What an earlier run found."""
    return "" if figure.earlier is None else said(figure.earlier, figure.unit)


def predecessor(figure: Figure) -> str:
    """What the program before this one took."""
    return "" if figure.predecessor is None else said(figure.predecessor, figure.unit)
