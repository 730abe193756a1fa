"""Epochs: every start has a higher one, and a lower one than known is refused."""

import pytest
from nacl.signing import SigningKey

from app.epoch import LEAP_US, Epochs, advance, superseded
from app.intake.wire import STATUS_TYPE, VERDICT_TYPE, StatusReply, encode
from components.clock import ManualClock
from components.keys import Keyring, TrustedKey, key_id, sign_dsse
from storage import open_store
from tests.support import running_node

KEY, OTHER = SigningKey(b"k" * 32), SigningKey(b"o" * 32)
RING = Keyring([TrustedKey(principal="node", public=bytes(KEY.verify_key))])


def next_epoch(folder, clock, ahead_us=0):
    store = open_store(folder)
    try:
        return advance(store, clock, ahead_us)
    finally:
        store.close()


def test_every_start_has_a_higher_epoch_whatever_the_clock_says(tmp_path):
    clock = ManualClock()
    first = next_epoch(tmp_path, clock)
    assert first == clock.now()
    assert next_epoch(tmp_path, clock) == first + 1
    clock.set_wall(clock.now() - 3_600_000_000)
    assert next_epoch(tmp_path, clock) == first + 2
    clock.advance(7_200)
    assert next_epoch(tmp_path, clock) == clock.now()


def test_a_restored_home_stays_ahead_of_the_old_one_that_starts_again(tmp_path):
    clock = ManualClock()
    old, new = tmp_path / "old", tmp_path / "new"
    next_epoch(old, clock)
    restored = next_epoch(new, clock, LEAP_US)
    clock.advance(86_400 * 365)
    assert next_epoch(old, clock) < restored < next_epoch(new, clock)
    # A copy of the copy is ahead of it in turn, and all are whole numbers in JSON.
    assert next_epoch(tmp_path / "third", clock, LEAP_US) > next_epoch(new, clock)
    assert restored < 2**53


def test_who_knows_an_epoch_refuses_a_lower_one():
    known = Epochs()
    assert known.accept("n1", 5)
    assert known.accept("n1", 5)
    assert not known.accept("n1", 4)
    assert known.accept("n1", 7)
    assert not known.accept("n1", 5)
    assert known.accept("n2", 1)


def told(epoch, node="n1", key=KEY, kind=STATUS_TYPE):
    status = StatusReply(node=node, state="open", key="k", epoch=epoch, valid_until=1)
    return sign_dsse(kind, encode(status), key, key_id(bytes(KEY.verify_key)))


@pytest.mark.parametrize(
    ("seen", "steps_down"),
    [
        (told(6), True),
        (told(5), False),
        (told(4), False),
        (told(6, node="n2"), False),
        (told(6, key=OTHER), False),
        (told(6, kind=VERDICT_TYPE), False),
        (told(6).replace(b'"sig":"', b'"sig":"A'), False),
        (sign_dsse(STATUS_TYPE, b"{}", KEY, key_id(bytes(KEY.verify_key))), False),
        (encode(StatusReply(node="n1", state="open", key="k", epoch=6, valid_until=1)), False),
        (b"offline", False),
        (b"", False),
    ],
)
def test_only_a_signed_status_of_its_own_makes_a_node_step_down(seen, steps_down):
    assert superseded("n1", 5, seen, RING, 1) is steps_down


def test_a_nodes_epoch_grows_with_every_start(tmp_path):
    epochs = []
    for _ in range(3):
        with running_node(tmp_path) as node:
            epochs.append(node.node.engine.status().epoch)
    assert epochs == sorted(set(epochs))
