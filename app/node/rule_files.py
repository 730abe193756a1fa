"""The alert rules in force: the ones that ship, and the files of the settings over them."""

from pathlib import Path

from app.node.policy import file_state
from app.settings import Settings
from components.monitor.alerting import RuleFile, builtin_rules, load_rules, merge_rules


class RuleFiles:
    """The files named by `[alerts] rules`, with their state when they were read."""

    def __init__(self, home: Path, settings: Settings) -> None:
        self._paths = tuple(
            (home / Path(rules).expanduser()).absolute() for rules in settings.alerts.rules
        )
        self._seen = self._state()

    def load(self) -> RuleFile:
        """The rules as the files are now. Raises `BadRules`: then none of a file is used."""
        self._seen = self._state()
        return merge_rules(builtin_rules(), *map(load_rules, self._paths))

    def changed(self) -> bool:
        """Whether a file has changed since the rules were loaded, whether they held or not."""
        return self._state() != self._seen

    def _state(self) -> tuple[tuple[int, int] | None, ...]:
        return tuple(map(file_state, self._paths))
