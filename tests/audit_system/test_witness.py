"""A witness over real logs: growth is cosigned; rollbacks, forks and rewritten logs are caught."""

import contextlib
import itertools
import json
import threading

import pytest
from nacl.signing import SigningKey

from components.audit_system import (
    AuditProblem,
    Consistency,
    Cosigned,
    Forked,
    MalformedNote,
    Stale,
    UnknownSigner,
    Witness,
    conflicts,
    cosignatures,
    newest_from,
    parse_consistency,
    read_checkpoint,
)
from components.audit_system.checkpoint import seal
from components.audit_system.merkle import consistency_ranges, prove
from components.audit_system.stored import StoredTree
from components.clock import ManualClock
from components.keys import KeyProblem, parse_verifier_key, verifier_key
from storage import open_reader
from tests.audit_system.making import KEY, ORIGIN, OTHER_KEY, VKEY, Home

WITNESS = SigningKey(b"w" * 32)


@pytest.fixture
def witness(tmp_path):
    return a_witness(tmp_path)


def a_witness(tmp_path):
    """Another each time, as after a restart: all it knows is in the folder."""
    return Witness(tmp_path / "witness", "w1", WITNESS, ManualClock())


def grow(home, count=30, **more):
    """Let a log grow; its newest checkpoint and the proof since `old` entries."""
    old = more.pop("since", 0)
    home.fill(count, **more)
    return newest(home, old)


def newest(home, old):
    reader = open_reader(home.folder)
    try:
        checkpoint, proof = newest_from(reader, old)
    finally:
        reader.close()
    return checkpoint.note, proof


def test_what_grows_is_cosigned_and_remembered(tmp_path, home):
    known = a_witness(tmp_path).key
    size = 0
    for _ in range(4):
        note, proof = grow(home, since=size)
        witness = a_witness(tmp_path)
        assert witness.size(ORIGIN) == size
        cosigned = witness.cosign(note, VKEY, parse_consistency(str(proof)))
        (found,) = cosignatures(cosigned, [known])
        assert found.time == ManualClock().now() // 1_000_000
        size = read_checkpoint(note).size
    assert a_witness(tmp_path).size(ORIGIN) == 120
    assert conflicts(tmp_path / "witness") == ()


def test_the_same_checkpoint_is_cosigned_again(witness, home):
    note, proof = grow(home)
    assert witness.cosign(note, VKEY, proof) == witness.cosign(note, VKEY)


def test_a_proof_from_elsewhere_is_refused_and_says_where_to_begin(witness, home):
    witness.cosign(*swapped(grow(home)))
    note, proof = grow(home, since=10)
    for wrong in (proof, Consistency()):
        with pytest.raises(Stale, match="begin at 30") as refused:
            witness.cosign(note, VKEY, wrong)
        assert refused.value.size == 30
    witness.cosign(*swapped(newest(home, 30)))


def swapped(found):
    note, proof = found
    return note, VKEY, proof


def test_the_first_checkpoint_needs_no_proof(witness, home):
    note, _ = grow(home)
    with pytest.raises(Stale):
        witness.cosign(note, VKEY, Consistency(10, (bytes(32),)))
    assert witness.size(ORIGIN) == 0


@pytest.mark.fault(14)
def test_fault_14_a_log_that_was_rolled_back_is_caught(tmp_path, witness, home):
    """Its backup was put back, and it went on from there."""
    other = Home(tmp_path / "copy")
    for one in (home, other):
        one.fill(20)
    witness.cosign(*swapped(grow(home, 30)))
    note, proof = grow(other, 10, since=20)
    with pytest.raises(Forked, match="30 entries"):
        witness.cosign(note, VKEY, proof)
    note, proof = grow(other, 40, since=50)
    with pytest.raises(Forked, match="70 entries that do not continue the 50"):
        witness.cosign(note, VKEY, proof)
    assert witness.size(ORIGIN) == 50
    (caught,) = conflicts(tmp_path / "witness")
    assert (caught.origin, "30 entries" in caught.why) == (ORIGIN, True)
    kept = json.loads(caught.file.read_text())
    assert read_checkpoint(kept["note"]).size == 30
    other.close()


@pytest.mark.fault(14)
def test_fault_14_of_checkpoints_raced_none_takes_the_witness_back(tmp_path, home):
    notes = [grow(home, 5)[0] for _ in range(12)]
    sizes = [read_checkpoint(note).size for note in notes]
    proofs = {}
    reader = open_reader(home.folder)
    for old, new in itertools.pairwise(sizes):
        hashes = prove(consistency_ranges(old, new), StoredTree(reader).root)
        proofs[new] = Consistency(old, tuple(hashes))
    reader.close()
    a_witness(tmp_path).cosign(notes[0], VKEY)

    def offer():
        for note in notes[1:]:
            with contextlib.suppress(Stale):
                a_witness(tmp_path).cosign(note, VKEY, proofs[read_checkpoint(note).size])

    threads = [threading.Thread(target=offer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert a_witness(tmp_path).size(ORIGIN) == sizes[-1]
    assert conflicts(tmp_path / "witness") == ()


def test_one_that_was_cosigned_before_is_refused_but_no_fork(tmp_path, witness, home):
    early, proof = grow(home)
    witness.cosign(early, VKEY, proof)
    witness.cosign(*swapped(grow(home, since=30)))
    with pytest.raises(Stale, match="60 entries already") as refused:
        witness.cosign(early, VKEY)
    assert refused.value.size == 60
    assert conflicts(tmp_path / "witness") == ()


def test_a_rewritten_log_is_caught_though_its_own_key_signed_it(tmp_path, witness, home):
    witness.cosign(*swapped(grow(home)))
    home.fill(30)
    home.forge(10, tool="harmless")
    home.reseal()
    note, proof = newest(home, 30)
    with pytest.raises(Forked, match="do not continue"):
        witness.cosign(note, VKEY, proof)
    assert [one.origin for one in conflicts(tmp_path / "witness")] == [ORIGIN]


def test_the_same_size_with_another_root_is_caught(tmp_path, witness, home):
    witness.cosign(*swapped(grow(home)))
    with pytest.raises(Forked, match="never seen"):
        witness.cosign(seal(ORIGIN, 30, bytes(32), KEY).note, VKEY)
    assert len(conflicts(tmp_path / "witness")) == 1


def test_what_the_log_did_not_sign_accuses_nobody(tmp_path, witness, home):
    note, proof = grow(home)
    witness.cosign(note, VKEY, proof)
    with pytest.raises(UnknownSigner):
        witness.cosign(seal(ORIGIN, 31, bytes(32), OTHER_KEY).note, VKEY)
    with pytest.raises(UnknownSigner):
        witness.cosign(note.replace("\n30\n", "\n31\n"), VKEY)
    with pytest.raises(UnknownSigner, match="another key"):
        witness.cosign(seal(ORIGIN, 31, bytes(32), OTHER_KEY).note, verifier_key(ORIGIN, OTHER_KEY))
    with pytest.raises(MalformedNote):
        witness.cosign("nonsense", VKEY)
    with pytest.raises(KeyProblem):
        witness.cosign(note, "nonsense")
    assert conflicts(tmp_path / "witness") == ()
    assert witness.size(ORIGIN) == 30


def test_logs_are_remembered_apart(witness, home):
    witness.cosign(*swapped(grow(home)))
    other = seal("far/away", 3, bytes(32), OTHER_KEY).note
    witness.cosign(other, verifier_key("far/away", OTHER_KEY))
    assert (witness.size(ORIGIN), witness.size("far/away")) == (30, 3)


def test_a_damaged_memory_cosigns_nothing(tmp_path, witness, home):
    note, proof = grow(home)
    witness.cosign(note, VKEY, proof)
    (memory,) = (tmp_path / "witness").glob("*.json")
    for content in (b"", b"{", b'{"key":"k","trees":[]}', b'{"key":"k"}'):
        memory.write_bytes(content)
        with pytest.raises(AuditProblem, match="unreadable"):
            witness.cosign(note, VKEY, proof)


@pytest.mark.parametrize(
    "text",
    ["", "old 3", "old 03\n", "new 3\n", "old 3\nAAAA\nx\n", "old 3\n\n", "old 3\n" + "AAAA\n" * 64,
     "old 3\nAA==\r\n", b"\xff\n", "old 3\n" + "A" * 20_000 + "\n"],
)  # fmt: skip
def test_what_is_no_consistency_proof_is_refused(text):
    with pytest.raises(AuditProblem):
        parse_consistency(text)


def test_a_log_keeps_what_its_witnesses_cosigned(tmp_path, witness, home):
    own, known = parse_verifier_key(VKEY), [witness.key]
    kept = Cosigned(tmp_path / "own")
    assert kept.newest() is None
    note, proof = grow(home)
    with pytest.raises(UnknownSigner, match="no witness"):
        kept.add(note, own, known)
    first = witness.cosign(note, VKEY, proof)
    assert kept.add(first, own, known).note == first
    second = witness.cosign(*swapped(grow(home, since=30)))
    assert kept.add(second, own, known).size == 60
    assert kept.add(first, own, known).size == 60
    with pytest.raises(UnknownSigner):
        kept.add(second.replace("\n60\n", "\n61\n"), own, known)
    again = Cosigned(tmp_path / "own").newest()
    assert again is not None
    assert again.note == second
