"""A file's new content beside it, so that the old one is exchanged whole or not at all."""

import os
import tempfile
from pathlib import Path


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
