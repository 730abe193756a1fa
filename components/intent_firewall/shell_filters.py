"""What harmless filters print, so that a script that is built by them can be read.

`echo`, `printf`, `base64 -d`, `rev`, `tr`, `xxd -r` and their like do nothing but print: what, is
known from their words and what they are given. Nothing is run, and everything is bounded.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Sequence

MAX_PRINTED = 1 << 14

PRINTERS = frozenset({"echo", "printf"})
"""What prints its words, whatever it is given."""

_COMPUTED = frozenset("$`")
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{1,2})|0?([0-7]{1,3})|([abefnrtv\\]))")
_LETTERS = {"a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
            "v": "\v", "\\": "\\"}  # fmt: skip
_FIELD = re.compile(r"%(?:%|-?\d{0,2}([sbcdxo]))")
_RANGE = re.compile(r"(.)-(.)", re.DOTALL)
_CLASSES = {
    "[:upper:]": "A-Z", "[:lower:]": "a-z", "[:digit:]": "0-9", "[:alpha:]": "A-Za-z",
    "[:alnum:]": "A-Za-z0-9", "[:space:]": " \t\n\r",
}  # fmt: skip
_SUBSTITUTE = re.compile(
    r"s(.)((?:(?!\1)[\w .:@%,=-])*+)\1((?:(?!\1)[\w .:/@%,=-])*+)\1(g?)", re.ASCII
)


def printed(program: str, words: Sequence[str], given: bytes) -> bytes | None:
    """What a program prints when it is given some input; None where that is not known."""
    name = program.rpartition("/")[2]
    filter_ = _FILTERS.get(name)
    if name not in PRINTERS and any("$" in word or "`" in word for word in words):
        return None
    try:
        result = filter_(words, given[:MAX_PRINTED]) if filter_ is not None else None
    except (ValueError, zlib.error):  # not what it is said to be
        return None
    return result if result is not None and len(result) <= MAX_PRINTED else None


def _echo(words: Sequence[str], _: bytes) -> bytes | None:
    position, escapes, newline = 0, False, "\n"
    while position < len(words) and re.fullmatch(r"-[neE]+", words[position]):
        escapes = escapes or "e" in words[position]
        newline = "" if "n" in words[position] else newline
        position += 1
    text = " ".join(words[position:])
    return _literal((_unescaped(text) if escapes else text) + newline)


def _printf(words: Sequence[str], _: bytes) -> bytes | None:
    if words and words[0] == "--":
        words = words[1:]
    if not words or words[0].startswith("-"):
        return None
    fields = len([one for one in _FIELD.finditer(words[0]) if one[0] != "%%"])
    if words[0].count("%") != sum(len(one[0]) > 1 and one[0].count("%")
                                  for one in _FIELD.finditer(words[0])):  # fmt: skip
        return None
    form = _unescaped(words[0])
    rest = list(words[1 : 1 + MAX_PRINTED])
    rounds = max(1, -(-len(rest) // fields)) if fields else 1
    if rounds * len(form) > MAX_PRINTED:
        return None
    rest.reverse()
    return _literal("".join(_FIELD.sub(lambda one: _field(one, rest), form) for _ in range(rounds)))


def _field(match: re.Match[str], rest: list[str]) -> str:
    if match[0] == "%%":
        return "%"
    word = rest.pop() if rest else ""
    if match[1] in "xo":
        return format(int(word or "0", 0), match[1])
    return _unescaped(word) if match[1] == "b" else word[:1] if match[1] == "c" else word


def _literal(text: str) -> bytes | None:
    """The bytes of a text, unless a shell has yet to say what stands at its head."""
    head = text.lstrip()[:1]
    return None if head in _COMPUTED else text.encode("utf-8", "surrogateescape")


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_letter, text) if "\\" in text else text


def _letter(match: re.Match[str]) -> str:
    if match[3]:
        return _LETTERS[match[3]]
    code = int(match[1], 16) if match[1] else int(match[2], 8) & 0xFF
    return chr(code) if code < 0x80 else chr(0xDC00 + code)  # so that it is one byte again


def _cat(words: Sequence[str], given: bytes) -> bytes | None:
    return given if all(word.startswith("-") for word in words) else None


def _base(decode: Callable[[bytes], bytes], words: Sequence[str], given: bytes) -> bytes | None:
    if not any(word == "--decode" or _has_letter_d(word) for word in words):
        return None
    body = b"".join(given.split()).rstrip(b"=")
    return decode(body + b"=" * (-len(body) % (4 if decode is base64.b64decode else 8)))


def _has_letter_d(word: str) -> bool:
    return re.fullmatch(r"-\w+", word) is not None and "d" in word.lower()


def _openssl(words: Sequence[str], given: bytes) -> bytes | None:
    plain = {"-d", "-a", "-A", "-base64", "enc", "base64"}
    only = bool(words) and words[0] in {"enc", "base64"} and set(words) <= plain
    return _base(base64.b64decode, ["-d"], given) if only and "-d" in words else None


def _xxd(words: Sequence[str], given: bytes) -> bytes | None:
    letters = "".join(word[1:] for word in words if word.startswith("-"))
    if "r" not in letters or "p" not in letters:
        return None
    return binascii.unhexlify(b"".join(given.split()))


def _rev(words: Sequence[str], given: bytes) -> bytes | None:
    lines = given.decode("utf-8", "surrogateescape").split("\n")
    text = "\n".join(line[::-1] for line in lines)
    return None if words else text.encode("utf-8", "surrogateescape")


def _tr(words: Sequence[str], given: bytes) -> bytes | None:
    deletes = bool(words) and words[0] == "-d"
    sets = [_set(word) for word in words[deletes:]]
    text = given.decode("utf-8", "surrogateescape")
    if deletes and len(sets) == 1:
        result = text.translate({ord(one): None for one in sets[0]})
    elif not deletes and len(sets) == 2 and sets[1]:
        second = sets[1].ljust(len(sets[0]), sets[1][-1])
        result = text.translate({ord(a): b for a, b in zip(sets[0], second, strict=False)})
    else:
        return None
    return result.encode("utf-8", "surrogateescape")


def _set(word: str) -> str:
    for name, letters in _CLASSES.items():
        word = word.replace(name, letters)
    return _RANGE.sub(_between, _unescaped(word))[:1000]


def _between(match: re.Match[str]) -> str:
    first, last = ord(match[1]), ord(match[2])
    return "".join(map(chr, range(first, last + 1))) if 0 <= last - first < 128 else match[0]


def _sed(words: Sequence[str], given: bytes) -> bytes | None:
    scripts = [word for word in words if word != "-e"]
    found = _SUBSTITUTE.fullmatch(scripts[0]) if len(scripts) == 1 else None
    if found is None or not found[2] or "." in found[2]:
        return None
    lines = given.decode("utf-8", "surrogateescape").split("\n")
    result = [line.replace(found[2], found[3], -1 if found[4] else 1) for line in lines]
    return "\n".join(result).encode("utf-8", "surrogateescape")


def _unzip(_: Sequence[str], given: bytes) -> bytes | None:
    return zlib.decompressobj(wbits=31).decompress(given, MAX_PRINTED)


_FILTERS: dict[str, Callable[[Sequence[str], bytes], bytes | None]] = {
    "echo": _echo,
    "printf": _printf,
    "cat": _cat,
    "base64": lambda words, given: _base(base64.b64decode, words, given),
    "base32": lambda words, given: _base(base64.b32decode, words, given),
    "openssl": _openssl,
    "xxd": _xxd,
    "rev": _rev,
    "tac": lambda _, given: b"\n".join(given.split(b"\n")[::-1]),
    "tr": _tr,
    "sed": _sed,
    "gunzip": _unzip,
    "zcat": _unzip,
}
