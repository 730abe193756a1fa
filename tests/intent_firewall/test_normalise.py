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
    found = [one for one in decodings(text).found if PAYLOAD in one.text]
    assert [one.how for one in found] == [how]
    start, end = found[0].origin
    assert hidden in text[start:end]


def test_layers_are_undone_one_under_another() -> None:
    inner = base64.b64encode(PAYLOAD.encode()).decode()
    text = base64.b64encode(f"run {inner} now".encode()).decode()
    assert any(one.text == PAYLOAD for one in decodings(text).found)


def test_ordinary_words_are_not_decoded() -> None:
    text = "src/components/intent_firewall/normalise.py deadbeef 1234567890123456 %s 100% done"
    assert decodings(text).found == ()


def test_decoding_is_bounded() -> None:
    block = base64.b64encode(b"A quiet text of some length. " * 40).decode()
    text = " ".join(f"{block[:-4]}{index:04d}" for index in range(400))
    found = decodings(text).found
    assert sum(len(one.text) for one in found) <= MAX_DECODED
    assert len(found) <= 64


def test_direction_overrides_and_tags_are_found_but_not_hebrew() -> None:
    assert disguised("user\u202eresu") == (4, 5)
    assert disguised("a\U000e0041\U000e0042b") == (1, 3)
    assert disguised("שלום \u200fעולם") is None


@pytest.mark.parametrize(
    "text",
    [
        "('Set-Mp' + 'Preference')", "(\"Set-\"+\"MpPreference\")", "Set-Mp`Pref`erence",
        "S^et-MpPr^eference", "S''et-MpPref\"\"erence", "('{1}{0}' -f 'Preference','Set-Mp')",
        "('SetXMpPreference'.Replace('X','-'))", "('SetXMpPreference' -replace 'X','-')",
        "('ecnereferPpM-teS'[-1..-16] -join '')", "'ecnereferPpM-teS'[::-1]",
        "[char]83+'et-MpPreference'", "[Char]0x53 + [char](101) + 't-MpPreference'",
        "[char[]](83,101,116,45,77,112,80,114,101,102,101,114,101,110,99,101) -join ''",
        "('S'+('{0}t-Mp' -f 'e')+'Preference')",
    ],
)  # fmt: skip
def test_pieces_are_put_together(text: str) -> None:
    found = [one.text for one in decodings(f"x {text} y").found if "Set-MpPreference" in one.text]
    assert found


@pytest.mark.parametrize(
    "text",
    [
        "a + b", "'a', 'b'", "x = 'a' * 3", "it's 5 + 6 o'clock", "f'{x}' - f", "a ^ b", "`code`",
        "say \"\" or ''", "s.replace(a, b)", "list[-1]", "ls -f 'x'", "a[::-1]", "c:\\x\\y",
    ],
)  # fmt: skip
def test_what_is_not_in_pieces_stays(text: str) -> None:
    assert [one for one in decodings(text).found if one.how == "joined"] == []


def test_putting_together_is_bounded() -> None:
    grows = "('" + "{0}" * 60 + "' -f '" + "x" * 390 + "') "
    for one in decodings(grows * 100).found:
        assert len(one.text) <= MAX_DECODED


PIECES = st.lists(
    st.sampled_from(
        ["'a'", '"b"', "+", " ", "[char]", "[char[]](", "65", ",", ")", "(", "-f", "{0}", "`", "^",
         "''", ".replace(", "[-1..-3]", "$x", "&", "x", "9" * 6, "0x41", "\n", "ſ"]
    ),
    max_size=24,
).map("".join)  # fmt: skip


@given(PIECES)
@settings(max_examples=400, deadline=None, derandomize=True, database=None)
def test_any_pieces_are_borne(text: str) -> None:
    for one in decodings(text).found:
        assert one.origin[0] < one.origin[1] <= len(text)
