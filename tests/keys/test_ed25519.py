"""The signature scheme itself: RFC 8032 vectors, and keys that are none."""

import pytest
from nacl.signing import SigningKey

from components.keys import KeyProblem, VerifierKey, check_public, parse_verifier_key, verifier_key
from components.keys.encoding import decode
from components.keys.verifier import note_key_id, verifies

# RFC 8032, section 7.1: seed, public key, message, signature.
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        (
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
            "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        ),
    ),
]

# Every encoding of a point whose order divides 8, canonical or not, with either sign bit.
_SMALL = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]
LOW_ORDER = [bytes.fromhex(h) for h in _SMALL]
LOW_ORDER += [point[:31] + bytes([point[31] | 0x80]) for point in LOW_ORDER]


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC_8032)
def test_rfc_8032_vectors(seed, public, message, signature):
    key = SigningKey(bytes.fromhex(seed))
    assert key.verify_key.encode().hex() == public
    assert key.sign(bytes.fromhex(message)).signature.hex() == signature
    raw = bytes.fromhex(public)
    assert verifies(raw, bytes.fromhex(message), bytes.fromhex(signature))
    assert not verifies(raw, bytes.fromhex(message) + b"!", bytes.fromhex(signature))
    assert not verifies(raw, bytes.fromhex(message), bytes.fromhex(signature)[:-1])


def test_a_signature_with_its_scalar_not_reduced_does_not_verify():
    order = 2**252 + 27742317777372353535851937790883648493
    _, public, message, signature = (bytes.fromhex(part) for part in RFC_8032[2])
    scalar = int.from_bytes(signature[32:], "little") + order
    forged = signature[:32] + scalar.to_bytes(32, "little")
    assert not verifies(public, message, forged)


@pytest.mark.fault(68)
@pytest.mark.parametrize("point", LOW_ORDER, ids=lambda point: point.hex()[:8] + point.hex()[-2:])
def test_fault_68_low_order_point_is_no_key(point):
    with pytest.raises(KeyProblem, match="low order"):
        check_public(point)


def test_a_published_note_signature_verifies():
    # The example in the documentation of golang.org/x/mod/sumdb/note.
    known = parse_verifier_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    line = decode(
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    )
    text = (
        b"If you think cryptography is the answer to your problem,\n"
        b"then you don't know what your problem is.\n"
    )
    assert known.name == "PeterNeumann"
    assert known.id == line[:4]
    assert known.verifies(text, line[4:])
    assert not known.verifies(text[:-1], line[4:])


def test_verifier_keys_round_trip():
    key = SigningKey.generate()
    text = verifier_key("node.example/log", key)
    known = parse_verifier_key(text + "\n")
    assert known == VerifierKey("node.example/log", known.id, key.verify_key.encode())
    assert str(known) == text
    assert known.verifies(b"text", key.sign(b"text").signature)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b", "a\x00b"])
def test_names_that_break_a_note_are_refused(name):
    with pytest.raises(KeyProblem, match="cannot name a key"):
        verifier_key(name, SigningKey.generate())


def _spoil(text: str) -> list[str]:
    name, number, key = text.split("+", 2)
    return [
        "",
        name,
        f"{name}+{number}",
        f"other+{number}+{key}",
        f"{name}+00000000+{key}",
        f"{name}+{number.upper() if number.upper() != number else 'ABCDEF01'}+{key}",
        f"{name}+{number}+{key[:-4]}",
        f"{name}+{number}+!{key[1:]}",
        f"{name}+{number}+B{key[1:]}",
        f"{name}+{number}+{key}\n{name}+{number}+{key}",
    ]


@pytest.mark.parametrize("which", range(10))
def test_malformed_verifier_keys_are_refused(which):
    text = verifier_key("node-1", SigningKey(b"k" * 32))
    with pytest.raises(KeyProblem):
        parse_verifier_key(_spoil(text)[which])


@pytest.mark.fault(68)
def test_fault_68_low_order_verifier_key_is_refused():
    for point in LOW_ORDER:
        text = str(VerifierKey("node-1", note_key_id("node-1", point), point))
        with pytest.raises(KeyProblem, match="low order"):
            parse_verifier_key(text)
