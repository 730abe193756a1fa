"""Cosignatures, against lines written by hand from the specification (C2SP tlog-cosignature)."""

import base64
import hashlib

import pytest
from nacl.signing import SigningKey

from components.audit_system import (
    MalformedNote,
    UnknownSigner,
    cosignatures,
    open_checkpoint,
    parse_witness_key,
    witness_of,
)
from components.audit_system.checkpoint import seal
from components.audit_system.cosignature import cosign, merge, reduced, witness_key
from components.keys import KeyProblem, parse_verifier_key
from tests.audit_system.making import KEY, ORIGIN, OTHER_KEY, VKEY

NAME = "witness.example.com/w1"
WITNESS = SigningKey(b"w" * 32)
PUBLIC = WITNESS.verify_key.encode()
KNOWN = witness_key(NAME, PUBLIC)
NOTE = seal(ORIGIN, 42, bytes(range(32)), KEY).note
TEXT = NOTE.split("\n\n")[0] + "\n"
TIME = 1679315147

# The example of the specification; its last line is of the witness, at the time above.
PUBLISHED = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""  # noqa: E501


def by_hand(text=TEXT, time=TIME, name=NAME, key=WITNESS):
    """A cosignature line, byte by byte."""
    public = key.verify_key.encode()
    key_id = hashlib.sha256(name.encode() + b"\x0a\x04" + public).digest()[:4]
    message = b"cosignature/v1\ntime " + str(time).encode() + b"\n" + text.encode()
    raw = key_id + time.to_bytes(8, "big") + key.sign(message).signature
    return f"— {name} {base64.b64encode(raw).decode()}\n"


def test_a_cosignature_is_the_line_of_the_specification():
    assert cosign(NOTE, NAME, WITNESS, TIME) == NOTE + by_hand()


def test_a_line_made_by_hand_holds():
    (found,) = cosignatures(NOTE + by_hand(), [KNOWN])
    assert (found.witness, found.time) == (KNOWN, TIME)
    assert cosignatures(NOTE, [KNOWN]) == ()


def test_the_published_line_has_the_layout_that_is_read():
    line = PUBLISHED.splitlines()[-1]
    raw = base64.b64decode(line.split()[-1])
    assert len(raw) == 4 + 8 + 64
    assert int.from_bytes(raw[4:12], "big") == TIME
    # Nobody has published the key of it: it is another's line, which is passed over.
    assert cosignatures(PUBLISHED, [KNOWN]) == ()


def test_the_log_itself_still_opens_its_checkpoint():
    cosigned = cosign(NOTE, NAME, WITNESS, TIME)
    assert open_checkpoint(cosigned, parse_verifier_key(VKEY)).size == 42


def test_extension_lines_are_cosigned_too():
    text = TEXT + "extension\n"
    note = f"{text}\n— {ORIGIN} AAAA\n"
    assert cosign(note, NAME, WITNESS, TIME) == note + by_hand(text)
    with pytest.raises(UnknownSigner):
        cosignatures(note + by_hand(TEXT), [KNOWN])


def test_the_key_of_a_witness_is_text_and_back():
    text = str(KNOWN)
    key_id = hashlib.sha256(NAME.encode() + b"\n\x04" + PUBLIC).hexdigest()[:8]
    assert text.split("+", 2)[:2] == [NAME, key_id]
    assert base64.b64decode(text.split("+", 2)[2]) == b"\x04" + PUBLIC
    assert parse_witness_key(text + "\n") == KNOWN


def test_a_nodes_own_key_names_it_as_a_witness():
    assert parse_witness_key(VKEY) == witness_of(parse_verifier_key(VKEY))
    assert parse_witness_key(VKEY).id != parse_verifier_key(VKEY).id


@pytest.mark.parametrize(
    "text",
    [
        "",
        NAME,
        str(KNOWN).replace("w1", "w2"),
        str(KNOWN)[:-4] + "AAA=",
        str(KNOWN).replace("+", "+0", 1),
        "a b+00000000+" + base64.b64encode(b"\x04" + PUBLIC).decode(),
        "w+00000000+" + base64.b64encode(b"\x04" + bytes(32)).decode(),
        "w+00000000+" + base64.b64encode(b"\x06" + PUBLIC).decode(),
    ],
)
def test_what_is_no_key_of_a_witness_is_refused(text):
    with pytest.raises(KeyProblem):
        parse_witness_key(text)


@pytest.mark.parametrize("byte", [4, 11, 12, 40, 75])
def test_one_bit_flipped_in_the_line_and_nothing_is_trusted(byte):
    line = by_hand()
    raw = bytearray(base64.b64decode(line.split()[-1]))
    raw[byte] ^= 1
    flipped = f"— {NAME} {base64.b64encode(bytes(raw)).decode()}\n"
    with pytest.raises(UnknownSigner, match="does not hold"):
        cosignatures(NOTE + flipped, [KNOWN])
    with pytest.raises(UnknownSigner, match="does not hold"):
        cosignatures(NOTE + line + flipped, [KNOWN])


def test_a_cosignature_of_another_checkpoint_or_time_does_not_hold():
    other = seal(ORIGIN, 43, bytes(range(32)), KEY).note
    with pytest.raises(UnknownSigner):
        cosignatures(other + by_hand(), [KNOWN])


def test_a_time_beyond_the_specification_is_refused():
    with pytest.raises(UnknownSigner):
        cosignatures(NOTE + by_hand(time=2**63), [KNOWN])
    assert cosignatures(NOTE + by_hand(time=2**63 - 1), [KNOWN])


def test_a_line_of_the_wrong_length_is_malformed():
    line = by_hand()
    raw = base64.b64decode(line.split()[-1])
    for wrong in (raw[:-1], raw + b"\x00", raw[:4] + raw[12:]):
        with pytest.raises(MalformedNote):
            cosignatures(f"{NOTE}— {NAME} {base64.b64encode(wrong).decode()}\n", [KNOWN])


def test_a_logs_own_signature_is_no_cosignature():
    own = witness_of(parse_verifier_key(VKEY))
    assert cosignatures(NOTE, [own]) == ()


def test_the_newest_of_one_witness_counts_and_two_names_for_one_key_are_one():
    twice = NOTE + by_hand(time=9) + by_hand(time=7)
    assert [found.time for found in cosignatures(twice, [KNOWN])] == [9]
    alias = witness_key("alias", PUBLIC)
    both = NOTE + by_hand(time=9) + by_hand(time=7, name="alias")
    assert len(cosignatures(both, [KNOWN, alias])) == 1
    assert cosign(twice, NAME, WITNESS, 11) == NOTE + by_hand(time=11)


def test_merging_moves_only_what_known_witnesses_cosigned():
    second = by_hand(name="w2", key=OTHER_KEY)
    known = [KNOWN, witness_key("w2", OTHER_KEY.verify_key.encode())]
    one = NOTE + by_hand(time=5)
    other = NOTE + second + by_hand(time=8) + by_hand(name="w3", key=SigningKey(b"3" * 32))
    assert merge(one, other, known) == NOTE + second + by_hand(time=8)
    assert merge(one, other, known[1:]) == one + second
    assert merge(other, one, known) == other
    with pytest.raises(UnknownSigner, match="another checkpoint"):
        merge(one, seal(ORIGIN, 43, bytes(32), KEY).note, known)
    assert reduced(other, parse_verifier_key(VKEY), known[:1]) == NOTE + by_hand(time=8)
