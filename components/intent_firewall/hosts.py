"""The hosts that URLs in a text name, and what is odd about them."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from msgspec import Struct

_URL = re.compile(r"\b([a-z][a-z0-9+.-]{1,12})://([^\s/?#\"'<>\\)\]}|;,]+)", re.IGNORECASE)
_ODD_NUMBER = re.compile(r"^(?:0x[0-9a-f]+|\d{8,10})$")
_METADATA = frozenset(
    {"169.254.169.254", "metadata.google.internal", "100.100.100.200", "metadata"}
)
_LOCAL_NAMES = ("localhost", ".local", ".internal", ".lan", ".localdomain")
MAX_HOSTS = 200


class HostUse(Struct, frozen=True):
    """A host that a URL names, and where it stands. `kinds`: ip, private, metadata, odd."""

    host: str
    kinds: tuple[str, ...]
    where: str
    span: tuple[int, int]


def hosts_in(text: str, where: str) -> list[HostUse]:
    """The hosts of the URLs in a text, at most `MAX_HOSTS`."""
    found: list[HostUse] = []
    for match in _URL.finditer(text):
        authority = match.group(2)
        host = authority.rpartition("@")[2].lower()
        host = host.partition("]")[0].strip("[") if host.startswith("[") else host.partition(":")[0]
        found.append(HostUse(host, _kinds(host, authority), where, match.span()))
        if len(found) >= MAX_HOSTS:
            break
    return found


def _kinds(host: str, authority: str) -> tuple[str, ...]:
    kinds: list[str] = []
    address = _address(host)
    if address is not None:
        kinds.append("ip")
    if host.startswith(_LOCAL_NAMES[0]) or host.endswith(_LOCAL_NAMES) or (
        address is not None and (address.is_private or address.is_loopback)
    ):  # fmt: skip
        kinds.append("private")
    if host in _METADATA:
        kinds.append("metadata")
    if "xn--" in host or not host.isascii() or _ODD_NUMBER.match(host) or "@" in authority:
        kinds.append("odd")
    return tuple(kinds)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    if not host or not (host[-1].isdigit() or ":" in host):
        return None
    try:
        return ip_address(host)
    except ValueError:
        return None
