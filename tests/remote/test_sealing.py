"""What a console believes: the node's key, this operator, this run, and only what is newer."""

import base64
import json
from typing import Any

import pytest
from nacl.signing import SigningKey

from app.remote.sealing import PIECE, Opener, Sealer, Tampered, TooLong
from app.remote.wire import Withdrawn, decode_message, encode
from components.clock import ManualClock
from components.keys import parse_verifier_key, verifier_key

KEY = SigningKey(b"n" * 32)
LONG = Withdrawn("d-1", 'é"\\🎈' * PIECE)


class Pair:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.sealer = self.sealing()
        self.opener = Opener(parse_verifier_key(verifier_key("n", KEY)), "ada", self.clock)
        self.opener.adopt(5, {})

    def sealing(self, node: str = "n", key: SigningKey = KEY, epoch: int = 5) -> Sealer:
        return Sealer(node, key, epoch, self.clock)

    def seal(self, number: int) -> bytes:
        (envelope,) = self.sealer.seal("ada", "item", Withdrawn(f"d-{number}", ""))
        return envelope

    def take(self, envelope: bytes) -> Any:
        text = self.opener.take(self.opener.frame(envelope))
        return text and decode_message(text)


@pytest.fixture
def pair() -> Pair:
    return Pair()


def test_a_long_message_is_cut_within_bounds_and_whole_again(pair: Pair) -> None:
    envelopes = pair.sealer.seal("ada", "item", LONG)
    assert len(envelopes) > 3
    assert max(map(len, envelopes)) <= 256 * 1024
    *first, last = [pair.take(envelope) for envelope in envelopes]
    assert (set(first), last) == ({None}, LONG)


def test_a_missing_part_takes_its_message_with_it_and_no_other(pair: Pair) -> None:
    for missing in range(3):
        envelopes = pair.sealer.seal("ada", "item", LONG)
        del envelopes[missing]
        assert [pair.take(one) for one in envelopes] == [None] * len(envelopes)
        assert pair.take(pair.seal(1)) == Withdrawn("d-1", "")


def test_beyond_all_bounds_is_said(pair: Pair) -> None:
    with pytest.raises(TooLong, match="ask for less"):
        pair.sealer.seal("ada", "item", Withdrawn("d-1", "x" * 101 * PIECE))


def test_older_and_repeated_ones_are_not_shown(pair: Pair) -> None:
    one, two, three = (pair.seal(number) for number in (1, 2, 3))
    assert pair.take(two)
    assert [pair.take(old) for old in (one, two)] == [None, None]
    assert pair.take(three)


def test_numbers_are_counted_for_each_stream(pair: Pair) -> None:
    (result,) = pair.sealer.seal("ada", "result", Withdrawn("r", ""))
    for envelope in (pair.seal(1), pair.seal(2), result):
        assert pair.take(envelope)
    assert pair.sealer.numbers("ada") == {"item": 2, "result": 1, "snapshot": 0}
    assert pair.sealer.numbers("eve") == {"item": 0, "result": 0, "snapshot": 0}


def test_another_run_is_not_listened_to_before_it_is_adopted(pair: Pair) -> None:
    later = pair.sealing(epoch=6)
    envelopes = [later.seal("ada", "item", Withdrawn(f"d-{n}", ""))[0] for n in range(3)]
    assert pair.take(envelopes[0]) is None
    pair.opener.adopt(6, {"item": 2})
    assert [pair.take(one) for one in envelopes] == [None, None, Withdrawn("d-2", "")]
    assert pair.take(pair.seal(9)) is None


def test_what_is_not_the_nodes_to_this_operator_now_is_not_believed(pair: Pair) -> None:
    message = Withdrawn("d-1", "")
    strangers = [
        pair.sealing(key=SigningKey.generate()).seal("ada", "item", message),
        pair.sealing(node="m").seal("ada", "item", message),
        pair.sealer.seal("eve", "item", message),
    ]
    for (envelope,) in strangers:
        with pytest.raises(Tampered):
            pair.opener.frame(envelope)
    envelope = pair.seal(1)
    pair.clock.advance(61)
    with pytest.raises(Tampered, match="61 s from ours"):
        pair.opener.frame(envelope)


def test_no_changed_byte_passes(pair: Pair) -> None:
    envelope = json.loads(pair.seal(1))
    body = json.loads(base64.b64decode(envelope["payload"]))
    for name, value in {**body, "number": 9, "time": 1, "piece": "{}", "epoch": 6}.items():
        changed = body | {name: value if value != body[name] else "other"}
        envelope["payload"] = base64.b64encode(encode(changed)).decode()
        with pytest.raises(Tampered):
            pair.opener.frame(encode(envelope))
