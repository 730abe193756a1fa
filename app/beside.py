"""A file's new content beside it, so that the old one is exchanged whole or not at all."""

import os
import shutil
import tempfile
from pathlib import Path

from components.keys.private import sync_folder


def write_beside(path: Path, content: bytes) -> Path:
    """A file of its own next to `path`, private and synced; none is left behind where that fails.

    Raises `OSError`.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return beside


def replace_whole(path: Path, content: bytes) -> None:
    """Exchange a file's content, durably; it keeps its mode, and is private where it is new.

    Raises `OSError`; the old content then stands.
    """
    beside = write_beside(path, content)
    try:
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
