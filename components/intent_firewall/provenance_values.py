"""The values in a call's arguments that may tell where they came from."""

import re

from msgspec import Struct

from components.actions import Action
from components.intent_firewall.globs import Pattern
from components.intent_firewall.normalise import encodable
from components.intent_firewall.orders import Order, Read, readable
from components.intent_firewall.subject import Field, Subject

MAX_VALUES = 200
MAX_PLACES = 64
MAX_TEXT = 200_000
SHORT = 80
"""Characters: what is longer is a text, and no value as a whole."""
_SHORTEST = 6
_RAW = 2_000
_LONGEST = 20_000

_STRONG = Pattern(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://[^\s\"'<>)\]]+|\bwww\.[^\s\"'<>)\]]+"
    r"|\b[A-Z]{2}\d{2}[A-Z0-9]{8,30}\b|\+?\d[\d\s().-]{7,40}\d|\b[a-z_-]{1,40}\d[\w-]{0,40}\b"
    r"|\b\d+[a-z][\w-]{0,40}\b"
)
_PERSON = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[a-z]{2}\d{2}[a-z0-9]{8,30}")
_ACCOUNT = re.compile(r"\b[A-Za-z]{2}[0-9]{2}[A-Za-z0-9]{8}")
_PLACE = re.compile(r"https?://|www\.")
_DIGIT = re.compile(r"[0-9]")
_TRIVIAL = re.compile(
    r"^(?:true|false|none|null|yes|no|\d{1,3}(?:\.\d+)?|\d{4}-\d{2}-\d{2}(?:[t ]\d{2}:\d{2}.*)?"
    r"|\d{1,2}:\d{2}(?::\d{2})?|\w{1,2})$"
)
# What a command or raw JSON names: quoted strings that are no keys, and paths.
_INSIDE = re.compile(r"(?<![\w\\])(['\"])([^'\"\n]{3,80})\1(?!\s*:)|(~?(?:/[\w.@-]+){2,20})")
_PROVIDERS = frozenset(
    {"gmail", "googlemail", "yahoo", "hotmail", "outlook", "icloud", "proton", "protonmail", "gmx",
     "aol", "live", "mail", "email", "com", "org", "net", "www"}
)  # fmt: skip
_PARTS = re.compile(r"[^\W\d_]{3,}")


class Value(Struct, frozen=True):
    """An argument's value, lower case; `strong` ones (addresses, accounts, ids) are no chance."""

    text: str
    where: str
    strong: bool

    @property
    def is_person(self) -> bool:
        """Whether this is somebody's address or account."""
        return self.strong and _PERSON.fullmatch(self.text) is not None

    @property
    def is_place(self) -> bool:
        """Whether this is an address on the web."""
        return self.strong and _PLACE.match(self.text) is not None

    def is_said(self, known: str) -> bool:
        """Whether a name in this address stands in a text; mail providers are no names."""
        if self.is_place:
            local, domain = "", self.text.partition("://")[2] or self.text
            domain = domain.partition("/")[0]
        else:
            local, _, domain = self.text.partition("@")
        parts = _PARTS.findall(f"{local} {domain.rpartition('.')[0]}")
        return any(part in known for part in parts if part not in _PROVIDERS)


def known_text(action: Action) -> str:
    """What the user and trusted context said, lower case, read as `Read` reads texts."""
    trusted = [piece.text for piece in action.context if piece.trusted]
    return readable(encodable("\n".join([action.request, *trusted])[:MAX_TEXT].lower()))


def pieces_of(subject: Subject) -> list[Read]:
    """The untrusted texts that the agent read."""
    fields = [item for item in subject.fields if item.scope == "context" and item.text.strip()]
    return [Read(item.where, item.text[:MAX_TEXT]) for item in fields]


def values_of(subject: Subject, known: str) -> list[Value]:
    """Argument values that the user did not name, lower case, the telling ones first."""
    strong: dict[str, str] = {}
    weak: dict[str, str] = {}
    for item in subject.fields:
        if item.scope != "arguments":
            continue
        text = readable(item.text[:_LONGEST])
        for start, end in _STRONG.spans(text) if may_be_strong(text) else ():
            value = text[start:end].strip(" .,;").lower()
            if len(value) >= _SHORTEST:
                strong.setdefault(value, item.where)
            if len(strong) >= MAX_VALUES:
                break
        for value in _weak(item):
            if len(weak) < MAX_VALUES:
                weak.setdefault(value, item.where)
    found = [Value(text, where, True) for text, where in strong.items()]
    found += [Value(text, where, False) for text, where in weak.items() if text not in strong]
    return [one for one in found if one.text not in known and not _TRIVIAL.match(one.text)]


def plain_value(text: str) -> str:
    """A value as it is looked for: lower case, without what surrounds it."""
    return readable(text).strip(" .,;#@'\"").lower()


def _weak(item: Field) -> list[str]:
    """The whole of a short argument, and what a command or raw JSON names."""
    found: list[str] = []
    whole = plain_value(item.text) if len(item.text) <= 2 * SHORT else ""
    if 2 < len(whole) <= SHORT and "\n" not in whole:
        found.append(whole)
    if item.command or item.text[:1] in {"{", "["}:
        for match in _INSIDE.finditer(item.text[:_RAW].lower()):
            value = (match.group(2) or match.group(3)).strip(" .,;#@")
            if len(value) > 2:
                found.append(value)
    return found


def telling(item: Field) -> str:
    """What to look for of an argument: all of it, or the first strong value of a long one."""
    if len(item.text) <= SHORT:
        return plain_value(item.text)
    text = readable(item.text[:_LONGEST])
    spans = _STRONG.spans(text) if may_be_strong(text) else []
    return text[slice(*spans[0])].strip(" .,;").lower() if spans else ""


def may_be_strong(text: str) -> bool:
    """Whether a text holds what each alternative of `_STRONG` needs, one way or another."""
    return "@" in text or "://" in text or _DIGIT.search(text) is not None or "www." in text.lower()


def may_be_person(text: str) -> bool:
    """Whether a text may hold somebody's address or account."""
    return "@" in text or _ACCOUNT.search(text) is not None


def named(folded: str, order: Order, values: list[Value]) -> Value | None:
    """The first value that an order names; the strong ones may stand some way behind it."""
    for value in values:
        end = order.reach if value.strong else order.end
        if find_bounded(folded, value.text, order.start, end) is not None:
            return value
    return None


def find_bounded(text: str, value: str, start: int, end: int) -> int | None:
    """Where a value stands in a text as a word of its own, among its first `MAX_PLACES` places."""
    position = text.find(value, start, end)
    for _ in range(MAX_PLACES):
        if position < 0:
            return None
        if _bounded(text, position, position + len(value)):
            return position
        position = text.find(value, position + 1, end)
    return None


def _bounded(text: str, start: int, end: int) -> bool:
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    return not (before.isalnum() and text[start].isalnum()) and not (
        after.isalnum() and text[end - 1].isalnum()
    )
