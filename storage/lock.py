"""One process a store: an advisory lock on a file beside it, which dies with its holder."""

import fcntl
import os
from pathlib import Path

from storage.errors import StoreLocked, StoreReadOnly

LOCK_NAME = "lock"


class HomeLock:
    """Holds `home/lock` from its construction until `release`.

    Raises `StoreLocked` when another process (or another store of this one) holds it.
    """

    def __init__(self, home: Path) -> None:
        path = home / LOCK_NAME
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreReadOnly(
                f"{path} cannot be opened ({error.strerror}). Give this user the right to write "
                f"in {home}, or choose another folder with ASSENT_HOME."
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._file, 20, 0).decode("ascii", "replace").strip()
            os.close(self._file)
            raise StoreLocked(
                f"{home} is in use by process {holder or 'unknown'}. Stop it first, or choose "
                "another folder with ASSENT_HOME."
            ) from error
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Give the store up. The file stays: removing it would let two processes hold it."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
