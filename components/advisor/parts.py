"""What every operation is made of, declared once."""

from collections.abc import Mapping

from components.monitor.figures import Figures

STORED = ("storage.wait", "storage.commit")
"""What waits for the disk: in the writer's queue, then in the commit itself."""

SHARED = frozenset(STORED)
"""One of these serves many calls, each of which waits for all of it; of a wait the longest."""

PARTS: Mapping[str, tuple[str, ...]] = {
    "gate.verdict": ("gate.screens", "gate.commit", "gate.release"),
    "gate.screens": (
        "intent_firewall.validate_safe",
        "intent_firewall.validate_unsafe",
        "intent_firewall.sequences",
        "love_engine.check_ethics",
    ),
    "intent_firewall.validate_safe": ("intent_firewall.pattern_matching",),
    "intent_firewall.validate_unsafe": ("intent_firewall.pattern_matching",),
    "gate.commit": STORED,
    "gate.answer": STORED,
    "evolution_core.flush": STORED,
    "evolution_core.suggest_improvements": ("evolution_core.recognize_patterns",),
}


def leaves(operation: str) -> tuple[str, ...]:
    """All that an operation is made of, itself first, each once."""
    found = [operation]
    for part in PARTS.get(operation, ()):
        found += [name for name in leaves(part) if name not in found]
    return tuple(found)


def profile(operation: str, figures: Mapping[str, Figures]) -> dict[str, float]:
    """The mean time in µs of one call, by where it is spent: each part without its own parts.

    Parts that were not measured count as the time of what they are part of.
    """
    found: dict[str, float] = {}
    top = figures.get(operation)
    if top and top.calls and top.mean_us:
        _spend(operation, 1.0, top.mean_us, figures, found)
    return found


def _spend(
    name: str, share: float, limit: float, figures: Mapping[str, Figures], found: dict[str, float]
) -> None:
    """Count `share` calls of an operation, which take at most `limit` µs in all."""
    whole = figures[name]
    left = spent = min((whole.mean_us or 0.0) * share, limit)
    for part in PARTS.get(name, ()):
        seen = figures.get(part)
        if not seen or not seen.mean_us:
            continue
        often = 1.0 if part in SHARED else min(seen.calls / whole.calls, 1.0)
        takes = min(seen.mean_us * share * often, left)
        _spend(part, share * often, takes, figures, found)
        left -= takes
    found[name] = found.get(name, 0.0) + (left if spent else 0.0)
