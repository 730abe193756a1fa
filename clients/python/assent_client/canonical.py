"""Strict JSON in, canonical JSON out (RFC 8785), and the digest that binds a verdict."""

import hashlib
import json
import math
from typing import Any, NoReturn

MAX_DEPTH = 64
MAX_INTEGER = 2**53


class Malformed(ValueError):  # noqa: N818 - the protocol's own word
    """A value has no canonical form, or bytes are not strict JSON; the text says why."""


def canonical(value: Any) -> bytes:
    """Canonical JSON of plain data: dict, list, tuple, str, int, float, bool, None.

    Raises `Malformed` for all else, and for what two readers could understand differently.
    """
    try:
        return _write(value, MAX_DEPTH).encode()
    except UnicodeEncodeError:
        raise Malformed("a lone surrogate in a string") from None


def parse(raw: bytes) -> Any:
    """Decode strict JSON; raise `Malformed` for anything that parsers take differently."""
    try:
        value = json.loads(
            raw.decode(), object_pairs_hook=_unique, parse_constant=_refused, parse_float=_small
        )
    except Malformed:
        raise
    except (ValueError, RecursionError) as error:  # ValueError: also what is not UTF-8
        raise Malformed(f"not JSON: {error}") from None
    canonical(value)  # nesting, integers, lone surrogates
    return value


def action_digest(node: str, agent: str, tool: str, arguments: dict[str, Any]) -> str:
    """The hex SHA-256 that a verdict is bound to: node, agent and the action itself."""
    body = {"node": node, "agent": agent, "action": {"tool": tool, "arguments": arguments}}
    return hashlib.sha256(b"assent/action/v1\n" + canonical(body)).hexdigest()


def _write(value: Any, room: int) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        if abs(value) >= MAX_INTEGER:
            raise Malformed("an integer of 2^53 or beyond")
        return int.__repr__(value)
    if isinstance(value, float):
        return _number(value)
    if not room:
        raise Malformed(f"nested deeper than {MAX_DEPTH}")
    if isinstance(value, list | tuple):
        return f"[{','.join(_write(item, room - 1) for item in value)}]"
    if isinstance(value, dict):
        members = (f"{_write(key, 0)}:{_write(value[key], room - 1)}" for key in _sorted(value))
        return f"{{{','.join(members)}}}"
    raise Malformed(f"a {type(value).__name__} is not JSON")


def _sorted(keys: dict[Any, Any]) -> list[str]:
    if not all(isinstance(key, str) for key in keys):
        raise Malformed("a key is not a string")
    return sorted(keys, key=lambda key: key.encode("utf-16-be"))


def _number(value: float) -> str:
    """A number as ECMAScript writes it: the shortest digits that read back as the same."""
    if not math.isfinite(value):
        raise Malformed("NaN and infinities are not JSON")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = float.__repr__(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = int(exponent or 0) + len(digits) - len(fraction)  # where, counted in digits
    digits = digits.rstrip("0")
    if not -6 < point <= 21:
        rest = f".{digits[1:]}" if digits[1:] else ""
        return f"{sign}{digits[0]}{rest}e{point - 1:+d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    after = f".{digits[point:]}" if digits[point:] else ""
    return f"{sign}{digits[:point].ljust(point, '0')}{after}"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("a key stands twice in one object")
    return found


def _refused(name: str) -> NoReturn:
    raise Malformed(f"{name} is not JSON")


def _small(text: str) -> float:
    value = float(text)
    if abs(value) >= MAX_INTEGER:  # an integer by value, and not exact; infinity among them
        raise Malformed("a number of 2^53 or beyond")
    return value
