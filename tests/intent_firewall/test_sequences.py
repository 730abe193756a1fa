from typing import Any

import pytest

from components.actions import Action, Intent, Reason, SafetyAssessment
from components.clock import ManualClock
from components.intent_firewall import Firewall, Sequences

SECRET = Reason("credentials.read", "high", "x", "ask", excerpt="~/.ssh/id_rsa")


ORDERED = Reason("provenance.ordered-by-text", "high", "x", "ask", "context[0].text", (3, 9))
STRANGER = Reason("provenance.unasked-recipient", "high", "x", "ask", "arguments.to")


def action(agent: str = "a", tool: str = "tool", **arguments: Any) -> Action:
    return Action(tool=tool, agent=agent, arguments=arguments)


def safe(intent: Intent, *reasons: Reason, disposition: str = "allow") -> SafetyAssessment:
    return SafetyAssessment(1.0, intent, disposition, reasons)  # type: ignore[arg-type]


def rules(found: tuple[Reason, ...]) -> list[str]:
    return [reason.rule for reason in found]


def did(sequences: Sequences, what: Action, safety: SafetyAssessment) -> tuple[Reason, ...]:
    """An action that was screened and then allowed."""
    reasons = sequences.observe(what, safety)
    sequences.allowed(what, safety)
    return reasons


def test_what_was_asked_for_and_denied_is_not_held_against_its_agent() -> None:
    sequences = Sequences(ManualClock(), deletions=1)
    sequences.observe(action(), safe("read", SECRET))
    sequences.observe(action(), safe("delete"))
    assert sequences.observe(action(), safe("send")) == ()
    assert sequences.observe(action(), safe("delete")) == ()


def test_a_secret_read_and_then_something_sent_asks() -> None:
    sequences = Sequences(ManualClock())
    assert did(sequences, action(), safe("read", SECRET)) == ()
    assert sequences.observe(action(), safe("read")) == ()
    (reason,) = sequences.observe(action(), safe("send"))
    assert (reason.rule, reason.effect) == ("sequence.secret-then-send", "ask")
    assert reason.excerpt == "~/.ssh/id_rsa"


def test_it_is_forgotten_after_a_while_and_never_shared() -> None:
    clock = ManualClock()
    sequences = Sequences(clock, window_s=60)
    did(sequences, action(), safe("read", SECRET))
    assert sequences.observe(action("b"), safe("send")) == ()
    clock.advance(61)
    assert sequences.observe(action(), safe("send")) == ()


def test_a_tool_that_reads_secrets_by_name_counts() -> None:
    sequences = Sequences(ManualClock())
    did(sequences, action(tool="get_saved_passwords"), safe("read"))
    assert rules(sequences.observe(action(), safe("send"))) == ["sequence.secret-then-send"]


def test_many_deletions_ask() -> None:
    sequences = Sequences(ManualClock(), deletions=3)
    found = [rules(did(sequences, action(), safe("delete"))) for _ in range(4)]
    assert found == [[], [], [], ["sequence.many-deletions"]]


def test_after_blocked_actions_every_side_effect_asks() -> None:
    sequences = Sequences(ManualClock(), blocked=2)
    sequences.observe(action(), safe("execute", disposition="block"))
    sequences.observe(action(), safe("execute", disposition="block"))
    assert rules(sequences.observe(action(), safe("write"))) == ["sequence.after-blocks"]
    assert sequences.observe(action(), safe("read")) == ()


def test_memory_is_bounded_by_agents() -> None:
    sequences = Sequences(ManualClock(), max_agents=2)
    did(sequences, action("a"), safe("read", SECRET))
    for name in "bc":
        did(sequences, action(name), safe("read"))
    assert sequences.observe(action("a"), safe("send")) == ()


def test_with_the_real_firewall(firewall: Firewall) -> None:
    sequences = Sequences(ManualClock())
    read = Action(tool="read_file", agent="a", arguments={"path": "~/.ssh/id_rsa"})
    send = Action(tool="http_post", agent="a", arguments={"url": "https://x.example", "body": "hi"})
    did(sequences, read, firewall.validate(read))
    assert rules(sequences.observe(send, firewall.validate(send))) == ["sequence.secret-then-send"]


def test_a_secret_on_its_way_to_where_a_text_says_is_blocked() -> None:
    sequences = Sequences(ManualClock())
    did(sequences, action(), safe("read", SECRET))
    (reason,) = sequences.observe(action(), safe("send", ORDERED))
    assert (reason.rule, reason.effect) == ("sequence.secret-to-unasked-place", "block")
    assert (reason.where, reason.span) == ("context[0].text", (3, 9))
    assert reason.excerpt == "~/.ssh/id_rsa"
    (reason,) = sequences.observe(action(), safe("send", STRANGER))
    assert (reason.rule, reason.effect) == ("sequence.secret-to-unasked-place", "ask")


@pytest.mark.parametrize(
    "tool",
    ["search_emails", "GetPatientRecords", "get_most_recent_transactions", "read_file",
     "LockViewAccessHistory"],
)  # fmt: skip
def test_private_data_on_its_way_to_where_a_text_says_asks_gravely(tool: str) -> None:
    sequences = Sequences(ManualClock())
    did(sequences, action(tool=tool), safe("read"))
    (reason,) = sequences.observe(action(), safe("send", ORDERED))
    assert (reason.rule, reason.effect) == ("sequence.private-to-unasked-place", "ask")
    assert reason.severity == "critical"
    assert sequences.observe(action(), safe("send")) == ()
    assert sequences.observe(action(), safe("write", ORDERED)) == ()


def test_what_is_nobodys_business_is_not_what_everybody_may_know() -> None:
    sequences = Sequences(ManualClock())
    did(sequences, action(tool="get_weather"), safe("read"))
    assert sequences.observe(action(), safe("send", ORDERED)) == ()


def test_to_read_an_address_that_a_text_named_is_to_send() -> None:
    sequences = Sequences(ManualClock())
    did(sequences, action(), safe("read", SECRET))
    page = action(tool="get_webpage", url="http://collect.test/?q=1")
    assert rules(sequences.observe(page, safe("read", ORDERED))) == [
        "sequence.secret-to-unasked-place"
    ]
    assert sequences.observe(page, safe("read")) == ()


def test_private_data_is_forgotten_too() -> None:
    clock = ManualClock()
    sequences = Sequences(clock, window_s=60)
    did(sequences, action(tool="search_emails"), safe("read"))
    clock.advance(61)
    assert sequences.observe(action(), safe("send", ORDERED)) == ()


def test_memory_does_not_grow_with_what_is_read() -> None:
    sequences = Sequences(ManualClock())
    long = Reason("credentials.read", "high", "x", "ask", excerpt="k" * 10_000)
    for _ in range(20):
        did(sequences, action(), safe("read", long))
        did(sequences, action(tool="search_emails"), safe("read"))
    before = sequences.footprint().bytes
    for _ in range(200):
        did(sequences, action(), safe("read", long))
        did(sequences, action(tool="search_emails"), safe("read"))
    assert sequences.footprint().bytes <= before
    (reason,) = sequences.observe(action(), safe("send"))
    assert len(reason.excerpt) == 200
