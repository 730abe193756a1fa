"""The list of agents stays small, however many there are."""

from app.node.roster import ACTIVE_US, SHOWN_AGENTS, Roster
from components.actions import Outcome
from components.clock import ManualClock
from components.gate import Reported


def test_the_agents_seen_last_and_the_paused_ones_are_listed() -> None:
    clock = ManualClock()
    roster = Roster(clock)
    for number in range(2 * SHOWN_AGENTS):
        if number == SHOWN_AGENTS:
            clock.advance(1 + ACTIVE_US / 1e6)
        outcome = Outcome(request_id="r", agent=f"agent-{number:04}", status="failed")
        roster.hear(Reported(outcome, None, None))  # type: ignore[arg-type]
    rows = roster.rows({"agent-0000", "unseen"}, {"agent-0999"})
    assert [row.name for row in rows] == [
        "agent-0000",
        *(f"agent-{number:04}" for number in range(SHOWN_AGENTS, 2 * SHOWN_AGENTS)),
        "unseen",
    ]
    assert rows[0].paused
    assert rows[-2].broken
    assert roster.active() == SHOWN_AGENTS
