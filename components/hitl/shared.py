"""Equal parts of decisions as one object each: what is read back from disk has its own of all."""

from collections.abc import Hashable
from typing import Any, TypeVar, cast

from msgspec.structs import replace

from components.actions import Decision

T = TypeVar("T", bound=Hashable)


class Shared:
    """Gives the first of equal parts for each that follows; forget it when all are read."""

    def __init__(self) -> None:
        self._first: dict[Any, Any] = {}

    def decision(self, decision: Decision) -> Decision:
        """The same decision, with what many have in common held once."""
        one = self._one
        return replace(
            decision,
            safety=one(decision.safety),
            ethics=one(decision.ethics),
            policy_version=one(decision.policy_version),
            rule=one(decision.rule),
            reasons=one(decision.reasons),
            stages=one(decision.stages),
        )

    def _one(self, part: T) -> T:
        return cast("T", self._first.setdefault(part, part))
