"""Files that only their owner may read: read with care, made once, or replaced whole."""

import os
import stat
from pathlib import Path

from components.keys.errors import KeyProblem

_PRIVATE = 0o600
_OTHERS = 0o077


def read_private(path: Path, longest: int, exposed: str) -> bytes:
    """Up to `longest` bytes of a file that nobody else may read.

    Raises `KeyProblem` where others may, or where it is no regular file of ours; `exposed` says
    what to do if others have read it. An `OSError` is left to the caller.
    """
    # Checked on the open file, so that nobody can swap it between the check and the reading.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _refuse_exposed(path, os.fstat(descriptor), exposed)
        return os.read(descriptor, longest)
    finally:
        os.close(descriptor)


def create_private(path: Path, content: bytes) -> None:
    """Make a file that is not there yet, synced to disk. Raises `KeyProblem`."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, _PRIVATE)
        try:
            _write(descriptor, content)
            os.fsync(descriptor)
        except OSError:
            path.unlink()  # half a file is none, and would stand in the way of the next try
            raise
        finally:
            os.close(descriptor)
        sync_folder(path.parent)
    except OSError as error:
        raise KeyProblem(f"the key {path} cannot be made: {error.strerror}") from error


def _write(descriptor: int, content: bytes) -> None:
    """Write all of it: on a disk that is nearly full, one call may write a part."""
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]


def replace_private(path: Path, content: bytes) -> None:
    """Put a whole new file in a file's place: whoever reads meanwhile finds the old or the new.

    Raises `KeyProblem`.
    """
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)  # left behind where this was cut short
    create_private(fresh, content)
    try:
        fresh.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise KeyProblem(f"{path} cannot be written: {error.strerror}") from error


def sync_folder(folder: Path) -> None:
    """Make a folder's entries durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_exposed(path: Path, status: os.stat_result, exposed: str) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise KeyProblem(f"the key {path} is not a regular file")
    if status.st_uid not in {os.geteuid(), 0}:
        raise KeyProblem(f"the key {path} belongs to another user: chown it to the node's own")
    mode = stat.S_IMODE(status.st_mode)
    if mode & _OTHERS:
        raise KeyProblem(
            f"the key {path} is open to others (mode {mode:04o}): chmod 600 {path}; "
            f"if others may have read it, {exposed}"
        )
