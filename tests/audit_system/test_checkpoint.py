import pytest

from components.audit_system import (
    AuditProblem,
    MalformedNote,
    UnknownSigner,
    check_consistency,
    consistency_proof,
    open_checkpoint,
    read_checkpoint,
)
from components.audit_system.checkpoint import seal
from components.keys import note_key_id, parse_verifier_key
from components.keys.encoding import encode
from tests.audit_system.making import KEY, ORIGIN, OTHER_KEY, VKEY

KNOWN = parse_verifier_key(VKEY)
ROOT = bytes(range(32))
GOOD = seal(ORIGIN, 42, ROOT, KEY).note
TEXT, LINE = GOOD.split("\n\n")


def _resigned(text: str) -> str:
    """A note over any text whose signature holds, so that only its form can be wrong."""
    raw = note_key_id(ORIGIN, KEY.verify_key.encode()) + KEY.sign(text.encode()).signature
    return f"{text}\n— {ORIGIN} {encode(raw)}\n"


def test_a_checkpoint_has_the_published_form():
    checkpoint = open_checkpoint(GOOD, KNOWN)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == (ORIGIN, 42, ROOT.hex())
    assert checkpoint.note == GOOD
    lines = GOOD.split("\n")
    assert lines[:4] == [ORIGIN, "42", encode(ROOT), ""]
    assert lines[4].startswith(f"— {ORIGIN} ")
    assert lines[5:] == [""]
    assert open_checkpoint(GOOD.encode(), KNOWN) == checkpoint


def test_a_published_checkpoint_is_read():
    # The example of the tlog-checkpoint specification.
    note = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Z"
        "hcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    )
    checkpoint = read_checkpoint(note)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.root.startswith("0ac5186a91863e8e")


MALFORMED = {
    "leading zero": TEXT.replace("42", "042") + "\n",
    "plus sign": TEXT.replace("42", "+42") + "\n",
    "negative": TEXT.replace("42", "-1") + "\n",
    "no number": TEXT.replace("42", "") + "\n",
    "other digits": TEXT.replace("42", "٤٢") + "\n",
    "too many digits": TEXT.replace("42", "4" * 20) + "\n",
    "space behind the size": TEXT.replace("42", "42 ") + "\n",
    "CR behind the size": TEXT.replace("42", "42\r") + "\n",
    "tab in the origin": TEXT.replace(ORIGIN, "node\t1") + "\n",
    "NUL": TEXT.replace(ORIGIN, "node\x001") + "\n",
    "empty origin": TEXT.replace(ORIGIN, "") + "\n",
    "no root": f"{ORIGIN}\n42\n",
    "root of 31 bytes": f"{ORIGIN}\n42\n{encode(ROOT[:31])}\n",
    "root not base64": f"{ORIGIN}\n42\n!{encode(ROOT)[1:]}\n",
    "root with loose bits": f"{ORIGIN}\n42\n{encode(ROOT)[:-2]}9=\n",
    "root without padding": f"{ORIGIN}\n42\n{encode(ROOT)[:-1]}\n",
    "empty line within": f"{ORIGIN}\n\n42\n{encode(ROOT)}\n",
}


@pytest.mark.fault(13)
@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
def test_fault_13_malformed_checkpoint_is_refused_though_signed(text):
    assert open_checkpoint(_resigned(TEXT + "\n"), KNOWN).size == 42
    with pytest.raises(MalformedNote):
        open_checkpoint(_resigned(text), KNOWN)
    with pytest.raises(MalformedNote):
        read_checkpoint(_resigned(text))


NO_NOTES = {
    "nothing": "",
    "no blank line": GOOD.replace("\n\n", "\n"),
    "CRLF": GOOD.replace("\n", "\r\n"),
    "no signature": TEXT + "\n\n",
    "no last newline": GOOD[:-1],
    "trailing text": GOOD + "x",
    "trailing line": GOOD + "x\n",
    "trailing blank line": GOOD + "\n",
    "hyphen for the dash": GOOD.replace("— ", "- "),
    "two spaces": GOOD.replace("— ", "—  "),
    "signature not base64": GOOD.replace(LINE[-6:-1], "!!!!="),
    "escape behind it": GOOD[:-1] + "\x1b\n",
    "too long": GOOD + LINE * 1000,
}


@pytest.mark.fault(13)
@pytest.mark.parametrize("note", NO_NOTES.values(), ids=NO_NOTES)
def test_fault_13_what_is_no_note_is_refused(note):
    with pytest.raises(MalformedNote):
        open_checkpoint(note, KNOWN)


@pytest.mark.fault(13)
def test_fault_13_note_that_is_not_utf8_is_refused():
    for note in (GOOD.encode().replace(b"node", b"n\xffde"), GOOD.encode("utf-16")):
        with pytest.raises(MalformedNote):
            open_checkpoint(note, KNOWN)


@pytest.mark.fault(5)
def test_fault_05_checkpoint_of_another_key_is_an_unknown_signer():
    with pytest.raises(UnknownSigner, match="not signed by the known key"):
        open_checkpoint(seal(ORIGIN, 42, ROOT, OTHER_KEY).note, KNOWN)
    relabelled = GOOD.replace(ORIGIN, "node-2", 1)
    with pytest.raises(UnknownSigner, match="of the log 'node-2'"):
        open_checkpoint(relabelled, KNOWN)


def test_a_signature_that_does_not_hold_is_refused_even_beside_one_that_does():
    raised = GOOD.replace("\n42\n", "\n43\n")
    with pytest.raises(UnknownSigner, match="does not hold"):
        open_checkpoint(raised, KNOWN)
    forged = seal(ORIGIN, 43, ROOT, KEY).note.split("\n\n")[1]
    with pytest.raises(UnknownSigner, match="does not hold"):
        open_checkpoint(GOOD + forged, KNOWN)


def test_signatures_of_witnesses_are_passed_over():
    witness = seal("witness.example", 1, ROOT, OTHER_KEY).note.split("\n\n")[1]
    same_name = seal(ORIGIN, 1, ROOT, OTHER_KEY).note.split("\n\n")[1]
    note = f"{TEXT}\n\n{witness * 16}{LINE}{same_name}"
    assert open_checkpoint(note, KNOWN).size == 42


def test_extension_lines_are_passed_over():
    assert open_checkpoint(_resigned(TEXT + "\nextension\n"), KNOWN).size == 42


def test_consistency_of_two_checkpoints_is_proved_without_the_store(filled, reader):
    newest = filled.notes[-1]
    for note in filled.notes:
        size = read_checkpoint(note).size
        proof = consistency_proof(reader, size)
        check_consistency(note, newest, proof, VKEY)
        if size < 700:
            with pytest.raises(AuditProblem, match="does not continue"):
                check_consistency(note, newest, [*proof, ROOT], VKEY)
            with pytest.raises(AuditProblem, match="does not continue"):
                check_consistency(newest, note, proof, VKEY)
    assert consistency_proof(reader, 0) == []
    with pytest.raises(AuditProblem, match="fewer than 701"):
        consistency_proof(reader, 701)


@pytest.mark.fault(6)
def test_fault_06_rewritten_log_has_no_consistency_proof(filled):
    from storage import open_reader

    old = filled.notes[3]
    filled.forge(100, tool="harmless")
    filled.reseal()
    reader = open_reader(filled.folder)
    new = reader.execute("SELECT note FROM checkpoints").fetchone()[0]
    proof = consistency_proof(reader, 200)
    reader.close()
    with pytest.raises(AuditProblem, match="does not continue"):
        check_consistency(old, new, proof, VKEY)
