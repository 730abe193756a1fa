"""How alerts and silences are kept through a restart, in which monotonic time begins anew."""

import logging
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec
from msgspec import Struct

from components.monitor.alerting.alert import alert_id
from components.monitor.alerting.evaluation import REMOVED, Change, end
from components.monitor.alerting.rules import Rule, Sample
from components.monitor.alerting.silences import LONGEST_DAYS, Silence, Silences
from components.monitor.alerting.state import Life
from components.monitor.alerting.watching import SERIES_PER_RULE, Instance, Watch

DOWN_NS = 600_000_000_000
"""A pending alert older than its rule's `for` and these ten minutes is forgotten: nobody looked
while the node was down, so nobody knows whether its condition held."""

_log = logging.getLogger(__name__)


class SavedAlert(Struct, frozen=True, tag="alert"):
    """An alert that is pending or fires; `since` is µs since 1970."""

    rule: str
    series: str
    phase: Literal["pending", "firing"]
    since: int
    sample: Sample
    value: float
    operator: str = ""
    why: str = ""
    inhibited_by: str = ""


class SavedSilence(Struct, frozen=True, tag="silence"):
    """A silence; times are µs since 1970."""

    target: str
    rule: str
    series: str
    since: int
    until: int
    operator: str
    why: str


Saved = SavedAlert | SavedSilence

_decoder = msgspec.msgpack.Decoder(Saved)


def save_alert(one: Instance) -> bytes:
    """The bytes of a live alert."""
    phase: Literal["pending", "firing"] = "firing" if one.life.phase == "firing" else "pending"
    return msgspec.msgpack.encode(
        SavedAlert(
            one.rule.id,
            one.series,
            phase,
            one.since,
            one.sample,
            one.value,
            one.operator,
            one.why,
            one.inhibited_by,
        )
    )


def save_silence(one: Silence) -> bytes:
    """The bytes of a silence."""
    return msgspec.msgpack.encode(
        SavedSilence(one.target, one.rule, one.series, one.since, one.until, one.operator, one.why)
    )


def decode(rows: Mapping[str, bytes]) -> list[Saved]:
    """What rows hold; a row that cannot be read is logged and left out."""
    found: list[Saved] = []
    for key, body in rows.items():
        try:
            found.append(_decoder.decode(body))
        except msgspec.DecodeError as error:
            _log.warning("the saved alert %s cannot be read: %s", key, error)
    return found


def revive(
    rows: Iterable[Saved],
    watches: Mapping[str, Watch],
    silences: Silences,
    now: int,
    monotonic: int,
) -> list[Change]:
    """Put saved alerts and silences back, at `now` (µs) and `monotonic` (ns).

    Returns the alerts that have come to an end instead.
    """
    ended: list[Change] = []
    for saved in rows:
        if isinstance(saved, SavedSilence):
            silences.put(_silence(saved, now, monotonic))
            continue
        watch = watches.get(saved.rule)
        instance = _instance(saved, watch, now, monotonic)
        if watch is None:
            ended.append(end(instance, now, REMOVED))
        elif monotonic - instance.life.since > watch.hold.for_ns + DOWN_NS:
            ended.append(end(instance, now, "not looked at for too long"))
        elif len(watch.live) < SERIES_PER_RULE:
            watch.live[saved.series] = instance
    return ended


def _instance(saved: SavedAlert, watch: Watch | None, now: int, monotonic: int) -> Instance:
    """A saved alert. A `since` in the future (the wall clock was set back) counts as now."""
    age = max(0, now - saved.since) * 1000 if saved.phase == "pending" else 0
    rule = watch.rule if watch else Rule(id=saved.rule, series="*", severity="low", text="{series}")
    return Instance(
        alert_id(saved.rule, saved.series),
        rule,
        saved.series,
        Life(saved.phase, monotonic - age),
        saved.since,
        saved.sample,
        saved.value,
        saved.operator,
        saved.why,
        saved.inhibited_by,
    )


def _silence(saved: SavedSilence, now: int, monotonic: int) -> Silence:
    """A saved silence: what is left of it by the wall clock, never more than it had in all."""
    longest = LONGEST_DAYS * 86_400_000_000
    whole = min(max(0, saved.until - saved.since), longest)
    left = min(max(0, saved.until - now), whole)
    return Silence(
        saved.target,
        saved.rule,
        saved.series,
        saved.since,
        now + left,
        monotonic + left * 1000,
        saved.operator,
        saved.why,
    )
