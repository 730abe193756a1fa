"""The rules in force: loaded, watched, and exchanged whole when their files change."""

from pathlib import Path

from app.home import LEARNED_PACK
from app.settings import Settings
from components.gate import policy_version
from components.intent_firewall import Firewall, RulePack, builtin_packs, load_pack


class PolicyFiles:
    """The rule packs of the settings and the learned one, with the state of their files when they
    were read.
    """

    def __init__(self, home: Path, settings: Settings) -> None:
        own = tuple((home / Path(pack).expanduser()).absolute() for pack in settings.firewall.packs)
        self.learned = (home / LEARNED_PACK).absolute()
        self._paths = own if self.learned in own else (*own, self.learned)
        chosen = settings.node.workspace
        self.workspace = Path(chosen).expanduser().absolute() if chosen else None
        self._seen = self._state()

    def load(self) -> Firewall:
        """A firewall of the packs as they are now. Raises `BadPack`."""
        self._seen = self._state()
        return Firewall(self.packs(), self.workspace)

    def packs(self) -> tuple[RulePack, ...]:
        """All packs as they are now. Raises `BadPack`."""
        return (*builtin_packs(), *self.own_packs())

    def own_packs(self) -> tuple[RulePack, ...]:
        """The packs of this home as they are now; there need not be a learned one.

        Raises `BadPack`.
        """
        there = (path for path in self._paths if path != self.learned or path.exists())
        return tuple(map(load_pack, there))

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
