"""Strict JSON and canonical JSON: what is refused, and what the digest is of."""

import json
import math

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from components.canonical import MAX_BYTES, MAX_DEPTH, Malformed, canonical, digest, parse


def refused(raw: bytes) -> int:
    with pytest.raises(Malformed) as caught:
        parse(raw)
    return caught.value.code


@pytest.mark.fault(61)
@pytest.mark.parametrize(
    "raw", [b'{"a":1,"a":2}', b'{"a":1,"\\u0061":2}', b'{"x":{"b":1, "b":1}}', b'[{"":1,"":1}]']
)
def test_fault_61_a_duplicate_key_is_refused(raw: bytes) -> None:
    assert refused(raw) == 422


@pytest.mark.fault(62)
@pytest.mark.parametrize("raw", [b"NaN", b"[Infinity]", b'{"a":-Infinity}'])
def test_fault_62_nan_and_infinity_are_refused(raw: bytes) -> None:
    assert refused(raw) == 422


@pytest.mark.fault(63)
@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_fault_63_bottomless_nesting_is_refused(opening: bytes) -> None:
    assert refused(opening * (100_000 // len(opening))) == 422


def test_nesting_to_the_limit_is_taken_and_one_more_refused() -> None:
    assert parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    assert refused(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)) == 422


def test_brackets_in_strings_are_not_nesting() -> None:
    text = "[{" * 200 + '\\"['
    assert parse(json.dumps([text]).encode()) == [text]


@pytest.mark.fault(64)
@pytest.mark.parametrize(
    "raw",
    [
        b"9007199254740992",
        b"[-9007199254740992]",
        b'{"a":1e400}',
        b"1" * 400,
        b"-1e999",
        b"[1e16]",
        b'{"a":1E+20}',
    ],
)
def test_fault_64_numbers_out_of_range_are_refused(raw: bytes) -> None:
    assert refused(raw) == 422


def test_the_largest_exact_integer_is_taken() -> None:
    assert parse(b"[9007199254740991,-9007199254740991]") == [2**53 - 1, -(2**53) + 1]


@pytest.mark.fault(65)
@pytest.mark.parametrize("raw", [b'"\\ud800"', b'{"\\udc00":1}', b'["a\\ud83dz"]'])
def test_fault_65_a_lone_surrogate_is_refused(raw: bytes) -> None:
    assert refused(raw) == 422


def test_a_surrogate_pair_is_a_character() -> None:
    assert parse(b'"\\ud83d\\ude00"') == "😀"


@pytest.mark.fault(66)
def test_fault_66_composed_and_decomposed_text_have_different_digests() -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    first = digest("n", "a", "write_file", {"path": composed})
    second = digest("n", "a", "write_file", {"path": decomposed})
    assert first != second


@pytest.mark.parametrize("raw", [b"", b"\xff", b'"\xed\xa0\x80"', b"{'a':1}", b"[1,]", b"1 2"])
def test_what_is_not_json_is_refused(raw: bytes) -> None:
    assert refused(raw) == 422


def test_too_many_bytes_are_refused_as_too_large() -> None:
    assert refused(b'"' + b"a" * MAX_BYTES + b'"') == 413


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-9e15, 9e15, allow_nan=False)
    | st.text(st.characters(exclude_categories=("Cs",)), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=("Cs",)), max_size=8), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(plain)
def test_whatever_python_writes_is_read_back(value: object) -> None:
    read = parse(json.dumps(value).encode())
    assert read == value


@given(plain)
def test_canonical_form_agrees_with_the_reference_and_reads_back(value: object) -> None:
    written = canonical(value)
    assert written == rfc8785.dumps(value)  # type: ignore[arg-type]
    assert parse(written) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_and_never_crash(raw: bytes) -> None:
    try:
        value = parse(raw)
    except Malformed:
        return
    assert parse(canonical(value)) == value


# The number examples of RFC 8785, appendix B: IEEE-754 bits and the text they become.
RFC_8785_NUMBERS = [
    (0x0000000000000000, "0"),
    (0x8000000000000000, "0"),
    (0x0000000000000001, "5e-324"),
    (0x8000000000000001, "-5e-324"),
    (0x7FEFFFFFFFFFFFFF, "1.7976931348623157e+308"),
    (0x4340000000000000, "9007199254740992"),
    (0x4430000000000000, "295147905179352830000"),
    (0x44B52D02C7E14AF5, "9.999999999999997e+22"),
    (0x44B52D02C7E14AF6, "1e+23"),
    (0x44B52D02C7E14AF7, "1.0000000000000001e+23"),
    (0x444B1AE4D6E2EF4E, "999999999999999700000"),
    (0x444B1AE4D6E2EF50, "1e+21"),
    (0x3EB0C6F7A0B5ED8C, "9.999999999999997e-7"),
    (0x3EB0C6F7A0B5ED8D, "0.000001"),
    (0x41B3DE4355555553, "333333333.3333332"),
    (0x41B3DE4355555557, "333333333.33333343"),
    (0xBECBF647612F3696, "-0.0000033333333333333333"),
]


@pytest.mark.parametrize(("bits", "text"), RFC_8785_NUMBERS)
def test_numbers_are_written_as_rfc_8785_says(bits: int, text: str) -> None:
    import struct

    (value,) = struct.unpack(">d", bits.to_bytes(8, "big"))
    assert canonical(value).decode() == text


def test_keys_are_sorted_by_utf_16_units_as_rfc_8785_says() -> None:
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    order = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(value))) == order


@pytest.mark.parametrize("value", [math.nan, math.inf, "\ud800", {"\ud800": 1}, {1: 2}, 2**53])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(Malformed):
        canonical(value)


def test_the_digest_depends_on_node_agent_tool_and_arguments_alone() -> None:
    base = digest("n", "a", "t", {"x": 1, "y": [True, None]})
    assert base == digest("n", "a", "t", {"y": [True, None], "x": 1})
    others = [
        digest("m", "a", "t", {"x": 1, "y": [True, None]}),
        digest("n", "b", "t", {"x": 1, "y": [True, None]}),
        digest("n", "a", "u", {"x": 1, "y": [True, None]}),
        digest("n", "a", "t", {"x": 1, "y": [True, 0]}),
    ]
    assert len({base, *others}) == 5
