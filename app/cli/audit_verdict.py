"""A signed verdict together with the proof of its audit entry."""

import msgspec

from app.intake.wire import VERDICT_TYPE
from components.actions import Verdict
from components.audit_system import BadProof, Proved, check_proof
from components.keys import Keyring, TrustedKey, Unauthorised, open_dsse, parse_verifier_key


def check_verdict(envelope: bytes, proof: bytes, vkey: str) -> Proved:
    """Check that the verdict is the node's own and that the proof is of its audit entry.

    Raises `BadProof` or another `AuditProblem`, or `KeyProblem`.
    """
    node = TrustedKey(principal="node", public=parse_verifier_key(vkey).public)
    try:
        payload = open_dsse(envelope, VERDICT_TYPE, Keyring([node]), 0)
        verdict = msgspec.json.decode(payload, type=Verdict)
    except (Unauthorised, msgspec.DecodeError) as error:
        raise BadProof(f"the verdict does not hold: {error}") from None
    proved = check_proof(proof, vkey, verdict.audit)
    entry = proved.entry.entry
    said = (
        verdict.request_id, verdict.agent, verdict.verdict,
        verdict.action_digest, verdict.rule, verdict.policy_version,
    )  # fmt: skip
    recorded = (
        entry.request_id, entry.agent, entry.verdict,
        entry.digest, entry.rule, entry.policy_version,
    )  # fmt: skip
    if said != recorded:
        raise BadProof(f"entry {verdict.audit.seq} records another verdict than this one")
    return proved
