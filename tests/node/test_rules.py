"""Rules that change under a running node: taken whole beside the gate, or refused, alerted."""

import threading
from pathlib import Path

import pytest

from app.desk import AuditFilter
from app.node.policy import PolicyFiles
from app.settings import FirewallSettings, Settings
from components.actions import Action
from components.intent_firewall import Firewall
from tests.gate.test_policy_change import PACK
from tests.support import running_node, until

CHANGES = AuditFilter(kind="policy.changed")


def rewrite(pack: Path, text: str) -> None:
    """Exchange the file at once, as an editor does."""
    fresh = pack.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(pack)


def test_changed_rules_are_loaded_beside_the_gate_and_bad_ones_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []
    load = PolicyFiles.load

    def watched(self: PolicyFiles) -> Firewall:
        threads.append(threading.current_thread().name)
        return load(self)

    monkeypatch.setattr(PolicyFiles, "load", watched)
    pack = tmp_path / "own.toml"
    pack.write_text(PACK.replace('"block"', '"ask"'))
    settings = Settings(firewall=FirewallSettings(packs=(str(pack),)))
    with running_node(tmp_path / "home", settings) as node:
        engine, names = (
            node.node.engine,
            lambda: [alert.name for alert in engine.conditions.active()],
        )
        before = engine.policy
        rewrite(pack, "nonsense")
        until(lambda: "rules-refused" in names(), "the alert")
        assert engine.policy == before
        rewrite(pack, PACK)
        until(lambda: engine.policy != before, "the new rules")
        until(lambda: "rules-refused" not in names(), "the end of the alert")
        leave = node.ask(Action(tool="query", arguments={"sql": "DROP TABLE t"})).result()
        assert (leave.verdict, leave.rule) == ("deny", "strict.no-drop")
    assert threads[0] == "gate"
    assert len(threads) == 3
    assert "gate" not in threads[1:]


def test_an_action_that_a_person_answers_counts_once(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        asking = node.ask(Action(tool="query", arguments={"sql": "DROP TABLE t"}))
        node.answer(node.waiting("query"), "reject")
        asking.result()
        until(lambda: node.node.fresh_snapshot().health.per_s > 0, "the rate")
        screened = node.node.engine.monitor.over(["gate.screens"], "10s")
        assert screened is not None
        assert screened.calls == 1


def test_a_policy_that_could_not_be_recorded_is_recorded_when_it_can_be(tmp_path: Path) -> None:
    pack = tmp_path / "own.toml"
    pack.write_text(PACK.replace('"block"', '"ask"'))
    settings = Settings(firewall=FirewallSettings(packs=(str(pack),)))
    with running_node(tmp_path / "home", settings) as node:
        engine = node.node.engine
        before = engine.policy

        def recorded() -> list[int]:
            return [row.seq for row in node.desk.audit_page(CHANGES, None, 9)]

        engine.store.writer.freeze("a test says so")
        rewrite(pack, PACK)
        until(lambda: engine.policy != before, "the new rules")
        assert not recorded()
        engine.store.writer.thaw(node.node.audit.reload)
        until(recorded, "the record of the new rules")
