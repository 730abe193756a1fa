"""What `assent doctor` says of `[mqtt]`: settings, files, certificates, and the broker itself."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from app.broker.knock import knock
from app.broker.settings import (
    BadBrokerUrl,
    BrokerAddress,
    MqttSettings,
    located,
    parsed,
    password,
)
from app.broker.tls import client_context
from app.broker.witnesses import BadWitness, witness_keys, witnessed_logs
from app.check import Check
from components.text import safe_text

SOON_DAYS = 30
"""How long before its end a certificate is worth a note."""

_DAY_US = 86_400 * 1_000_000
_OTHERS = 0o077


def checks(settings: MqttSettings, folder: Path, now: int) -> list[Check]:
    """All findings, for the home `folder`, at a time in µs since 1970 UTC.

    None where no bridge is set. The broker is asked last, and only where all else is in order.
    """
    if settings == MqttSettings():
        return []
    found = [Check("mqtt", "bad", problem) for problem in _incomplete(settings)]
    if not found:
        found = [Check("mqtt", "bad", problem) for problem in _files(settings, folder)]
    if found:
        return found
    address = parsed(settings.url)
    found += _certificates(settings, folder, now) if address.tls else _plain(settings)
    if all(check.result != "bad" for check in found):
        found.append(_broker(settings, folder, address))
    return found


def _incomplete(settings: MqttSettings) -> Iterator[str]:
    try:
        parsed(settings.url)
    except BadBrokerUrl as error:
        yield f"[mqtt] url: {safe_text(str(error))}"
    for one, other in (("cert", "key"), ("key", "cert"), ("password_file", "username")):
        if getattr(settings, one) and not getattr(settings, other):
            yield f"[mqtt] {one} is set, but {other} is not"


def _plain(settings: MqttSettings) -> Iterator[Check]:
    text = "mqtt:// is without TLS: whoever is on the way reads and changes what travels"
    yield Check("mqtt", "note", text)
    if settings.ca or settings.cert:
        yield Check("mqtt", "bad", "ca, cert and key are of no use with mqtt://: write mqtts://")


def _files(settings: MqttSettings, folder: Path) -> Iterator[str]:
    """What keeps the named files from being used."""
    for name in ("ca", "cert", "key", "password_file"):
        if value := getattr(settings, name):
            path = located(folder, value)
            try:
                with path.open("rb"):
                    mode = path.stat().st_mode
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                yield f"[mqtt] {name}: {safe_text(str(path))}: {reason}"
                continue
            if name in {"key", "password_file"} and mode & _OTHERS:
                yield f"{safe_text(str(path))} is open to others ({mode & 0o777:04o}): chmod 600 it"
    for keys in (witness_keys, witnessed_logs):
        try:
            keys(settings, folder)
        except BadWitness as bad:
            yield safe_text(str(bad))


def _certificates(settings: MqttSettings, folder: Path, now: int) -> Iterator[Check]:
    try:
        client_context(settings, folder)
    except ssl.SSLError as error:
        # OpenSSL names no file: the authority's is read first, the key is held against the other.
        reason = (error.reason or "not in PEM").lower().replace("_", " ")
        text = f"ca, cert and key do not go together: {reason}"
        yield Check("mqtt", "bad", text)
        return
    for name in ("ca", "cert"):
        if value := getattr(settings, name):
            yield from _dates(name, located(folder, value), now)
    if settings.ca and settings.cert:
        yield from _signature(located(folder, settings.ca), located(folder, settings.cert))


def _dates(name: str, path: Path, now: int) -> Iterator[Check]:
    try:
        from app.broker.certificates import validity

        begin, end = validity(path.read_bytes())
    except ModuleNotFoundError:
        text = f"the dates of {name} were not checked: pip install 'assent[broker]' reads them"
        yield Check("mqtt", "note", text)
        return
    except ValueError as error:
        yield Check("mqtt", "bad", f"{name}: {safe_text(str(path))} is no certificate: {error}")
        return
    day = datetime.fromtimestamp(end / 1e6, UTC).strftime("%Y-%m-%d")
    if now > end:
        yield Check("mqtt", "bad", f"{name} expired on {day}: ask for a new certificate")
    elif now < begin:
        yield Check("mqtt", "bad", f"{name} is not valid yet: is this machine's clock right?")
    elif end - now < SOON_DAYS * _DAY_US:
        days = (end - now) // _DAY_US
        yield Check("mqtt", "note", f"{name} expires on {day}, in {days} days")
    else:
        yield Check("mqtt", "ok", f"{name} is valid until {day}")


def _signature(ca: Path, cert: Path) -> Iterator[Check]:
    try:
        from app.broker.certificates import signed_by
    except ModuleNotFoundError:
        return  # said of the dates already
    if not signed_by(cert.read_bytes(), ca.read_bytes()):
        # No error: a broker may have one authority for itself and another for its clients.
        yield Check("mqtt", "note", "cert is not by the authority in ca")


def _broker(settings: MqttSettings, folder: Path, address: BrokerAddress) -> Check:
    context = client_context(settings, folder)
    where = f"the broker at {address.host} port {address.port}"
    problem = knock(address, context, settings.username, password(settings, folder))
    if problem:
        return Check("mqtt", "bad", f"{where}: {safe_text(problem)}")
    return Check("mqtt", "ok", f"{where} lets us in" + (", over TLS" if context else ""))
