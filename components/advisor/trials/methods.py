"""Ways to do the same thing: how texts are matched, durations digested, and what is remembered."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import lru_cache
from time import perf_counter_ns
from typing import Any

from components.actions import Action
from components.advisor import words
from components.advisor.trial import Experiment, Reading, Value
from components.intent_firewall import builtin_packs, paths, sql
from components.intent_firewall import words as tool_names
from components.intent_firewall.globs import Pattern, quoted
from components.intent_firewall.matcher import TextMatcher
from components.intent_firewall.normalise import View, fold
from components.monitor.sketch import Sketch

TEXTS = 200
"""Texts that are matched for one reading."""

DURATIONS = 5_000
FEWEST_INPUTS = 20
"""A cache that is asked less is not tried."""

_MOST_INPUTS = 2_000


def matcher_trial(actions: Sequence[Action]) -> Experiment:
    """One pass over all literals that RE2 confirms, against RE2 for each rule in turn."""
    rules = [rule for pack in builtin_packs() for rule in pack.rules if rule.match.kind == "text"]
    views = [fold(text) for text in _texts(actions)[:TEXTS]]
    matcher = TextMatcher(rules)
    patterns = tuple(
        Pattern(rule.match.regex or "|".join(map(quoted, rule.match.literal))) for rule in rules
    )

    def loop(view: View) -> None:
        for pattern in patterns:
            pattern.first(view.text)

    ways: dict[Value, Callable[[View], object]] = {"prefilter": matcher.find, "loop": loop}

    def measure(value: Value) -> Reading:
        way = ways[value]
        started = perf_counter_ns()
        for view in views:
            way(view)
        took = perf_counter_ns() - started
        return Reading(took / 1000 / max(len(views), 1), f"{len(rules)} rules")

    return Experiment(
        name="matcher", title="matching texts", unit="µs", better="less", present="prefilter",
        values=tuple(ways), measure=measure,
    )  # fmt: skip


def sketch_trial() -> Experiment:
    """The monitor's histogram against a t-digest: what one record costs, its digestion included."""
    durations = [(number * 7_919) % 1_000_003 + 1_000 for number in range(DURATIONS)]
    ways: dict[Value, Callable[[list[int]], object]] = {"histogram": Sketch.of}
    try:
        from fastdigest import TDigest
    except ImportError:  # then there is nothing to hold it against
        pass
    else:
        ways["t-digest"] = TDigest.from_values

    def measure(value: Value) -> Reading:
        started = perf_counter_ns()
        ways[value](durations)
        return Reading((perf_counter_ns() - started) / len(durations))

    return Experiment(
        name="sketch", title="digesting durations", unit="ns", better="less",
        present="histogram", values=tuple(ways), measure=measure,
    )  # fmt: skip


def cache_trials(actions: Sequence[Action]) -> Iterator[Experiment]:
    """The caches of the firewall, each with what these actions would ask of it."""
    texts = _texts(actions)
    for name, cached, inputs in (
        ("paths", paths.canonical_path, [text for text in texts if "/" in text]),
        ("tools", tool_names.tool_intent, [action.tool for action in actions]),
        ("sql", sql.parse_sql, [text for text in texts if _is_sql(text)]),
    ):
        if len(inputs) >= FEWEST_INPUTS:
            yield cache_trial(name, cached, inputs[:_MOST_INPUTS])


def cache_trial(name: str, cached: Any, inputs: Sequence[Hashable]) -> Experiment:
    """One cache at several sizes: the time of a call, and how often it had the answer."""
    present = cached.cache_parameters()["maxsize"]

    def measure(value: Value) -> Reading:
        remembered = lru_cache(maxsize=int(value))(cached.__wrapped__)
        started = perf_counter_ns()
        for one in inputs:
            remembered(one)
        took = perf_counter_ns() - started
        hits = remembered.cache_info().hits / len(inputs)
        return Reading(took / 1000 / len(inputs), f"{words.share(hits)} known")

    return Experiment(
        name=f"cache.{name}", title=f"the cache of {name}", unit="µs", better="less",
        present=present, values=(0, present // 8, present, present * 8), measure=measure,
    )  # fmt: skip


def _is_sql(text: str) -> bool:
    verb = text.lstrip()[:8].lower().partition(" ")[0]
    return verb in {"select", "insert", "update", "delete", "drop", "alter", "create", "with"}


def _texts(actions: Sequence[Action]) -> list[str]:
    return [value for action in actions for value in _strings(action.arguments)]


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for one in value.values():
                yield from _strings(one)
        case list() | tuple():
            for one in value:
                yield from _strings(one)
