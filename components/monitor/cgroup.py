"""The memory limits that Linux control groups set this process, of either version."""

from pathlib import Path

from msgspec import Struct

_GROUPS = Path("/proc/self/cgroup")
_TREE = Path("/sys/fs/cgroup")


class _Names(Struct, frozen=True):
    """What a version calls its files, and the pages that it takes back before it is full."""

    limit: str
    used: str
    reclaimable: str


_V2 = _Names("memory.max", "memory.current", "inactive_file")
_V1 = _Names("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


class MemoryLimits:
    """The groups that this process is in, from its own up to the root.

    Which groups there are is looked up once; their limits and use are read anew each time.
    """

    def __init__(self, groups: Path = _GROUPS, tree: Path = _TREE) -> None:
        self._levels = tuple(_levels(groups, tree))

    def used_share(self, total: int) -> float | None:
        """The share used of the limit that is nearest to its end; None where there is no limit.

        Limits of `total` bytes or more, the machine's own memory, limit nothing. File pages that
        the kernel takes back at once do not count as used.
        """
        shares = (_share(folder, names, total) for folder, names in self._levels)
        return max((share for share in shares if share is not None), default=None)


def _levels(groups: Path, tree: Path) -> list[tuple[Path, _Names]]:
    found: list[tuple[Path, _Names]] = []
    for root, names, path in _mounted(groups, tree):
        # Inside a container the path may be the host's: then only the root is there to read.
        folder = root / path.lstrip("/")
        for level in (folder, *folder.parents):
            if not level.is_relative_to(root):
                break
            if (level / names.limit).is_file():
                found.append((level, names))
    return found


def _mounted(groups: Path, tree: Path) -> list[tuple[Path, _Names, str]]:
    try:
        lines = groups.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            found.append((tree, _V2, path))
        elif "memory" in controllers.split(","):
            found.append((tree / "memory", _V1, path))
    return found


def _share(folder: Path, names: _Names, total: int) -> float | None:
    limit = _number(folder / names.limit)
    if limit is None or not 0 < limit < total:
        return None
    used = _number(folder / names.used)
    if used is None:
        return None
    return min(max(used - _reclaimable(folder, names), 0) / limit, 1.0)


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text("ascii"))
    except (OSError, ValueError):  # "max" is no limit
        return None


def _reclaimable(folder: Path, names: _Names) -> int:
    try:
        lines = (folder / "memory.stat").read_text("ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.split()[0] == names.reclaimable)
    except (OSError, ValueError, IndexError, StopIteration):
        return 0
