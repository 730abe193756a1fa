"""What harmless filters print, told from their words alone."""

import base64
import binascii
import codecs
import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.intent_firewall.shell_filters import MAX_PRINTED, printed

COMMON = settings(max_examples=150, deadline=None, derandomize=True, database=None)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0\r$`\\"), min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("program", "words", "given_", "out"),
    [
        ("echo", ["a", "b"], b"", b"a b\n"),
        ("echo", ["-n", "a"], b"", b"a"),
        ("echo", ["-ne", "\\x41\\n"], b"", b"A\n"),
        ("echo", ["-e", "\\0101\\t"], b"", b"A\t\n"),
        ("/bin/echo", ["a"], b"", b"a\n"),
        ("printf", ["%s-%s;", "a", "b", "c", "d"], b"", b"a-b;c-d;"),
        ("printf", ["\\162\\x6d%%"], b"", b"rm%"),
        ("printf", ["%b", "\\x72m"], b"", b"rm"),
        ("printf", ["%x %o", "255", "8"], b"", b"ff 10"),
        ("printf", ["%c", "rest"], b"", b"r"),
        ("printf", ["\\xff"], b"", b"\xff"),
        ("cat", [], b"x", b"x"),
        ("cat", ["-"], b"x", b"x"),
        ("tac", [], b"a\nb", b"b\na"),
        ("rev", [], b"ab\ncd", b"ba\ndc"),
        ("tr", ["a-c", "A-C"], b"abcd", b"ABCd"),
        ("tr", ["[:lower:]", "[:upper:]"], b"ab", b"AB"),
        ("tr", ["-d", "x"], b"axb", b"ab"),
        ("tr", ["ab", "z"], b"aba", b"zzz"),
        ("sed", ["s/x/y/g"], b"xx", b"yy"),
        ("sed", ["-e", "s,x,,"], b"xax", b"ax"),
        ("base32", ["-d"], b"OJWQ====", b"rm"),
        ("openssl", ["enc", "-base64", "-d"], b"cm0=", b"rm"),
        ("openssl", ["base64", "-d", "-A"], b"cm0=", b"rm"),
        ("xxd", ["-r", "-p"], b"72 6d", b"rm"),
        ("xxd", ["-rp"], b"726d", b"rm"),
    ],
)
def test_what_is_printed(program: str, words: list[str], given_: bytes, out: bytes) -> None:
    assert printed(program, words, given_) == out


@pytest.mark.parametrize(
    ("program", "words", "given_"),
    [
        ("ls", [], b""),
        ("echo", ["$x"], b""),
        ("tr", ["$a", "b"], b"a"),
        ("echo", ["`x`"], b""),
        ("printf", ["-v", "x", "a"], b""),
        ("printf", ["%5.3f", "1"], b""),
        ("printf", [], b""),
        ("printf", ["%x", "zz"], b""),
        ("printf", ["%x", "9" * 5000], b""),
        ("cat", ["file"], b"x"),
        ("base64", [], b"cm0="),
        ("base64", ["-d"], b"c"),
        ("xxd", ["-p"], b"61"),
        ("xxd", ["-r", "-p"], b"6"),
        ("tr", ["a"], b"a"),
        ("tr", ["a", ""], b"a"),
        ("sed", ["s/a.c/y/"], b"abc"),
        ("sed", ["1d"], b"a"),
        ("gunzip", [], b"no gzip"),
        ("openssl", ["enc", "-aes-256-cbc", "-d"], b"x"),
        ("rev", ["file"], b"x"),
    ],
)
def test_what_is_not_known_is_not_told(program: str, words: list[str], given_: bytes) -> None:
    assert printed(program, words, given_) is None


def test_what_is_printed_is_bounded() -> None:
    bomb = gzip.compress(bytes(1 << 22))
    assert len(printed("zcat", [], bomb) or b"") <= MAX_PRINTED
    assert printed("printf", ["%s" * 5000, *["a" * 100] * 5000], b"") is None
    assert printed("printf", ["a" * 100 + "%s", *["b"] * 10_000], b"") is None
    assert printed("echo", ["a" * (MAX_PRINTED + 1)], b"") is None


@given(TEXT)
@COMMON
def test_decoding_undoes_encoding(text: str) -> None:
    raw = text.encode()
    assert printed("base64", ["-d"], base64.b64encode(raw)) == raw
    assert printed("base32", ["--decode"], base64.b32encode(raw)) == raw
    assert printed("xxd", ["-r", "-p"], binascii.hexlify(raw)) == raw
    assert printed("gunzip", [], gzip.compress(raw)) == raw
    assert printed("rev", [], printed("rev", [], raw) or b"") == raw
    if text.isascii():
        turned = codecs.encode(text, "rot13").encode()
        assert printed("tr", ["A-Za-z", "N-ZA-Mn-za-m"], turned) == raw


@given(
    st.sampled_from(["echo", "printf", "cat", "base64", "base32", "openssl", "xxd", "rev", "tac",
                     "tr", "sed", "gunzip", "zcat"]),
    st.lists(st.one_of(st.text(max_size=12), st.sampled_from(
        ["-d", "-e", "-r", "-p", "%s", "%x", "%b", "a-z", "z-a", "[:upper:]", "s/a/b/", "enc", "-"]
    )), max_size=4),
    st.binary(max_size=60),
)  # fmt: skip
@settings(COMMON, max_examples=400)
def test_any_words_and_any_bytes_are_borne(program: str, words: list[str], raw: bytes) -> None:
    out = printed(program, words, raw)
    assert out is None or len(out) <= MAX_PRINTED
