"""The footer: as many keys as there is room for, whole."""

from collections.abc import Sequence

import pytest

from widgets.cells import cell_len
from widgets.status import KeyHint, hints_face

QUIT = KeyHint("q", "quit", enabled=True)
STOP = KeyHint("!", "stop", enabled=True)


def screens(keys: Sequence[str] = "123") -> list[KeyHint]:
    return [
        KeyHint(key, label, enabled=True, group="screens")
        for key, label in zip(keys, ("watch", "audit", "learning"), strict=True)
    ]


def told(hints: Sequence[KeyHint], width: int) -> str:
    text = "".join(part for part, _ in hints_face(hints, width))
    assert cell_len(text) <= width
    return text.rstrip()


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (80, " q quit  1 watch  2 audit  3 learning  ! stop"),
        (47, " q quit  1 watch  2 audit  3 learning  ! stop"),
        (46, " q quit  1–3 screens  ! stop"),
        (22, " q quit  1–3 screens"),
        (20, " q quit"),
        (5, ""),
    ],
)
def test_a_group_becomes_one_hint_where_room_is_short(width: int, text: str) -> None:
    assert told([QUIT, *screens(), STOP], width) == text


def test_keys_that_are_no_row_of_figures_stay_apart() -> None:
    assert told([QUIT, *screens("1x3")], 30) == " q quit  1 watch  x audit"
    assert told([QUIT, *screens(("f1", "f2", "f3"))], 30) == " q quit  f1 watch  f2 audit"


def test_a_hint_is_dim_where_none_of_its_group_can_act() -> None:
    off = [hint._replace(enabled=False) for hint in screens()]
    assert ("1–3", "dim") in hints_face([QUIT, *off], 22)
    assert ("1–3", "strong") in hints_face([QUIT, *off[:2], screens()[2]], 22)
