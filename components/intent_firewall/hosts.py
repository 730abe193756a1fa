"""The hosts that URLs in a text name, and what is odd about them."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from msgspec import Struct

from components.intent_firewall.words import word_set

_URL = re.compile(r"\b([a-z][a-z0-9+.-]{1,12})://([^\s/?#\"'<>\\)\]}|;,]+)", re.IGNORECASE)
# Addresses that a resolver takes and a reader overlooks: one number, octal, hexadecimal, short.
_ODD_NUMBER = re.compile(
    r"^(?:0x[0-9a-f]+|\d{8,10}|(?:(?:0x[0-9a-f]+|\d+)\.){1,3}(?:0x[0-9a-f]+|\d+))$"
)
_METADATA = frozenset(
    {"169.254.169.254", "metadata.google.internal", "100.100.100.200", "metadata",
     "metadata.azure.com", "169.254.170.2", "fd00:ec2::254", "192.0.0.192"}
)  # fmt: skip
_EMBEDDED = re.compile(
    r"(?:^|[.-])((?:\d{1,3}[.-]){3}\d{1,3})\.(?:nip\.io|sslip\.io|xip\.io|localtest\.me)$"
)
_BARE = re.compile(
    r"^(?:[\w.-]+@)?(?:localhost|metadata|\d{8,10}|0x[0-9a-f]+|[\w-]+(?:\.[\w-]+)+|\[[0-9a-f:]+\])"
    r"(?::\d{1,5})?(?:[/?#]\S*)?$",
    re.IGNORECASE,
)
_LOCAL_NAMES = ("localhost", ".local", ".internal", ".lan", ".localdomain")
_SHORTENERS = word_set(
    "bit.ly tinyurl.com t.co goo.gl is.gd v.gd ow.ly buff.ly rebrand.ly cutt.ly rb.gy tiny.cc t.ly"
    " shorturl.at lnkd.in bl.ink s.id adf.ly shorte.st soo.gd tr.im qr.ae"
)
_LONGEST = 2_000
MAX_HOSTS = 1_000


class HostUse(Struct, frozen=True):
    """A host that a URL names, and where it stands.

    `kinds`: ip, private, metadata, odd, and shortener, which hides where it leads.
    """

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


def bare_host(text: str, where: str) -> list[HostUse]:
    """The host of a URL without its scheme, where a whole value has that form."""
    value = text.strip()
    if len(value) > _LONGEST or not _BARE.match(value):
        return []
    return [
        HostUse(one.host, one.kinds, where, (0, len(text)))
        for one in hosts_in(f"//{value}".replace("//", "http://", 1), where)[:1]
    ]


def _kinds(host: str, authority: str) -> tuple[str, ...]:
    kinds: list[str] = []
    embedded = _EMBEDDED.search(host)
    address = _address(embedded.group(1).replace("-", ".") if embedded else host)
    if address is not None:
        kinds.append("ip")
    if host.startswith(_LOCAL_NAMES[0]) or host.endswith(_LOCAL_NAMES) or (
        address is not None and (address.is_private or address.is_loopback)
    ):  # fmt: skip
        kinds.append("private")
    if host in _METADATA:
        kinds.append("metadata")
    if host in _SHORTENERS:
        kinds.append("shortener")
    if (
        "xn--" in host
        or not host.isascii()
        or (address is None and _ODD_NUMBER.match(host))
        or "@" in authority
    ):
        kinds.append("odd")
    return tuple(kinds)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    if not host or not (host[-1].isdigit() or ":" in host):
        return None
    try:
        return ip_address(host)
    except ValueError:
        return None
