"""The vectors: three implementations find the same in them."""

import json
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from assent_client import canonical as client
from assent_client.permission import Question
from assent_client.signed import NodeKey

from app.intake import wire
from app.intake.verdicts import weigh
from components import canonical as ours
from components.keys import Keyring, TrustedKey, parse_verifier_key
from tests.protocol import verifying
from tests.protocol.reading import VECTORS

KEY, ASKED = VECTORS["key"], VECTORS["asked"]
VERDICTS: list[dict[str, Any]] = VECTORS["verdicts"]
each_verdict = pytest.mark.parametrize("case", VERDICTS, ids=[one["name"] for one in VERDICTS])


@pytest.mark.parametrize("case", VECTORS["canonical"])
def test_the_canonical_form(case: dict[str, str]) -> None:
    raw, canonical = case["json"].encode(), case["canonical"].encode()
    assert ours.canonical(ours.parse(raw)) == canonical
    assert client.canonical(client.parse(raw)) == canonical
    assert rfc8785.dumps(json.loads(raw)) == canonical


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["why"])
def test_what_is_not_strict_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(ours.Malformed):
        ours.parse(case["json"].encode())
    with pytest.raises(client.Malformed):
        client.parse(case["json"].encode())


@pytest.mark.parametrize("case", VECTORS["digests"], ids=lambda case: case["action"]["tool"])
def test_the_digest(case: dict[str, Any]) -> None:
    node, agent, action = case["node"], case["agent"], case["action"]
    expected = case["action_digest"]
    assert ours.digest(node, agent, **action) == expected
    assert client.action_digest(node, agent, **action) == expected
    assert verifying.digest(node, agent, action) == expected


def test_the_key_is_what_it_says() -> None:
    public = verifying.public_key(KEY["vkey"])
    assert public == verifying.unbase64(KEY["public"])
    assert parse_verifier_key(KEY["vkey"]).public == public


@each_verdict
def test_a_verdict_as_somebody_else_checks_it(case: dict[str, Any]) -> None:
    public = verifying.unbase64(KEY["public"])
    expected = case["expected"]
    try:
        found, arguments = verifying.permitted(case["envelope"], ASKED, public, case["now"])
    except verifying.Wrong:
        assert not expected["genuine"]
    else:
        assert expected["genuine"]
        assert found == expected["verdict"]
        assert found != "allow" or arguments == expected["arguments"]


@each_verdict
def test_a_verdict_as_the_node_checks_it(case: dict[str, Any]) -> None:
    public = verifying.unbase64(KEY["public"])
    asked = wire.decode(json.dumps(ASKED).encode())
    assert isinstance(asked, wire.Submit)
    ring = Keyring((TrustedKey(principal="node", public=public),))
    found = weigh(json.dumps(case["envelope"]).encode(), asked, ring, case["now"])
    assert found.verdict == case["expected"]["verdict"]
    assert not found.allowed or found.arguments == case["expected"]["arguments"]


@each_verdict
def test_a_verdict_as_the_client_checks_it(case: dict[str, Any], tmp_path: Path) -> None:
    pin = tmp_path / "node.pub"
    pin.write_text(KEY["vkey"])
    question = Question(
        agent=ASKED["agent"], node=ASKED["node"], request_id=ASKED["request_id"],
        digest=ASKED["action_digest"], expires_at=case["now"] + 1, **ASKED["action"],
    )  # fmt: skip
    found = question.weigh(case["envelope"], NodeKey.read(pin), case["now"])
    assert found.verdict == case["expected"]["verdict"]
    assert not found.allowed or found.arguments == case["expected"]["arguments"]


def test_only_what_is_genuine_and_in_time_allows() -> None:
    allowed = {case["name"] for case in VERDICTS if case["expected"]["verdict"] == "allow"}
    assert allowed == {"genuine", "changed by the operator", "genuine, in its last moment"}
