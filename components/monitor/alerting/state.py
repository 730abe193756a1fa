"""The life of one alert: inactive, pending, firing, resolved. Pure; times are monotonic ns.

A life ends as resolved, or as inactive where it never fired; the next one begins as inactive.
"""

from typing import Literal

from msgspec import Struct

from components.monitor.alerting.rules import Reading

Phase = Literal["inactive", "pending", "firing", "resolved"]

GAP_NS = 10_000_000_000
"""While nothing can be said an alert fires on for this long at least, whatever its rule keeps."""


class Hold(Struct, frozen=True):
    """How long a condition must hold before the alert fires, and be gone before it resolves; ns."""

    for_ns: int = 0
    keep_ns: int = 0


class Life(Struct, frozen=True):
    """Where an alert stands: since when, and while firing since when its condition is gone."""

    phase: Phase = "inactive"
    since: int = 0
    gone: int | None = None


QUIET = Life()
"""The life of an alert of which there is nothing to tell."""


def step(life: Life, reading: Reading, now: int, hold: Hold) -> Life:
    """The life after one reading at `now`, the same object where nothing changed."""
    if reading == "holds":
        return _holding(life, now, hold)
    if life.phase == "pending":
        return Life("inactive", now)
    if life.phase == "firing":
        return _letting_go(life, reading, now, hold)
    return life if life.phase == "inactive" else QUIET


def _holding(life: Life, now: int, hold: Hold) -> Life:
    if life.phase == "firing":
        return life if life.gone is None else Life("firing", life.since)
    if life.phase == "pending":
        return Life("firing", now) if now - life.since >= hold.for_ns else life
    return Life("pending" if hold.for_ns else "firing", now)


def _letting_go(life: Life, reading: Reading, now: int, hold: Hold) -> Life:
    gone = now if life.gone is None else life.gone
    keep = hold.keep_ns if reading == "clear" else max(hold.keep_ns, GAP_NS)
    if now - gone >= keep:
        return Life("resolved", now)
    return life if gone == life.gone else Life("firing", life.since, gone)
