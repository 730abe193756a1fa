"""How far a copy is, and what can be in its way."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from app.home_copy import Progress
from app.settings import BadSettings
from components.audit_system import AuditProblem
from components.keys import KeyProblem
from storage import StoreError

IN_THE_WAY = (StoreError, AuditProblem, KeyProblem, BadSettings, OSError)


@contextmanager
def stages() -> Iterator[Progress | None]:
    """A bar on standard error that names each stage, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("copying", total=None)
        yield lambda stage, done, of: bar.update(task, description=stage, completed=done, total=of)
