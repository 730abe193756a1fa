"""What can be wrong with an audit log, a checkpoint or a proof."""


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
