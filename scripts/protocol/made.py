"""One request and its verdict, with keys and a time that never change.

The keys are for tests alone: their seeds stand here for everybody to see.
"""

from typing import Any

import msgspec
from msgspec.structs import replace
from nacl.signing import SigningKey

from app.intake import wire
from components.actions import Answer, ContextPiece, Receipt, Stage, Verdict
from components.canonical import digest
from components.gate.answers import open_answer, sign_answer
from components.gate.records import answer_detail
from components.keys import Keyring, TrustedKey, key_id, sign_dsse

NODE, AGENT, OPERATOR = "studio", "tester", "ada"
NOW = 1_767_225_600_000_000  # 2026-01-01, in µs
SECOND = 1_000_000
REQUEST_ID = "019b76da-a800-7000-8000-000000000001"
COMMAND_ID = "019b76da-a800-7000-8000-000000000002"
NONCE = "00112233445566778899aabbccddeeff"
TOOL = "query"
ARGUMENTS: dict[str, Any] = {"sql": "DELETE FROM carts WHERE age > 90", "limit": 0.5}
SAFER: dict[str, Any] = {"sql": "DELETE FROM carts WHERE age > 365", "limit": 0.5}
POLICY = "2026-01-01.1"

NODE_SEED, OPERATOR_SEED = bytes(range(32)), bytes(range(32, 64))
NODE_KEY, OPERATOR_KEY = SigningKey(NODE_SEED), SigningKey(OPERATOR_SEED)
NODE_KEY_ID = key_id(bytes(NODE_KEY.verify_key))
DIGEST = digest(NODE, AGENT, TOOL, ARGUMENTS)

ASKED = wire.Submit(
    node=NODE,
    agent=AGENT,
    request_id=REQUEST_ID,
    attempt=1,
    nonce=NONCE,
    issued_at=NOW,
    expires_at=NOW + 60 * SECOND,
    action=wire.ProposedAction(TOOL, ARGUMENTS),
    action_digest=DIGEST,
    request="clear out the old carts",
    context=(ContextPiece("ticket 12", trusted=False, text="Carts slow down the shop."),),
    narrative="The query touches carts only.",
)


def answered() -> Answer:
    """What the operator answered, with their signature."""
    answer = Answer(
        decision_id="7f3a",
        digest=DIGEST,
        answer="approve",
        operator=OPERATOR,
        display_digest="5a" * 32,
        policy_version=POLICY,
        shown_at=NOW + 2 * SECOND,
        decided_at=NOW + 9 * SECOND,
        reason="carts only",
        nonce=NONCE,
    )
    ring = Keyring((TrustedKey(principal=OPERATOR, public=bytes(OPERATOR_KEY.verify_key)),))
    return open_answer(sign_answer(answer, OPERATOR_KEY), ring, NOW)


def verdict(**changed: Any) -> Verdict:
    """An allow that a person gave, but for what is changed."""
    answer = answered()
    allowed = Verdict(
        verdict_id=f"{NODE}-41",
        node=NODE,
        request_id=REQUEST_ID,
        agent=AGENT,
        action_digest=DIGEST,
        verdict="allow",
        reasons=(f"approved by {OPERATOR}: carts only",),
        rule="hitl.operator",
        stages=(
            Stage("intent_firewall", "1", 0.4, ("sql.delete",)),
            Stage("love_engine", "1", 0.9),
        ),
        policy_version=POLICY,
        issued_at=NOW + 10 * SECOND,
        not_after=NOW + 310 * SECOND,
        audit=Receipt(41, "c4" * 32),
        decision={"operator": OPERATOR} | answer_detail(answer),
    )
    return replace(allowed, **changed)


def sealed(found: Verdict) -> bytes:
    """A verdict in the node's envelope."""
    return sign_dsse(wire.VERDICT_TYPE, msgspec.json.encode(found), NODE_KEY, NODE_KEY_ID)
