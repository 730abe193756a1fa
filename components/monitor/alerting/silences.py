"""Silences: alerts, or whole rules, of which nobody is to be told for a while."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from msgspec import Struct

from components.clock import Clock
from components.monitor.alerting.alert import AlertError

LONGEST_DAYS = 30
MOST = 200


class Silence(Struct, frozen=True):
    """A silence of one alert (by id) or of rules (a glob, `series` empty).

    `since` and `until` are µs since 1970; `ends` is monotonic ns and decides.
    """

    target: str
    rule: str
    series: str
    since: int
    until: int
    ends: int
    operator: str
    why: str

    def covers(self, id_: str, rule: str) -> bool:
        """Whether an alert is silenced by it."""
        return self.target == id_ if self.series else fnmatchcase(rule, self.target)

    @staticmethod
    def of_rules(target: str, rules: Iterable[str]) -> bool:
        """Whether a target is a glob that matches any of the rules."""
        return any(fnmatchcase(rule, target) for rule in rules)


class Silences:
    """The silences in force, one for each target."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all: dict[str, Silence] = {}

    def all(self) -> tuple[Silence, ...]:
        """Every silence in force, in the order in which they began."""
        return tuple(self._all.values())

    def begin(
        self, target: str, rule: str, series: str, until: int, operator: str, why: str
    ) -> Silence:
        """Begin one, in place of another with the same target. Raises `AlertError`."""
        now = self._clock.now()
        if until <= now:
            raise AlertError("That time has passed already.")
        if until - now > LONGEST_DAYS * 86_400_000_000:
            raise AlertError(f"A silence lasts {LONGEST_DAYS} days at most.")
        if target not in self._all and len(self._all) >= MOST:
            raise AlertError(f"There are {MOST} silences already: end one first.")
        ends = self._clock.monotonic() + (until - now) * 1000
        silence = Silence(target, rule, series, now, until, ends, operator, why)
        self.put(silence)
        return silence

    def put(self, silence: Silence) -> None:
        """Add one, in place of another with the same target."""
        self._all.pop(silence.target, None)
        self._all[silence.target] = silence

    def end(self, target: str) -> Silence:
        """End one. Raises `AlertError` where there is none."""
        silence = self._all.pop(target, None)
        if silence is None:
            raise AlertError("It has no silence of its own; see the silences of its rule.")
        return silence

    def expire(self) -> tuple[Silence, ...]:
        """End those whose time is over, and return them."""
        now = self._clock.monotonic()
        over = tuple(one for one in self._all.values() if one.ends <= now)
        for one in over:
            del self._all[one.target]
        return over

    def until(self, id_: str, rule: str) -> int:
        """Until when an alert is silenced, in µs; 0 where it is not."""
        return max((one.until for one in self._all.values() if one.covers(id_, rule)), default=0)
