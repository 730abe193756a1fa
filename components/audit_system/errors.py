"""What can be wrong with an audit log, a checkpoint or a proof."""

from collections.abc import Iterator
from contextlib import contextmanager

from storage import UNREADABLE


class AuditProblem(Exception):  # noqa: N818 - a state of affairs, which the text describes
    """The audit log cannot be read, extended or proved from; the text says why."""


class MalformedNote(AuditProblem):
    """The text is no signed note, or no checkpoint."""


class UnknownSigner(AuditProblem):
    """The note is not signed by the key that was to sign it."""


class BadProof(AuditProblem):
    """A proof does not show what it claims."""


class Stopped(AuditProblem):
    """The caller's progress function stopped the work."""


@contextmanager
def readable() -> Iterator[None]:
    """Turn what a damaged store raises inside into an `AuditProblem`."""
    try:
        yield
    except UNREADABLE as error:
        raise AuditProblem(f"the store cannot be read: {error}") from error
