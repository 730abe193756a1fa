import msgspec
import pytest

from components.audit_system import (
    AuditProblem,
    BadProof,
    MalformedNote,
    UnknownSigner,
    check_proof,
    prove,
)
from components.audit_system.checkpoint import seal
from components.audit_system.merkle import Frontier, leaf_hash, node_hash, root_of
from components.keys import KeyProblem, verifier_key
from components.keys.encoding import encode
from storage import open_reader
from tests.audit_system.making import KEY, ORIGIN, OTHER_KEY, VKEY, an_entry


def _proof(leaf: bytes, index: int, hashes: list[bytes], note: str) -> str:
    lines = ["c2sp.org/tlog-proof@v1", f"extra {encode(leaf)}", f"index {index}"]
    return "\n".join([*lines, *map(encode, hashes)]) + "\n\n" + note


@pytest.mark.parametrize("seq", [0, 1, 255, 256, 257, 511, 512, 650, 699])
def test_a_proof_shows_the_entry_without_the_store(reader, seq):
    text = prove(reader, seq)
    proved = check_proof(text, VKEY)
    assert proved.entry.seq == seq
    assert proved.entry.entry == an_entry(seq)
    assert proved.checkpoint.size == 700
    assert check_proof(text.encode(), VKEY) == proved


def test_every_entry_of_logs_of_every_small_size_can_be_proved(home):
    for _ in range(20):
        home.fill(1)
        reader = open_reader(home.folder)
        size = reader.execute("SELECT count(*) FROM audit_entries").fetchone()[0]
        for seq in range(size):
            assert check_proof(prove(reader, seq), VKEY).entry.seq == seq
        reader.close()


def test_the_text_is_that_of_tlog_proof(reader):
    lines = prove(reader, 5).split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1].startswith("extra ")
    assert lines[2] == "index 5"
    blank = lines.index("")
    assert blank == 3 + 10  # the way from one of 700 leaves to the root
    assert lines[blank + 1 : blank + 3] == [ORIGIN, "700"]


def test_there_is_no_proof_of_what_is_not_there(home, reader):
    for seq in (-1, 700, 2**70):
        with pytest.raises(AuditProblem, match="there is no entry"):
            prove(reader, seq)
    home.open()
    home.close()
    empty = open_reader(home.folder)
    with pytest.raises(AuditProblem, match="the log is empty"):
        prove(empty, 0)
    empty.close()


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE audit_entries SET leaf = replace(leaf, 'sql', 'sh') WHERE seq = 5", "not what"),
        ("DELETE FROM audit_entries WHERE seq = 5", "is missing"),
        ("DELETE FROM audit_entries WHERE seq = 6", "not complete"),
        ("UPDATE merkle_tiles SET hash = zeroblob(32)", "not what"),
        ("DELETE FROM checkpoints", "empty"),
    ],
)
def test_nothing_is_proved_from_a_store_that_does_not_hold(filled, statement, why):
    filled.sql(statement)
    reader = open_reader(filled.folder)
    with pytest.raises(AuditProblem, match=why):
        prove(reader, 5)
    reader.close()


def test_a_proof_of_another_log_or_key_is_refused(reader):
    text = prove(reader, 5)
    with pytest.raises(UnknownSigner):
        check_proof(text, verifier_key(ORIGIN, OTHER_KEY))
    with pytest.raises(UnknownSigner):
        check_proof(text, verifier_key("node-2", KEY))
    with pytest.raises(KeyProblem):
        check_proof(text, "nonsense")


@pytest.mark.fault(11)
def test_fault_11_over_63_hashes_are_refused(reader):
    head, note = prove(reader, 5).split("\n\n", 1)
    lines = head.split("\n")
    for count in (64, 1000):
        padded = "\n".join([*lines[:3], *([lines[3]] * count)]) + "\n\n" + note
        with pytest.raises(BadProof, match="no log needs over 63"):
            check_proof(padded, VKEY)
    padded = "\n".join([*lines, lines[3]]) + "\n\n" + note
    with pytest.raises(BadProof, match="does not show"):
        check_proof(padded, VKEY)


@pytest.mark.fault(11)
@pytest.mark.parametrize("tail", ["x", "\n", "x\n", "\x00", " ", "\r\n", "— a b\n\n"])
def test_fault_11_trailing_bytes_are_refused(reader, tail):
    with pytest.raises(AuditProblem):
        check_proof(prove(reader, 5) + tail, VKEY)


@pytest.mark.fault(11)
def test_fault_11_every_changed_character_is_refused(reader):
    text = prove(reader, 5)
    for at in range(0, len(text), 3):
        swapped = "B" if text[at] == "A" else "A"
        changed = text[:at] + swapped + text[at + 1 :]
        with pytest.raises((AuditProblem, KeyProblem)):
            check_proof(changed, VKEY)
        with pytest.raises((AuditProblem, KeyProblem)):
            check_proof(text[:at] + text[at + 1 :], VKEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        b"\xff",
        "c2sp.org/tlog-proof@v1\n",
        "c2sp.org/tlog-proof@v1\nindex 1\n\nnote",
        "c2sp.org/tlog-proof@v2\nextra AA==\nindex 1\n\nnote",
        "c2sp.org/tlog-proof@v1\nextra AA==\nindex 01\n\nnote",
        "c2sp.org/tlog-proof@v1\nextra AA==\nindex -1\n\nnote",
        "c2sp.org/tlog-proof@v1\nextra AA=\nindex 1\n\nnote",
        "c2sp.org/tlog-proof@v1\nextra AA==\nindex 1\n\r\n\r\nnote",
        "c2sp.org/tlog-proof@v1\n" + "A" * 5_000_000,
    ],
)
def test_what_is_no_proof_is_refused(text):
    with pytest.raises(BadProof):
        check_proof(text, VKEY)


def test_a_proof_without_a_checkpoint_is_refused(reader):
    head = prove(reader, 5).split("\n\n", 1)[0]
    with pytest.raises(MalformedNote):
        check_proof(head + "\n\nnote", VKEY)


@pytest.mark.fault(12)
def test_fault_12_inner_node_is_not_proved_as_an_entry(home):
    home.fill(4)
    hashes = [leaf_hash(leaf) for leaf in home.leaves()]
    left, right = node_hash(hashes[0], hashes[1]), node_hash(hashes[2], hashes[3])
    # A checkpoint of size 2 with the root of 4: the node above entries 0 and 1 would be its leaf.
    note = seal(ORIGIN, 2, node_hash(left, right), KEY).note
    for data in (hashes[0] + hashes[1], b"\x01" + hashes[0] + hashes[1], left):
        with pytest.raises(BadProof, match="does not show"):
            check_proof(_proof(data, 0, [right], note), VKEY)


def test_a_signed_leaf_that_is_no_entry_or_calls_itself_another_is_refused():
    for leaf, why in ((b"{}", "not of version"), (b"text", "cannot be read")):
        note = seal(ORIGIN, 1, leaf_hash(leaf), KEY).note
        with pytest.raises(AuditProblem, match=why):
            check_proof(_proof(leaf, 0, [], note), VKEY)
    members = {"kind": "x", "prev": "0" * 64, "seq": 1, "time": 1, "v": 1}
    leaf = msgspec.json.encode(members)
    note = seal(ORIGIN, 1, leaf_hash(leaf), KEY).note
    with pytest.raises(BadProof, match="calls itself 1, but stands at 0"):
        check_proof(_proof(leaf, 0, [], note), VKEY)


def test_a_proof_of_a_log_as_long_as_logs_can_be_has_63_hashes():
    members = {"kind": "x", "prev": "0" * 64, "seq": 0, "time": 1, "v": 1}
    leaf = msgspec.json.encode(members)
    siblings = [bytes([number]) * 32 for number in range(62)]
    root = leaf_hash(leaf)
    for sibling in siblings:
        root = node_hash(root, sibling)
    note = seal(ORIGIN, 2**62, root, KEY).note
    assert check_proof(_proof(leaf, 0, siblings, note), VKEY).checkpoint.size == 2**62


def test_a_frontier_started_midway_gives_the_same_root():
    hashes = [leaf_hash(bytes([number])) for number in range(11)]
    start = Frontier()
    for node in hashes[:6]:
        start.add(node)
    assert root_of(hashes[6:], start) == root_of(hashes)
    assert start.size == 6
