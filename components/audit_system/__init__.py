"""The audit log: append-only, chained, a Merkle tree with signed checkpoints; its proofs and
verifier.

The formats are RFC 6962's tree and C2SP's signed-note, tlog-checkpoint, tlog-proof and
tlog-cosignature.
"""

from typing import TYPE_CHECKING

from components.audit_system.query import Query, entry, export, query
from components.faces import lazily

if TYPE_CHECKING:
    from components.audit_system.checkpoint import Checkpoint, open_checkpoint, read_checkpoint
    from components.audit_system.consistency import (
        Consistency,
        newest_from,
        newest_from_each,
        parse_consistency,
    )
    from components.audit_system.cosignature import (
        Cosignature,
        WitnessKey,
        cosignatures,
        parse_witness_key,
        witness_of,
    )
    from components.audit_system.cosigned import Cosigned
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
    from components.audit_system.stored import newest_checkpoint
    from components.audit_system.verifier import Verification, verify
    from components.audit_system.walk import Progress
    from components.audit_system.witness import Conflict, Forked, Stale, Witness, conflicts

__all__ = [
    "AuditLog",
    "AuditProblem",
    "BadProof",
    "Checkpoint",
    "Conflict",
    "Consistency",
    "Cosignature",
    "Cosigned",
    "Entry",
    "Forked",
    "LogEntry",
    "MalformedNote",
    "Progress",
    "Proved",
    "Query",
    "Stale",
    "Stopped",
    "UnknownSigner",
    "Verification",
    "Witness",
    "WitnessKey",
    "check_consistency",
    "check_proof",
    "conflicts",
    "consistency_proof",
    "cosignatures",
    "entry",
    "export",
    "newest_checkpoint",
    "newest_from",
    "newest_from_each",
    "open_checkpoint",
    "parse_consistency",
    "parse_witness_key",
    "prove",
    "query",
    "read_checkpoint",
    "readable",
    "verify",
    "witness_of",
]

__getattr__ = lazily(
    __name__,
    {
        "checkpoint": "Checkpoint open_checkpoint read_checkpoint",
        "consistency": "Consistency newest_from newest_from_each parse_consistency",
        "cosignature": "Cosignature WitnessKey cosignatures parse_witness_key witness_of",
        "cosigned": "Cosigned",
        "errors": "AuditProblem BadProof MalformedNote Stopped UnknownSigner readable",
        "leaf": "Entry LogEntry",
        "log": "AuditLog",
        "proof": "Proved check_consistency check_proof consistency_proof prove",
        "stored": "newest_checkpoint",
        "verifier": "Verification verify",
        "walk": "Progress",
        "witness": "Conflict Forked Stale Witness conflicts",
    },
)
