"""What acknowledging and silencing do once they may act: a dialog, then one call to the desk.

Both are bound to the alert that was under the cursor when the key acted.
"""

import re
from datetime import UTC, datetime

from app.console.deciding import Front
from app.console.dialogs import Ask, Choose
from app.console.dialogs.choose import Option
from app.console.outbox import Outbox
from app.console.screens import AlertsScreen
from app.desk import Desk
from components.clock import Clock
from components.views import AlertRow

_UNTIL = "until"
_SILENCES = (
    Option("10", "10 minutes", "1"),
    Option("60", "1 hour", "2"),
    Option("480", "8 hours", "3"),
    Option(_UNTIL, "until …", "4", "a time of day, a date, or a length of time"),
)
_SPAN = re.compile(r"([0-9]{1,5}) ?(m|min|h|d)")
_MINUTES = {"m": 1, "min": 1, "h": 60, "d": 1440}
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_DAY_MIN = 1440
_MOST_MIN = 30 * _DAY_MIN
_HINT = "15:30 (UTC), 2026-03-01 08:00 (UTC), 90m, 2h or 3d; at most 30 days"


class BadEnd(ValueError):  # noqa: N818 - what the operator typed
    """The end of a silence cannot be read; the text says what is wrong."""


def minutes_until(text: str, now: int) -> int:
    """Minutes from `now` (µs) to what was typed, rounded up. Raises `BadEnd`."""
    text = text.strip()
    if span := _SPAN.fullmatch(text):
        minutes = int(span[1]) * _MINUTES[span[2]]
    elif time := _TIME.fullmatch(text):
        minutes = (int(time[1]) * 60 + int(time[2]) - now // 60_000_000) % _DAY_MIN or _DAY_MIN
    else:
        minutes = _minutes_to_date(text, now)
    if not 1 <= minutes <= _MOST_MIN:
        raise BadEnd(f"{text}: from 1 minute to 30 days from now")
    return minutes


def _minutes_to_date(text: str, now: int) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadEnd(f"{text or 'nothing'}: {_HINT}") from None
    until = round(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1e6)
    return -((now - until) // 60_000_000)


class Alerting:
    """The commands of the alerts screen over a desk."""

    def __init__(
        self, desk: Desk, clock: Clock, screen: AlertsScreen, outbox: Outbox, front: Front
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._screen = screen
        self._outbox = outbox
        self._front = front

    def acknowledge(self) -> None:
        """Ask why, then record that the operator has seen the alert."""
        if (alert := self._screen.alert) is None:
            return
        bound = alert.id
        text = [*_about(alert), ("It stays until it is over; a word about it for others:", "dim")]
        self._front.ask(
            Ask("ACKNOWLEDGE", text, "acknowledge", "seen"),
            lambda why: self._outbox.add(self._desk.acknowledge(bound, why or "seen")),
        )

    def silence(self) -> None:
        """Choose for how long, ask why, then silence the alert."""
        if (alert := self._screen.alert) is None:
            return
        bound = alert
        self._front.ask(
            Choose(f"SILENCE {alert.series} for", _SILENCES),
            lambda chosen: (
                self._until(bound) if chosen == _UNTIL else self._silence(bound, int(chosen))
            ),
        )

    def unsilence(self) -> None:
        """End the silence of the alert."""
        if alert := self._screen.alert:
            self._outbox.add(self._desk.unsilence(alert.id))

    def _until(self, alert: AlertRow) -> None:
        def ended(text: str) -> None:
            try:
                minutes = minutes_until(text, self._clock.now())
            except BadEnd as error:
                self._front.say(str(error), "bad")
                return
            self._silence(alert, minutes)

        self._front.ask(Ask("SILENCE until", [*_about(alert), (_HINT, "dim")], "go on"), ended)

    def _silence(self, alert: AlertRow, minutes: int) -> None:
        said = f"for {minutes} min" if minutes < 120 else f"for {minutes / 60:.3g} h"
        text = [*_about(alert), ("Why? A word for whoever wonders:", "dim")]
        self._front.ask(
            Ask(f"SILENCE {said}", text, "silence", "known"),
            lambda why: self._outbox.add(self._desk.silence(alert.id, minutes, why or "known")),
        )


def _about(alert: AlertRow) -> list[tuple[str, str]]:
    return [(f"{alert.severity}: {alert.series} {alert.value}", "strong"), (alert.text, "text")]
