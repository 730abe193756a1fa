"""What only memory knew before a restart: what agents did, and what was about to be learned."""

from pathlib import Path

from components.actions import Action
from components.evolution_core import Wanted, query
from tests.support import RunningNode, running_node, with_client

READ_MAIL = Action(tool="read_email", arguments={"id": "7"})
DENIED = Action(tool="shell", arguments={"command": ":(){ :|:& };:"})


def done(node: RunningNode, action: Action) -> str:
    """Ask, and tell that it was done where that is allowed."""

    async def use(client) -> str:  # type: ignore[no-untyped-def]
        leave = await client.ask(action)
        if leave.allowed:
            assert await client.consume(leave)
            assert await client.outcome(leave, "failed", 1_234)
        return str(leave.verdict)

    return with_client(node.home, use)


def experienced(node: RunningNode) -> list[tuple[str, str, str, int]]:
    node.node.engine.evolution.flush()
    reader = node.node.store.reader()
    try:
        found = [one.experience for one in query(reader, Wanted())]
    finally:
        reader.close()
    return [(one.tool, one.verdict, one.status, one.duration_us) for one in found]


def test_what_an_agent_read_counts_after_a_restart_too(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        assert done(node, READ_MAIL) == "allow"
        before = node.node.engine.sequences._agents["tester"]
        assert before.private
    with running_node(tmp_path) as again:
        after = again.node.engine.sequences._agents["tester"]
        assert [what for _, what in after.private] == [what for _, what in before.private]


def test_what_was_blocked_counts_after_a_restart_too(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        assert done(node, DENIED) == "deny"
        assert len(node.node.engine.sequences._agents["tester"].blocked) == 1
    with running_node(tmp_path) as again:
        assert len(again.node.engine.sequences._agents["tester"].blocked) == 1


def test_what_ended_and_was_not_learned_yet_is_learned_at_the_next_start(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        node.node.engine.learner._log = lambda _: None  # type: ignore[method-assign]
        assert done(node, READ_MAIL) == "allow"
        assert done(node, DENIED) == "deny"
        assert not experienced(node)
    for _ in range(2):  # once, however often it starts
        with running_node(tmp_path) as again:
            assert sorted(experienced(again)) == [
                ("read_email", "allow", "failed", 1_234),
                ("shell", "deny", "", 0),
            ]
