"""Strict JSON in, canonical JSON out (RFC 8785), and the digest that binds a verdict.

Python's parsers are lenient where a gate must not be: they take duplicate keys, NaN, lone
surrogates and bottomless nesting. The fast path relies on a round trip: bytes that decode and
encode back to themselves hold no duplicate key, no escape trick and no odd number. All else is
examined piece by piece.
"""

import hashlib
import json
import re
from typing import Any, NoReturn

import msgspec
import rfc8785

MAX_BYTES = 256 * 1024
MAX_DEPTH = 64
MAX_INTEGER = 2**53

_MAYBE_INEXACT = re.compile(rb"[0-9]{17}|9[0-9]{15}|[:,\[\s]-?[0-9.]+[eE]\+?[0-9]{2}|^-?[0-9]")
_NOT_YET_CANONICAL = re.compile(rb"[0-9]{17}|9[0-9]{15}|[:,\[]-?[0-9]+[.eE]|^-?[0-9]|null")
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_encode_sorted = msgspec.json.Encoder(order="sorted").encode


class Malformed(ValueError):  # noqa: N818 - the protocol's own word
    """The bytes are not strict JSON. `code` is the protocol's (413 or 422)."""

    def __init__(self, reason: str, code: int = 422) -> None:
        super().__init__(reason)
        self.code = code


def parse(raw: bytes, max_bytes: int = MAX_BYTES) -> Any:
    """Decode strict JSON, or raise `Malformed` saying what is wrong."""
    if len(raw) > max_bytes:
        raise Malformed(f"{len(raw)} bytes; at most {max_bytes} are accepted", 413)
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH and not _MAYBE_INEXACT.search(raw):
        try:
            value = _decode(raw)
            if _encode(value) == raw:
                return value
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            pass  # the slow path says why
    return _parse_slowly(raw)


def _parse_slowly(raw: bytes) -> Any:
    _check_depth(raw)
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_float=_small,
            parse_int=_exact,
        )
        _encode(value)  # finds lone surrogates, anywhere
    except Malformed:
        raise
    except UnicodeEncodeError:
        raise Malformed("a lone surrogate in a string") from None
    except UnicodeDecodeError:
        raise Malformed("not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not JSON: {error}") from None
    return value


def _check_depth(raw: bytes) -> None:
    depth = 0
    inside = escaped = False
    for byte in raw:
        if escaped:
            escaped = False
        elif inside:
            escaped = byte == 0x5C
            inside = byte != 0x22
        elif byte == 0x22:
            inside = True
        elif byte in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise Malformed(f"nested deeper than {MAX_DEPTH}")
        elif byte in b"]}":
            depth -= 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Malformed("a key stands twice in one object")
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed(f"{name} is not JSON")


def _small(text: str) -> float:
    value = float(text)
    if abs(value) >= MAX_INTEGER:  # an integer by value, and not exact; infinity among them
        raise Malformed("a number of 2^53 or beyond")
    return value


def _exact(text: str) -> int:
    if len(text) > 17 or abs(int(text)) >= MAX_INTEGER:
        raise Malformed("an integer of 2^53 or beyond")
    return int(text)


def canonical(value: Any) -> bytes:
    """Canonical JSON by RFC 8785 (JCS) of plain data: dict, list, str, int, float, bool, None.

    Sorted compact JSON is canonical already where it is ASCII and holds no float, no huge integer
    and no null (which msgspec makes of NaN too); all else is written by the reference. Raises
    `Malformed` for what has no such form.
    """
    try:
        encoded: bytes = _encode_sorted(value)
    except (UnicodeEncodeError, RecursionError, TypeError) as error:
        raise Malformed(f"no canonical form: {error}") from None
    if encoded.isascii() and not _NOT_YET_CANONICAL.search(encoded):
        return encoded
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as error:
        raise Malformed(f"no canonical form: {error}") from None


def digest(node: str, agent: str, tool: str, arguments: dict[str, Any]) -> str:
    """The hex SHA-256 that a verdict is bound to: node, agent and the action itself."""
    body = {"node": node, "agent": agent, "action": {"tool": tool, "arguments": arguments}}
    return hashlib.sha256(b"assent/action/v1\n" + canonical(body)).hexdigest()
