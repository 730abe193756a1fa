"""A folder that nothing leaves: paths are resolved and checked, and its size is bounded."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

MAX_BYTES = 16 * 1024 * 1024
MAX_FILES = 4_000


class Refused(Exception):  # noqa: N818 - the executors' own no, whatever a person said
    """The executor does not do this, whoever approved it; the text says why."""


class Sandbox:
    """One agent's folder. Paths given to it are relative, and end inside it or are refused."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.root = root.resolve()

    def inside(self, path: str) -> Path:
        """The absolute path of `path`, symbolic links followed; `Refused` if it leads out."""
        if "\0" in path:
            raise Refused("a path with a NUL in it")
        resolved = (self.root / path).resolve()
        if not resolved.is_relative_to(self.root):
            raise Refused("the path leads out of the sandbox")
        return resolved

    def used(self) -> tuple[int, int]:
        """How many files there are, and their bytes."""
        sizes = list(_sizes(self.root))
        return len(sizes), sum(sizes)

    def tidy(self) -> bool:
        """Empty the folder once it has grown beyond its bounds; True if that was done."""
        files, size = self.used()
        if files <= MAX_FILES and size <= MAX_BYTES:
            return False
        for entry in self.root.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)
        return True


def _sizes(root: Path) -> Iterator[int]:
    for folder, _, names in os.walk(root):
        for name in names:
            try:
                yield (Path(folder) / name).lstat().st_size
            except OSError:  # gone in the meantime
                continue
