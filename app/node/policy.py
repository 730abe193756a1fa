"""The rules in force: loaded, watched, and exchanged whole when their files change."""

from pathlib import Path

from app.settings import Settings
from components.gate import policy_version
from components.intent_firewall import Firewall, RulePack, builtin_packs, load_pack


class PolicyFiles:
    """The rule packs of the settings, with the state of their files when they were read."""

    def __init__(self, home: Path, settings: Settings) -> None:
        self._paths = tuple(
            (home / Path(pack).expanduser()).absolute() for pack in settings.firewall.packs
        )
        chosen = settings.node.workspace
        self.workspace = Path(chosen).expanduser().absolute() if chosen else None
        self._seen = self._state()

    def load(self) -> Firewall:
        """A firewall of the packs as they are now. Raises `BadPack`."""
        self._seen = self._state()
        packs: tuple[RulePack, ...] = (*builtin_packs(), *map(load_pack, self._paths))
        return Firewall(packs, self.workspace)

    def changed(self) -> bool:
        """Whether a file has changed since the packs were loaded, whether they held or not."""
        return self._state() != self._seen

    def _state(self) -> tuple[tuple[int, int] | None, ...]:
        return tuple(map(file_state, self._paths))


def file_state(path: Path) -> tuple[int, int] | None:
    """When a file was written and how large it is; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def version_of(firewall: Firewall, love_version: str, hitl: object) -> str:
    """The policy version: it changes with the rules, the love engine and the class policies."""
    return policy_version(firewall.version, love_version, repr(hitl))
