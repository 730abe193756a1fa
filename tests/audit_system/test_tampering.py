"""Faults 1 to 9, 14 and 26: whoever tampers with the store is found out, and where."""

import shutil

import msgspec
import pytest

from components.actions import Receipt
from components.audit_system import AuditProblem, BadProof, check_proof, prove
from components.audit_system.checkpoint import seal
from components.audit_system.merkle import leaf_hash
from components.canonical import canonical
from components.keys import verifier_key
from storage import STORE_NAME, StoreError
from tests.audit_system.making import KEY, ORIGIN, OTHER_KEY, VKEY, Home, an_entry


def test_an_untouched_log_holds(filled):
    result = filled.verify()
    assert result.ok
    assert result.entries == 700
    assert result.checkpoint == filled.notes[-1]
    for note in filled.notes:
        assert filled.verify(against=note).ok


@pytest.mark.fault(1)
@pytest.mark.parametrize("seq", [0, 1, 254, 255, 256, 257, 511, 512, 698, 699])
@pytest.mark.parametrize("bit", [0, 7])
def test_fault_01_flipped_bit_in_a_leaf_is_named(filled, seq, bit):
    leaf = bytearray(filled.leaf(seq))
    leaf[len(leaf) // 2] ^= 1 << bit
    filled.sql("UPDATE audit_entries SET leaf = CAST(? AS TEXT) WHERE seq = ?", (bytes(leaf), seq))
    result = filled.verify()
    assert not result.ok
    assert result.first_bad == seq
    assert f"entry {seq} was altered" in result.why


@pytest.mark.fault(1)
@pytest.mark.parametrize("seq", [0, 255, 256, 699])
def test_fault_01_flipped_bit_in_a_leaf_hash_is_named(filled, seq):
    digest = bytearray(leaf_hash(filled.leaf(seq)))
    digest[31] ^= 1
    filled.sql("UPDATE audit_entries SET leaf_hash = ? WHERE seq = ?", (bytes(digest), seq))
    result = filled.verify()
    assert (result.ok, result.first_bad) == (False, seq)


def test_a_row_before_the_first_is_found(filled):
    filled.sql("INSERT INTO audit_entries (seq, leaf, leaf_hash) "
               "SELECT -1, leaf, leaf_hash FROM audit_entries WHERE seq = 5", ())  # fmt: skip
    result = filled.verify()
    assert not result.ok
    assert "before the log's first entry" in result.why


@pytest.mark.fault(1)
def test_fault_01_every_bit_of_a_leaf_counts(home):
    home.fill(3, batch=1)
    leaf = home.leaf(1)
    for at in range(0, len(leaf) * 8, 13):
        flipped = bytearray(leaf)
        flipped[at // 8] ^= 1 << at % 8
        home.sql("UPDATE audit_entries SET leaf = CAST(? AS TEXT) WHERE seq = 1", (bytes(flipped),))
        result = home.verify()
        assert (result.ok, result.first_bad) == (False, 1)


@pytest.mark.fault(2)
@pytest.mark.parametrize("seq", [0, 1, 255, 256, 400, 698])
def test_fault_02_deleted_row_is_named(filled, seq):
    filled.sql("DELETE FROM audit_entries WHERE seq = ?", (seq,))
    result = filled.verify()
    assert (result.ok, result.first_bad) == (False, seq)
    assert f"entry {seq} is missing" in result.why


@pytest.mark.fault(2)
def test_fault_02_deleted_row_with_the_others_moved_up_is_named(filled):
    filled.sql("DELETE FROM audit_entries WHERE seq = 300")
    filled.sql("UPDATE audit_entries SET seq = -seq WHERE seq > 300")
    filled.sql("UPDATE audit_entries SET seq = -seq - 1 WHERE seq < 0")
    result = filled.verify()
    assert (result.ok, result.first_bad) == (False, 300)
    assert "in the place of entry 300 stands entry 301" in result.why


@pytest.mark.fault(3)
@pytest.mark.parametrize(("one", "other"), [(0, 1), (10, 11), (100, 600), (255, 256), (698, 699)])
def test_fault_03_swapped_rows_are_named(filled, one, other):
    filled.sql("UPDATE audit_entries SET seq = -1 WHERE seq = ?", (one,))
    filled.sql("UPDATE audit_entries SET seq = ? WHERE seq = ?", (one, other))
    filled.sql("UPDATE audit_entries SET seq = ? WHERE seq = -1", (other,))
    result = filled.verify()
    assert (result.ok, result.first_bad) == (False, one)
    assert f"in the place of entry {one} stands entry {other}" in result.why


@pytest.mark.fault(4)
def test_fault_04_cut_tail_fails_against_a_checkpoint_kept_elsewhere(filled):
    kept = filled.notes[-1]
    # Cut so well that the store itself looks whole: an earlier checkpoint is put back.
    filled.sql("DELETE FROM audit_entries WHERE seq >= 650")
    filled.sql("DELETE FROM checkpoints WHERE size > 650")
    filled.sql("INSERT OR REPLACE INTO checkpoints VALUES (650, ?)", (filled.notes[-2],))
    assert filled.verify().ok
    result = filled.verify(against=kept)
    assert (result.ok, result.first_bad) == (False, 650)
    assert "was cut" in result.why


@pytest.mark.fault(4)
def test_fault_04_tail_cut_without_the_checkpoints_is_named(filled):
    filled.sql("DELETE FROM audit_entries WHERE seq >= 650")
    result = filled.verify()
    assert (result.ok, result.first_bad) == (False, 650)
    assert "was cut" in result.why


@pytest.mark.fault(4)
def test_fault_04_emptied_log_is_named(filled):
    kept = filled.notes[0]
    for table in ("audit_entries", "merkle_tiles"):
        filled.sql(f"DELETE FROM {table}")
    assert filled.verify().first_bad == 0
    filled.sql("DELETE FROM checkpoints")
    assert filled.verify().ok  # as good as new: only a checkpoint kept elsewhere knows
    result = filled.verify(against=kept)
    assert (result.ok, result.first_bad) == (False, 0)


@pytest.mark.fault(5)
def test_fault_05_rewritten_with_another_key_is_an_unknown_signer(filled):
    filled.forge(100, tool="harmless")
    filled.reseal(OTHER_KEY)
    assert filled.verify(verifier_key(ORIGIN, OTHER_KEY)).ok  # internally it holds
    result = filled.verify()
    assert not result.ok
    assert "not signed by the known key" in result.why


@pytest.mark.fault(6)
def test_fault_06_rewritten_with_the_same_key_is_not_consistent_with_an_older_checkpoint(filled):
    kept = filled.notes[4]
    filled.forge(100, tool="harmless")
    filled.reseal()
    assert filled.verify().ok
    assert filled.verify(against=filled.notes[1]).ok  # of 100 entries, before the forgery
    result = filled.verify(against=kept)
    assert not result.ok
    assert "not those that the checkpoint kept elsewhere was signed for" in result.why


@pytest.mark.fault(7)
@pytest.mark.parametrize("seq", [0, 100, 255, 256, 698])
def test_fault_07_leaf_rewritten_with_its_hash_is_named(filled, seq):
    members = msgspec.json.decode(filled.leaf(seq)) | {"tool": "harmless"}
    filled.rewrite(seq, canonical(members))
    result = filled.verify()
    assert (result.ok, result.first_bad) == (False, seq)


@pytest.mark.fault(7)
@pytest.mark.parametrize("seq", [1, 100, 256, 698])
def test_fault_07_leaf_chained_elsewhere_is_named(filled, seq):
    members = msgspec.json.decode(filled.leaf(seq)) | {"prev": "1" * 64}
    filled.rewrite(seq, canonical(members))
    result = filled.verify()
    assert (result.ok, result.first_bad) == (False, seq)


@pytest.mark.fault(7)
def test_fault_07_chain_valid_but_other_leaves_than_signed(home):
    home.fill(300, batch=1)
    home.forge(290, tool="harmless")
    result = home.verify()
    assert not result.ok
    # Nothing within a chain that is sound says where it was forged: 256 is the last entry of
    # which the tiles still knew, and no checkpoint in between was kept.
    assert result.first_bad <= 290
    assert "not all" in result.why


@pytest.mark.fault(7)
def test_fault_07_last_entry_rewritten_is_named(home):
    home.fill(10, batch=1)
    home.forge(9, tool="harmless")
    result = home.verify()
    assert (result.ok, result.first_bad) == (False, 9)


@pytest.mark.fault(7)
def test_fault_07_tile_that_differs_from_its_leaves_is_named(filled):
    filled.sql("UPDATE merkle_tiles SET hash = zeroblob(32) WHERE level = 8 AND position = 1")
    result = filled.verify()
    assert (result.ok, result.first_bad) == (False, 256)
    assert "entries 256 to 511" in result.why


@pytest.mark.fault(7)
def test_fault_07_tile_missing_or_one_too_many_is_told(filled):
    filled.sql("INSERT INTO merkle_tiles VALUES (8, 2, zeroblob(32))")
    assert "3 tree hashes are stored where 2 belong" in filled.verify().why
    filled.sql("DELETE FROM merkle_tiles WHERE position = 0")
    result = filled.verify()
    assert (result.first_bad, "is missing" in result.why) == (0, True)


@pytest.mark.fault(7)
def test_fault_07_forged_chain_is_narrowed_by_the_tiles(filled):
    filled.sql("DELETE FROM checkpoints WHERE size < 700")
    filled.forge(300, tool="harmless")
    result = filled.verify()
    assert (result.ok, result.first_bad) == (False, 256)


@pytest.mark.fault(7)
def test_fault_07_a_seq_that_the_detail_imitates_is_still_checked(home):
    home.fill(4, batch=4)
    members = msgspec.json.decode(home.leaf(3))
    members["detail"] = {"a": 1, "seq": 3, "time": members["time"]}
    members["seq"] = 2
    home.rewrite(3, canonical(members))
    home.reseal()
    result = home.verify()
    assert (result.ok, result.first_bad) == (False, 3)
    assert "in the place of entry 3 stands entry 2" in result.why


@pytest.mark.fault(8)
def test_fault_08_proof_of_another_entry_is_refused(filled, reader):
    proved = [check_proof(prove(reader, seq), VKEY).entry for seq in (10, 11)]
    ten, eleven = (Receipt(found.seq, found.leaf_hash) for found in proved)
    assert check_proof(prove(reader, 10), VKEY, ten).entry.seq == 10
    with pytest.raises(BadProof, match="of entry 10, the receipt of entry 11"):
        check_proof(prove(reader, 10), VKEY, eleven)
    with pytest.raises(BadProof):
        check_proof(prove(reader, 10), VKEY, Receipt(10, eleven.leaf_hash))


@pytest.mark.fault(9)
def test_fault_09_swapped_origin_is_refused(filled):
    stranger = verifier_key("node-2", KEY)
    assert "of the log 'node-1', not of 'node-2'" in filled.verify(stranger).why
    swapped = filled.notes[-1].replace("node-1", "node-2")
    assert not filled.verify(against=swapped).ok
    filled.reseal(KEY, "node-2")
    result = filled.verify()
    assert not result.ok
    assert "of the log 'node-2', not of 'node-1'" in result.why


@pytest.mark.fault(26)
def test_fault_26_removed_wal_is_caught_by_a_checkpoint_kept_elsewhere(home, tmp_path):
    home.fill(100)
    log = home.open()
    home.append(log, *map(an_entry, range(100, 120)))
    kept = log.head.note
    # The node is killed, and before it starts again its write-ahead log is removed.
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(home.folder / STORE_NAME, copy / STORE_NAME)
    assert (home.folder / f"{STORE_NAME}-wal").stat().st_size
    after = Home(copy)
    result = after.verify()
    assert result.ok
    assert result.entries == 100
    result = after.verify(against=kept)
    assert (result.ok, result.first_bad) == (False, 100)


def test_entries_without_a_checkpoint_are_named(filled):
    filled.sql("DELETE FROM checkpoints WHERE size = 700")
    result = filled.verify()
    assert (result.ok, result.first_bad) == (False, 650)
    filled.sql("DELETE FROM checkpoints")
    assert filled.verify().first_bad == 0


def test_a_checkpoint_that_is_none_or_in_anothers_place_is_told(filled):
    filled.sql("UPDATE checkpoints SET note = 'nonsense' WHERE size = 700")
    assert "stored checkpoint of size 700" in filled.verify().why
    filled.sql("UPDATE checkpoints SET note = ? WHERE size = 700", (filled.notes[3],))
    assert "of size 200 is stored as of 700" in filled.verify().why
    filled.sql("UPDATE checkpoints SET note = CAST(x'ff' AS TEXT) WHERE size = 700")
    assert not filled.verify().ok


def test_against_a_checkpoint_that_is_none_or_a_strangers(filled):
    assert "kept elsewhere: no blank line" in filled.verify(against="nonsense").why
    strange = seal(ORIGIN, 700, bytes(32), OTHER_KEY).note
    assert "not signed by the known key" in filled.verify(against=strange).why


def test_every_log_continues_the_empty_one(home):
    empty = home.open().head.note
    home.close()
    assert home.verify(against=empty).ok
    home.fill(3)
    assert home.verify(against=empty).ok
    strange = seal(ORIGIN, 0, bytes(32), KEY).note
    assert not home.verify(against=strange).ok


def test_without_a_key_all_but_the_signatures_is_checked(filled):
    assert filled.verify(None).ok
    filled.reseal(OTHER_KEY)
    assert filled.verify(None).ok
    filled.sql("DELETE FROM audit_entries WHERE seq = 3")
    assert filled.verify(None).first_bad == 3


@pytest.mark.fault(1)
def test_fault_01_whatever_page_is_overwritten_there_is_an_answer(filled):
    path = filled.folder / STORE_NAME
    whole = path.read_bytes()
    kept = filled.notes[-1]
    size = 4096
    told = 0
    for page in range(len(whole) // size):
        spoilt = bytearray(whole)
        spoilt[page * size : (page + 1) * size] = bytes(range(256)) * (size // 256)
        path.write_bytes(spoilt)
        try:
            result = filled.verify(against=kept)
        except StoreError:  # the first page: it cannot even be opened
            told += 1
            continue
        told += not result.ok
        assert result.ok or result.why
    assert told > len(whole) // size // 2


@pytest.mark.fault(14)
def test_fault_14_head_never_goes_back(filled):
    log = filled.open()
    head = log.head
    assert head.size == 700

    def fails(tx):
        log.append(tx, an_entry(1))
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        filled.store.writer.run(fails)
    assert log.head is head
    (receipt,) = filled.append(log, an_entry(1))
    assert receipt.seq == 700
    assert log.head.size == 701
    filled.close()
    assert filled.verify(against=head.note).ok


@pytest.mark.fault(14)
def test_fault_14_log_that_lost_its_head_is_not_taken_up_again(filled):
    log = filled.open()
    head = log.head
    filled.close()
    filled.sql("DELETE FROM audit_entries WHERE seq >= 650")
    filled.sql("DELETE FROM checkpoints WHERE size > 650")
    with pytest.raises(AuditProblem, match="was cut"):
        _reload(filled, log)
    assert log.head is head


def _reload(home, log):
    log._store = home.store  # the store was closed to tamper with it
    log.reload()
