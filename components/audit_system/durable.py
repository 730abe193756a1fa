"""Small files that are replaced whole, durably, by one process and thread at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from components.audit_system.errors import AuditProblem
from components.keys import KeyProblem
from components.keys.private import replace_private


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only one in a folder, which is made where it is missing. Raises `AuditProblem`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Opened anew each time, so that a thread waits for another as a process does.
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise AuditProblem(f"{folder} cannot be used: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def replace(path: Path, content: bytes) -> None:
    """Put new content in a file's place. Raises `AuditProblem`, with the old one still there."""
    try:
        replace_private(path, content)
    except KeyProblem as problem:
        raise AuditProblem(f"{path} cannot be written: {problem}") from problem
