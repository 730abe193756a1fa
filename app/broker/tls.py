"""How a client of the broker speaks TLS."""

import ssl
from pathlib import Path

from app.broker.settings import MqttSettings, located, parsed


def client_context(settings: MqttSettings, home: Path) -> ssl.SSLContext | None:
    """The context for the broker of the settings; None where its address is without TLS.

    The broker must show a certificate for its host, by the authority `ca`, or by one the system
    trusts where none is set. Raises `OSError` (of which `ssl.SSLError` is one) for a file that
    cannot be used, and `BadBrokerUrl`.
    """
    if not parsed(settings.url).tls:
        return None
    ca = str(located(home, settings.ca)) if settings.ca else None
    context = ssl.create_default_context(cafile=ca)
    if settings.cert:
        # Without a password given, OpenSSL would ask the terminal for one of a locked key.
        context.load_cert_chain(
            located(home, settings.cert), located(home, settings.key), password=""
        )
    return context
