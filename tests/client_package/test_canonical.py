"""The client's canonical JSON and digest are the node's, to the byte."""

import json
import math
import struct

import pytest
import rfc8785
from assent_client.canonical import Malformed, action_digest, canonical, parse
from hypothesis import given
from hypothesis import strategies as st

from components import canonical as nodes
from tests.foundation.test_canonical import RFC_8785_NUMBERS, plain


@given(plain)
def test_it_writes_what_the_node_writes_and_reads_it_back(value: object) -> None:
    written = canonical(value)
    assert written == nodes.canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]
    assert parse(written) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_written_as_the_reference_does(value: float) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=20),
    st.dictionaries(st.text(st.characters(exclude_categories=("Cs",)), max_size=8), plain),
)
def test_the_digest_is_the_nodes(tool: str, arguments: dict[str, object]) -> None:
    assert action_digest("n", "a", tool, arguments) == nodes.digest("n", "a", tool, arguments)


@given(st.binary(max_size=200) | plain.map(lambda value: json.dumps(value).encode()))
def test_it_reads_and_refuses_what_the_node_does(raw: bytes) -> None:
    try:
        expected = nodes.parse(raw)
    except nodes.Malformed:
        with pytest.raises(Malformed):
            parse(raw)
        return
    assert parse(raw) == expected


@pytest.mark.parametrize(("bits", "text"), RFC_8785_NUMBERS)
def test_numbers_are_written_as_rfc_8785_says(bits: int, text: str) -> None:
    (value,) = struct.unpack(">d", bits.to_bytes(8, "big"))
    assert canonical(value).decode() == text


def test_strings_and_key_order_are_as_rfc_8785_says() -> None:
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
    assert (
        canonical('\u20ac$\u000f\nA\'B"\\\\"/').decode() == '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'
    )
    assert canonical({"literals": (None, True, False)}) == b'{"literals":[null,true,false]}'


@pytest.mark.parametrize(
    "value",
    [
        math.nan, math.inf, -math.inf, "\ud800", {"\ud800": 1}, {1: 2}, {None: 1}, 2**53, -(2**53),
        b"bytes", {1, 2}, object(), {"a": object()},
    ],
)  # fmt: skip
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(Malformed):
        canonical(value)


def test_bottomless_nesting_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(Malformed):
        canonical(endless)
    for opening in (b"[", b'{"a":', b'[{"a":'):
        with pytest.raises(Malformed):
            parse(opening * (100_000 // len(opening)))


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":2}', b'{"a":1,"\\u0061":2}', b"NaN", b"[Infinity]", b"9007199254740992",
        b'{"a":1e400}', b"[1e16]", b"1" * 5000, b'"\\ud800"', b'"\xff"', b"", b"{} {}",
    ],
)  # fmt: skip
def test_what_parsers_take_differently_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed):
        parse(raw)
