"""Where metrics are told: `HOST:PORT`, as people write it."""

import re
import socket
from typing import NamedTuple

LARGEST_PORT = 65535

_ADDRESS = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.%a-z]+)\]|(?P<host>[^\[\]:\s/]+)):(?P<port>[0-9]{1,5})"
)


class BadAddress(ValueError):  # noqa: N818 - named as its fellow BadPack
    """Nothing can listen there; the message says why, and what would do."""


class Address(NamedTuple):
    """What a socket takes: its family, and what to bind it to."""

    family: socket.AddressFamily
    bound: tuple[str, int] | tuple[str, int, int, int]


def parse_address(text: str) -> Address:
    """The address that `HOST:PORT` or `[HOST]:PORT` names; port 0 stands for any free one.

    The host has to be said, so that nobody listens to the world by leaving it out.
    Raises `BadAddress`.
    """
    found = _ADDRESS.fullmatch(text)
    if not found or int(found["port"]) > LARGEST_PORT:
        raise BadAddress(
            f"{text!r} is no address for metrics: write HOST:PORT, such as 127.0.0.1:9464 or "
            f"[::1]:9464, with a port up to {LARGEST_PORT}"
        )
    host, port = found["v6"] or found["host"], int(found["port"])
    try:
        known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise BadAddress(f"no machine is known as {host!r}: {error}") from error
    family, _, _, _, bound = known[0]
    return Address(family, bound)  # type: ignore[arg-type]  # IP families only: both forms fit
