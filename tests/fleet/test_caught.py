"""A log that its witness caught is an alert of the witness's node, until it was looked into."""

import pytest
from nacl.signing import SigningKey

from components.audit_system import Forked, Witness, conflicts
from components.audit_system.checkpoint import seal
from components.clock import SystemClock
from components.keys import verifier_key
from tests.support import running_node, until

LOG = SigningKey(b"l" * 32)


def _conditions(node):
    return {one.name: one.text for one in node.node.engine.conditions.active()}


def test_a_fork_is_a_condition_and_an_alert_until_its_evidence_is_put_away(tmp_path):
    folder = tmp_path / "witness"
    with running_node(tmp_path) as node:
        identity = node.node.identity
        witness = Witness(folder, identity.node, identity.key, SystemClock())
        vkey = verifier_key("other/log", LOG)
        witness.cosign(seal("other/log", 5, bytes(32), LOG).note, vkey)
        assert "witness.other-log" not in _conditions(node)
        with pytest.raises(Forked, match="after 5"):
            witness.cosign(seal("other/log", 4, bytes(32), LOG).note, vkey)
        until(lambda: "witness.other-log" in _conditions(node))
        text = _conditions(node)["witness.other-log"]
        assert "other/log shows two histories" in text
        until(
            lambda: any(
                "witness.other-log" in one.series
                for one in node.node.engine.monitoring.alarms.book.active()
            )
        )
    with running_node(tmp_path) as node:
        until(lambda: "witness.other-log" in _conditions(node))
        (caught,) = conflicts(folder)
        caught.file.unlink()
        until(lambda: "witness.other-log" not in _conditions(node))
