"""The writing end: appending, rolling back, starting again."""

import random
import threading

import msgspec
import pytest

from components.audit_system import AuditLog, AuditProblem, Entry, entry, verify
from components.audit_system.log import SPAN
from components.audit_system.merkle import leaf_hash, root_of
from components.canonical import Malformed, canonical, parse
from components.clock import ManualClock
from components.keys import KeyProblem
from storage import open_reader
from tests.audit_system.making import KEY, ORIGIN, OTHER_KEY, VKEY, Home, an_entry


def test_an_empty_log_has_a_signed_head_and_verifies(home):
    log = home.open()
    assert (log.head.size, log.head.origin, log.vkey) == (0, ORIGIN, VKEY)
    home.close()
    result = home.verify()
    assert (result.ok, result.entries, result.checkpoint) == (True, 0, "")
    assert result.root == log.head.root


def test_a_receipt_names_the_place_and_hash_of_the_leaf(home):
    log = home.open()
    receipts = home.append(log, *map(an_entry, range(3)))
    home.close()
    for seq, receipt in enumerate(receipts):
        assert receipt.seq == seq
        assert receipt.leaf_hash == leaf_hash(home.leaf(seq)).hex()
    assert log.head.root == root_of(bytes.fromhex(r.leaf_hash) for r in receipts).hex()


def test_a_leaf_is_canonical_and_says_everything(home):
    full = Entry(
        kind="verdict",
        agent="ägent",
        request_id="r1",
        tool="shell",
        digest="d" * 64,
        verdict="deny",
        rule="rm-rf",
        operator="alice",
        policy_version="p1",
        rules=("a", 'b"c'),
        safety=0,
        ethics=1000,
        detail={"ü": 1, "a": [True, None, {"x": "\u202e"}], "score": 0.5},
    )
    home.fill(2, make=lambda number: full if number else Entry(kind="started"))
    first, second = home.leaf(0), home.leaf(1)
    assert canonical(parse(first)) == first
    assert canonical(parse(second)) == second
    assert msgspec.json.decode(first) == {
        "kind": "started",
        "prev": "0" * 64,
        "seq": 0,
        "time": 1_700_000_000_000_000,
        "v": 1,
    }
    told = msgspec.json.decode(second)
    assert told["prev"] == leaf_hash(first).hex()
    assert told["detail"] == full.detail
    assert (told["safety"], told["ethics"]) == (0, 1000)
    reader = open_reader(home.folder)
    assert entry(reader, 1).entry == full
    reader.close()


@pytest.mark.parametrize(
    "spoilt",
    [
        Entry(kind="x", agent="\ud800"),
        Entry(kind="x", detail={"a": "\ud800"}),
        Entry(kind="x", detail={"a": float("nan")}),
        Entry(kind="x", detail={"a": 2**60}),
    ],
)
def test_an_entry_without_a_canonical_form_harms_no_other(home, spoilt):
    log = home.open()
    home.append(log, an_entry(0))
    with pytest.raises(Malformed):
        home.append(log, an_entry(1), spoilt)
    (receipt,) = home.append(log, an_entry(2))
    assert receipt.seq == 1
    home.close()
    assert home.verify().entries == 2


@pytest.mark.fault(16)
def test_fault_16_clock_set_back_is_flagged_and_the_sequence_goes_on(home):
    log = home.open()
    home.append(log, an_entry(0))
    home.clock.set_wall(home.clock.now() - 3_600_000_000)
    receipts = home.append(log, an_entry(1), an_entry(2))
    assert [receipt.seq for receipt in receipts] == [1, 2]
    home.close()
    home.clock.set_wall(1_000_000)  # and again while nothing ran
    home.append(home.open(), an_entry(3))
    home.close()
    reader = open_reader(home.folder)
    found = [entry(reader, seq) for seq in range(4)]
    reader.close()
    assert [e.clock_back for e in found] == [False, True, False, True]
    assert home.verify().ok


def _state(log: AuditLog) -> tuple[object, ...]:
    return (
        log._frontier.size,
        tuple(log._frontier.nodes),
        log._prev,
        log._time,
        log.head,
        log._sealed,
    )


def test_what_is_rolled_back_leaves_no_trace(home):
    log = home.open()
    for round_number in range(40):
        home.append(log, *map(an_entry, range(round_number % 7 + 1)))
        before = _state(log)

        def fails(tx, count=round_number * 13 % 300):
            for number in range(count):
                log.append(tx, an_entry(number))
            raise RuntimeError("no")

        home.clock.advance(1)
        with pytest.raises(RuntimeError):
            home.store.writer.run(fails)
        assert _state(log) == before
    home.close()
    assert home.verify().ok


def test_of_jobs_queued_together_only_the_guilty_one_fails(home):
    log = home.open()
    held, outcome = threading.Event(), []
    home.store.writer.submit(lambda tx: held.wait(), lambda result, error: None)

    def job(number):
        def run(tx):
            receipt = log.append(tx, an_entry(number))
            if number % 3 == 0:
                raise ValueError(number)
            return receipt

        return run

    done = threading.Event()
    for number in range(10):
        home.store.writer.submit(job(number), lambda result, error: outcome.append((result, error)))
    home.store.writer.submit(lambda tx: None, lambda result, error: done.set())
    held.set()
    assert done.wait(30)
    assert [r.seq for r, e in outcome if e is None] == list(range(6))
    assert [e.args[0] for r, e in outcome if e is not None] == [0, 3, 6, 9]
    assert log.head.size == 6
    home.close()
    assert home.verify().ok


def test_a_transaction_without_entries_signs_nothing(home):
    log = home.open()
    home.append(log, an_entry(0))
    head = log.head
    home.store.writer.run(lambda tx: tx.execute("INSERT INTO meta VALUES ('a', 'b')"))
    assert log.head is head
    home.close()
    assert home.sql("SELECT count(*) FROM checkpoints") == [(1,)]


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 600])
def test_a_log_goes_on_where_it_ended(home, size):
    home.fill(size, batch=97)
    log = home.open()
    before = log.head
    assert before.size == size
    assert log._frontier.root().hex() == before.root
    home.append(log, an_entry(size))
    home.close()
    result = home.verify(against=before.note)
    assert (result.ok, result.entries) == (True, size + 1)


def test_a_long_log_with_a_tile_of_the_second_level_goes_on(home):
    home.fill(65_536 + 300, batch=8192, make=lambda number: Entry(kind="x"))
    assert home.sql("SELECT level, count(*) FROM merkle_tiles GROUP BY level") == [
        (8, 257),
        (16, 1),
    ]
    log = home.open()
    assert log._frontier.root().hex() == log.head.root
    home.append(log, an_entry(1))
    home.close()
    assert home.verify().ok
    home.sql("UPDATE merkle_tiles SET hash = zeroblob(32) WHERE level = 16")
    result = home.verify()
    assert (result.ok, result.first_bad) == (False, 0)
    assert "entries 0 to 65535" in result.why
    with pytest.raises(AuditProblem, match="not those that were signed"):
        home.open()


def test_checkpoints_are_thinned_out_but_the_newest_two_and_one_a_span_stay(home):
    notes = home.fill(SPAN * 2 + 700, batch=500)
    sizes = [size for (size,) in home.sql("SELECT size FROM checkpoints ORDER BY size")]
    assert sizes == [4000, 8000, 8500, 8892]
    for note in notes:
        assert home.verify(against=note).ok


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("DELETE FROM audit_entries WHERE seq = 699", "newest checkpoint 700"),
        ("DELETE FROM checkpoints", "no checkpoint"),
        ("DELETE FROM checkpoints WHERE size = 700", "newest checkpoint 650"),
        ("UPDATE checkpoints SET note = 'x'", "blank line"),
        ("UPDATE checkpoints SET note = replace(note, 'node-1', 'node-2')", "of the log 'node-2'"),
        ("UPDATE merkle_tiles SET hash = zeroblob(32) WHERE position = 0", "not those"),
        ("DELETE FROM merkle_tiles WHERE position = 1", "not complete"),
        ("DELETE FROM audit_entries WHERE seq = 650", "not complete"),
        ("UPDATE audit_entries SET leaf = leaf || ' ' WHERE seq = 690", "not those"),
    ],
)
def test_a_log_that_was_tampered_with_is_not_extended(filled, statement, why):
    filled.sql(statement)
    with pytest.raises(AuditProblem, match=why):
        filled.open()


def test_another_key_or_origin_does_not_extend_a_log(filled):
    with pytest.raises(AuditProblem, match="not signed by the known key"):
        filled.open(OTHER_KEY)
    with pytest.raises(AuditProblem, match="not of 'node-2'"):
        filled.open(KEY, "node-2")
    with pytest.raises(KeyProblem):
        filled.open(KEY, "node 1")


@pytest.mark.fault(20)
def test_fault_20_reload_verifies_and_takes_up_what_the_disk_kept(filled):
    """After a failed sync nobody knows whether the last transaction is on the disk."""
    log = filled.open()
    writer = filled.store.writer
    before = log.head
    # The transaction reached the disk, but the node was told that it had failed.
    log.begin()
    undo, head = log._undo, log._before
    filled.append(log, an_entry(700))
    log._undo, log._before = undo, head
    log.rolled_back()
    log._head = before
    writer.freeze("a sync failed")
    writer.thaw(log.reload)
    assert log.head.size == 701
    (receipt,) = filled.append(log, an_entry(701))
    assert receipt.seq == 701
    filled.close()
    assert filled.verify(against=before.note).ok


def test_reload_refuses_a_log_that_does_not_hold(filled):
    filled.sql("UPDATE audit_entries SET leaf = replace(leaf, 'shell', 'sh') WHERE seq = 6")
    log = filled.open()
    filled.store.writer.freeze("a sync failed")
    with pytest.raises(AuditProblem, match="entry 6 was altered"):
        filled.store.writer.thaw(log.reload)
    assert filled.store.writer.frozen


def test_a_log_can_be_verified_while_it_grows(home):
    log = home.open()
    home.append(log, *map(an_entry, range(600)))
    stop = threading.Event()

    def write():
        while not stop.is_set():
            home.append(log, *map(an_entry, range(20)))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        sizes = []
        for _ in range(15):
            reader = open_reader(home.folder)
            kept = log.head.note
            result = verify(reader, VKEY, None)
            assert result.ok, result.why
            assert verify(reader, VKEY, kept).ok
            reader.close()
            sizes.append(result.entries)
    finally:
        stop.set()
        thread.join()
    assert sizes == sorted(sizes)


def test_random_histories_of_commits_and_failures_always_verify(tmp_path):
    dice = random.Random(7)
    home = Home(tmp_path / "home")
    home.clock = ManualClock()
    kept = []
    for _ in range(6):
        log = home.open()
        for _ in range(dice.randrange(8)):
            count, fail = dice.randrange(1, 120), dice.random() < 0.3

            def job(tx, log=log, count=count, fail=fail):
                for number in range(count):
                    log.append(tx, an_entry(number))
                if fail:
                    raise RuntimeError

            try:
                home.store.writer.run(job)
            except RuntimeError:
                continue
            kept.append(log.head.note)
        home.close()
        assert home.verify().ok
    for note in kept:
        assert home.verify(against=note).ok
