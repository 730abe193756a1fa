"""Who is attached, who only looks, and who is no longer trusted."""

import pytest
from nacl.signing import SigningKey

from app.desk import DeskError
from app.remote.desk import RemoteDesk
from tests.remote.harness import DROP, Remote
from tests.support import PATIENCE_S, shown, until


def test_who_is_on_duty_is_shown_everywhere_and_recorded(remote: Remote) -> None:
    with remote.attached("ada", tier=2) as ada:
        with remote.attached("eve", enrolled_observer=True):
            rows = until(
                lambda: len(found := ada.desk.snapshot().health.duty) == 2 and found, "both"
            )
            assert [(row.name, row.tier, row.observer) for row in rows] == [
                ("ada", 2, False),
                ("eve", 1, True),
            ]
            assert remote.running.node.fresh_snapshot().health.duty == rows
        until(lambda: len(ada.desk.snapshot().health.duty) == 1, "eve's leave")
        assert ada.desk.operators()[0].tier == 2
    until(lambda: len(remote.entries(kind="operator.detached")) == 2, "the record")
    attached = remote.entries(kind="operator.attached")
    assert [(one.entry.operator, one.entry.detail["observer"]) for one in attached] == [
        ("eve", True),
        ("ada", False),
    ]
    assert attached[1].entry.detail["tier"] == 2


def test_a_console_that_is_not_heard_is_detached(remote: Remote) -> None:
    with remote.attached("ada") as ada:
        ada.link.up = lambda _: []
        one = remote.consoles._duty.attached["ada"]
        one.renew(remote.node.clock.monotonic())  # fifteen seconds later
        until(lambda: remote.entries(kind="operator.detached"), "its end")
        assert not remote.node.engine.duty
        ada.link.up = lambda message: [message]


@pytest.mark.parametrize("enrolled", [True, False], ids=["enrolled", "by choice"])
def test_an_observer_sees_all_and_answers_nothing(remote: Remote, enrolled: bool) -> None:
    asking = remote.running.ask(DROP)
    with remote.attached("eve", enrolled_observer=enrolled, observer=not enrolled) as eve:
        view = eve.waiting("query")
        desk = eve.desk
        assert str(eve.refused(desk.escalate(view.id))) == "this console only observes"
        # What the console refuses by itself, the node refuses too.
        desk._session._observer = False
        desk._session.synced = None
        changes = {
            "answer": desk.answer(shown(view), "reject", reason="no"),
            "many": desk.answer_many([shown(view)], "reject", "no"),
            "similar": desk.answer_similar(shown(view), "reject", minutes=1, count=1),
            "claim": desk.claim(view.id),
            "stop": desk.stop_everything(),
            "pause": desk.pause_agent("tester"),
            "undo": desk.undo(view.id),
            "silence": desk.silence("a", 1, "why"),
            "accept": desk.accept_recommendation("r"),
        }
        for name, future in changes.items():
            error = eve.refused(future)
            assert (error.code, "only observes" in str(error)) == (403, True), name
        with pytest.raises(DeskError, match="only observes"):
            desk.set_baseline("mine", 5)
        assert "hold" in desk.audit_verify(lambda *_: True)
        assert remote.node.engine.queue.get(view.id) is not None
        assert not remote.node.engine.core.stopped
    remote.running.desk.answer(shown(view), "reject", reason="no").result(PATIENCE_S)
    assert not asking.result().allowed


def test_an_observers_answer_does_not_pass_the_gate_itself(remote: Remote) -> None:
    key = remote.enrol("eve", observer=True)
    remote.running.ask(DROP)
    view = remote.running.waiting("query")
    desk = RemoteDesk(remote.link("eve"), remote.vkey, "eve", key, remote.node.clock)
    envelope = desk._signed(shown(view), "reject", "no").encode()
    future = remote.node.call(remote.node.engine.operators.answer(envelope))
    error = future.exception(PATIENCE_S)
    assert error is not None
    assert "observer" in str(error)


@pytest.mark.fault(67)
def test_fault_67_a_revocation_holds_at_once_elsewhere(remote: Remote) -> None:
    with remote.attached("ada") as ada:
        remote.running.ask(DROP)
        view = ada.waiting("query")
        remote.revoke("ada")
        error = ada.refused(ada.desk.answer(shown(view), "approve", code=view.code))
        assert (error.code, "is revoked" in str(error)) == (401, True)
        until(lambda: not remote.node.engine.duty, "the end of the duty")
        until(lambda: "is revoked" in ada.desk.snapshot().health.detail, "the reason")
        assert ada.desk.snapshot().health.state == "frozen"
    (gone,) = remote.entries(kind="operator.detached")
    assert "is revoked" in gone.entry.detail["reason"]


def test_a_changed_tier_is_taken_up(remote: Remote) -> None:
    with remote.attached("ada", tier=1) as ada:
        asking = remote.at_tier_three()
        view = ada.waiting("query", lambda one: one.tier == 3)
        future = ada.desk.answer(shown(view), "reject", reason="no")
        assert "needs tier 3" in str(ada.refused(future))
        text = remote.keyring.read_text()
        remote.keyring.write_text(text.replace("ada ed25519", "ada tier=3 ed25519"))
        until(lambda: ada.desk.operators()[0].tier == 3, "the tier")
        assert "rejected" in ada.answer(view, "reject", reason="no")
        assert not asking.result().allowed


def test_nobody_hands_in_anothers_answer(remote: Remote) -> None:
    with remote.attached("ada") as ada, remote.attached("grace") as grace:
        remote.running.ask(DROP)
        view = grace.waiting("query")
        hers = grace.desk._signed(shown(view), "approve", "")
        ada.desk._signed = lambda *_: hers  # type: ignore[method-assign]
        error = ada.refused(ada.desk.answer(shown(view), "approve", code=view.code))
        assert (error.code, str(error)) == (401, "the answer is grace's, and ada hands it in")
        assert remote.node.engine.queue.get(view.id) is not None


def test_somebody_unknown_hears_nothing_of_the_node(remote: Remote) -> None:
    remote.keys["mallory"] = SigningKey.generate()
    desk = remote.desk("mallory")
    desk.tick()
    until(lambda: remote.published, "a refusal")
    assert {(name, kind) for name, kind, _ in remote.published} == {("mallory", "res")}
    assert desk.snapshot().health.state == "frozen"
    assert not remote.node.engine.duty
