"""The audit log: append-only, chained, a Merkle tree with signed checkpoints; its proofs and
verifier.

The formats are RFC 6962's tree and C2SP's signed-note, tlog-checkpoint and tlog-proof.
"""

from components.audit_system.checkpoint import Checkpoint, open_checkpoint, read_checkpoint
from components.audit_system.errors import (
    AuditProblem,
    BadProof,
    MalformedNote,
    Stopped,
    UnknownSigner,
    readable,
)
from components.audit_system.leaf import Entry, LogEntry
from components.audit_system.log import AuditLog
from components.audit_system.proof import (
    Proved,
    check_consistency,
    check_proof,
    consistency_proof,
    prove,
)
from components.audit_system.query import Query, entry, export, query
from components.audit_system.stored import newest_checkpoint
from components.audit_system.verifier import Verification, verify
from components.audit_system.walk import Progress

__all__ = [
    "AuditLog",
    "AuditProblem",
    "BadProof",
    "Checkpoint",
    "Entry",
    "LogEntry",
    "MalformedNote",
    "Progress",
    "Proved",
    "Query",
    "Stopped",
    "UnknownSigner",
    "Verification",
    "check_consistency",
    "check_proof",
    "consistency_proof",
    "entry",
    "export",
    "newest_checkpoint",
    "open_checkpoint",
    "prove",
    "query",
    "read_checkpoint",
    "readable",
    "verify",
]
