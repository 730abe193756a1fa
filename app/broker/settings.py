"""`[mqtt]` of assent.toml: where the broker is, and what opens it."""

import re
from pathlib import Path

from msgspec import Struct

PLAIN_PORT = 1883
TLS_PORT = 8883

_LARGEST_PORT = 65535
_LONGEST_PASSWORD = 65_535
_URL = re.compile(
    r"mqtt(?P<tls>s?)://(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9_.-]+))"
    r"(?::(?P<port>[0-9]{1,5}))?/?"
)


class MqttSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[mqtt]`: the broker's address, and files that prove who it is and who we are.

    Without an address there is no bridge. Relative paths begin in the home folder. `witnesses` are
    public key files of nodes that cosign this one's log, `witness_of` of those whose logs it
    cosigns.
    """

    url: str = ""
    username: str = ""
    password_file: str = ""
    ca: str = ""
    cert: str = ""
    key: str = ""
    witnesses: tuple[str, ...] = ()
    witness_of: tuple[str, ...] = ()


class BrokerAddress(Struct, frozen=True):
    """Where a broker listens, and whether with TLS."""

    host: str
    port: int
    tls: bool


class BadBrokerUrl(ValueError):  # noqa: N818 - named as its fellow BadAddress
    """No broker has such an address; the message says what would do."""


def parsed(url: str) -> BrokerAddress:
    """The address in `mqtt://HOST[:1883]` or `mqtts://HOST[:8883]`. Raises `BadBrokerUrl`.

    Names and passwords have keys of their own, so that no address that is shown tells them.
    """
    found = _URL.fullmatch(url)
    if not found or not 0 < int(found["port"] or PLAIN_PORT) <= _LARGEST_PORT:
        raise BadBrokerUrl(
            f"{url!r} is no address of a broker: write mqtts://HOST[:{TLS_PORT}], or "
            f"mqtt://HOST[:{PLAIN_PORT}] for one without TLS"
        )
    tls = bool(found["tls"])
    port = int(found["port"] or (TLS_PORT if tls else PLAIN_PORT))
    return BrokerAddress(found["v6"] or found["host"], port, tls)


def located(home: Path, name: str) -> Path:
    """The file that a setting names, from the home folder on."""
    return (home / Path(name).expanduser()).absolute()


def password(settings: MqttSettings, home: Path) -> str:
    """The first line of `password_file`; empty where none is set. Raises `OSError`."""
    if not settings.password_file:
        return ""
    with located(home, settings.password_file).open("rb") as file:
        line = file.read(_LONGEST_PASSWORD).partition(b"\n")[0]
    return line.removesuffix(b"\r").decode("utf-8", "replace")
