import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.intent_firewall.normalise import (
    MAX_DECODED,
    clean,
    decodings,
    disguised,
    fold,
)

PAYLOAD = "rm -rf / --no-preserve-root"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Hello", "hello"),
        ("рауpal", "paypal"),  # Cyrillic р, а, у
        ("p\u200ba\u00ads\u2060s", "pass"),
        ("ｒｍ　－ｒｆ", "rm -rf"),
        ("ﬁle", "file"),
        ("Ünïcode", "ünïcode"),
    ],
)
def test_fold_gives_one_spelling(text: str, folded: str) -> None:
    assert fold(text).text == folded


def test_clean_keeps_case() -> None:
    assert clean("R\u200bM").text == "RM"


def test_a_span_leads_back_to_the_original() -> None:
    text = "x\u200b\u200bﬁle!"
    view = fold(text)
    start = view.text.index("file")
    assert text[slice(*view.span(start, start + 4))] == "ﬁle"
    assert view.text[view.place(0)] == "x"


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None, derandomize=True, database=None)
def test_every_span_lies_in_the_original(text: str) -> None:
    view = fold(text)
    for index in range(len(view.text)):
        start, end = view.span(index, index + 1)
        assert 0 <= start < end <= len(text)


@pytest.mark.parametrize(
    ("hidden", "how"),
    [
        (base64.b64encode(PAYLOAD.encode()).decode(), "base64"),
        (base64.urlsafe_b64encode(PAYLOAD.encode()).decode().rstrip("="), "base64"),
        (base64.b64encode(PAYLOAD.encode("utf-16-le")).decode(), "base64"),
        (PAYLOAD.encode().hex(), "hex"),
        ("".join(f"%{byte:02x}" for byte in PAYLOAD.encode()), "url"),
        ("".join(f"&#x{byte:x};" for byte in PAYLOAD.encode()), "html"),
        ("".join(f"\\x{byte:02x}" for byte in PAYLOAD.encode()), "escapes"),
        ("".join(f"\\{byte:03o}" for byte in PAYLOAD.encode()), "escapes"),
    ],
)
def test_each_encoding_is_undone_and_placed(hidden: str, how: str) -> None:
    text = f"see {hidden} there"
    found = [one for one in decodings(text) if PAYLOAD in one.text]
    assert [one.how for one in found] == [how]
    start, end = found[0].origin
    assert hidden in text[start:end]


def test_layers_are_undone_one_under_another() -> None:
    inner = base64.b64encode(PAYLOAD.encode()).decode()
    text = base64.b64encode(f"run {inner} now".encode()).decode()
    assert any(one.text == PAYLOAD for one in decodings(text))


def test_ordinary_words_are_not_decoded() -> None:
    text = "src/components/intent_firewall/normalise.py deadbeef 1234567890123456 %s 100% done"
    assert decodings(text) == ()


def test_decoding_is_bounded() -> None:
    block = base64.b64encode(b"A quiet text of some length. " * 40).decode()
    text = " ".join(f"{block[:-4]}{index:04d}" for index in range(400))
    found = decodings(text)
    assert sum(len(one.text) for one in found) <= MAX_DECODED
    assert len(found) <= 64


def test_direction_overrides_and_tags_are_found_but_not_hebrew() -> None:
    assert disguised("user\u202eresu") == (4, 5)
    assert disguised("a\U000e0041\U000e0042b") == (1, 3)
    assert disguised("שלום \u200fעולם") is None
