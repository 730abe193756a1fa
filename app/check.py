"""What a check of `assent doctor` found."""

from typing import Literal

from msgspec import Struct


class Check(Struct, frozen=True):
    """One finding; `bad` must be mended, `note` is worth knowing."""

    name: str
    result: Literal["ok", "note", "bad"]
    text: str
