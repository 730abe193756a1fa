"""Snapshots for consoles elsewhere: the newest, and none while others still wait to be sent."""

from tests.remote.harness import Remote
from tests.support import until


def test_no_snapshot_is_made_while_what_went_before_is_not_sent(remote: Remote) -> None:
    showing = remote.consoles._showing
    with remote.attached("ada") as ada:
        asked = []

        def behind() -> bool:
            asked.append(len(remote.published))
            return True

        showing._behind = behind
        until(lambda: len(asked) > 3, "some looks")
        seq = ada.desk.snapshot().seq
        until(lambda: len(asked) > 12, "more looks")
        assert ada.desk.snapshot().seq == seq
        showing._behind = lambda: False
        until(lambda: ada.desk.snapshot().seq > seq, "a newer one")
