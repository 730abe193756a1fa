"""What a console shows of a node whose store is open and that does not serve yet."""

from components.views import Health, LearningView, Snapshot

NOT_YET = "agents are not answered yet"


def opening_snapshot(node: str, waiting: int, size: int, root: str, now: int) -> Snapshot:
    """Only what the store tells: how many decisions wait, and where the log ends."""
    health = Health(
        node=node, state="starting", detail=NOT_YET, agents=0, per_s=0.0, waiting=waiting,
        alerts=(), audit_size=size, audit_root=root, uptime_s=0, loop_lag_us=0.0,
    )  # fmt: skip
    learning = LearningView(0, None, (), (), None, None, None, None, 0)
    return Snapshot(
        seq=0, time=now, health=health, operations=(), waiting=(), events=(), agents=(), grants=(),
        learning=learning,
    )  # fmt: skip
