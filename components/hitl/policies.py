"""How long each class of decision waits, and what happens when nobody answers."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from components.actions import Priority

TOP_TIER = 3
"""The highest tier of operators; a decision there cannot be escalated further."""

OnTimeout = Literal["deny", "escalate", "hold"]
Seconds = Annotated[float, Meta(gt=0, le=30 * 86_400)]
Delay = Annotated[float, Meta(ge=0, le=3600)]


class BadPolicy(ValueError):  # noqa: N818 - named as its fellow BadPack
    """The settings hold something that is no policy; the text names the key."""


class ClassPolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """The policy of one priority.

    After `wait_s` seconds without an answer `on_timeout` acts: `deny` expires the decision,
    `escalate` hands it to the next tier (at the top tier it expires), `hold` lets it wait until
    the agent's own deadline. An approval leaves `release_delay_s` seconds after it was given, and
    can be taken back until then.
    """

    wait_s: Seconds
    on_timeout: OnTimeout = "deny"
    release_delay_s: Delay = 0.0

    @property
    def wait_us(self) -> int:
        """The wait in microseconds."""
        return round(self.wait_s * 1_000_000)

    @property
    def release_delay_us(self) -> int:
        """The release delay in microseconds."""
        return round(self.release_delay_s * 1_000_000)


class Policies(Struct, frozen=True, forbid_unknown_fields=True):
    """The policies of all priorities, and the bounds that hold for all of them.

    Decisions of tier `two_person_tier` and above need two people (4: none does). `longest_s`
    bounds every deadline, whatever the agent asks for. A standing grant lasts at most
    `grant_longest_s` seconds and `grant_most` uses.
    """

    critical: ClassPolicy = ClassPolicy(600, "deny", 3)
    high: ClassPolicy = ClassPolicy(300, "escalate")
    medium: ClassPolicy = ClassPolicy(300, "deny")
    low: ClassPolicy = ClassPolicy(900, "deny")
    two_person_tier: Annotated[int, Meta(ge=1, le=TOP_TIER + 1)] = TOP_TIER
    longest_s: Seconds = 86_400.0
    grant_longest_s: Seconds = 8 * 3600.0
    grant_most: Annotated[int, Meta(ge=1, le=1_000_000)] = 1_000

    def of(self, priority: Priority) -> ClassPolicy:
        """The policy of one priority."""
        policy: ClassPolicy = getattr(self, priority)
        return policy


def load_policies(table: Mapping[str, Any]) -> Policies:
    """Policies from the table `[hitl]` of the settings; what it leaves out keeps its default.

    Raises `BadPolicy` naming the key.
    """
    settings = _merged(msgspec.to_builtins(Policies()), table)
    try:
        return msgspec.convert(settings, Policies)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        key = "hitl" + place.rstrip("`")
        raise BadPolicy(f"[{key}]: {reason[:1].lower()}{reason[1:]}") from None


def _merged(defaults: Any, table: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(defaults)
    for key, value in table.items():
        default = defaults.get(key)
        nested = isinstance(default, dict) and isinstance(value, Mapping)
        merged[key] = _merged(default, value) if nested else value
    return merged
