"""Where a node's broker is, from its settings."""

from functools import partial
from pathlib import Path

from app.broker.settings import BadBrokerUrl, MqttSettings, parsed, password
from app.broker.tls import client_context
from app.intake.mqtt import SESSION_S, Target


class BadTarget(OSError):  # noqa: N818 - it says what it is about
    """The broker of the settings cannot be used; the text says why."""


def target_of(
    settings: MqttSettings, home: Path, name: str, client_id: str, session_s: int = SESSION_S
) -> Target:
    """The broker of `settings`, for the principal `name`. Raises `BadTarget`.

    Relative paths begin in `home`. `client_id` names the session that the broker keeps, for so many
    seconds. Certificates and keys are looked at here, and again at each connection.
    """
    if not settings.url:
        raise BadTarget("there is no `[mqtt] url` in assent.toml")
    tls = partial(client_context, settings, home)
    try:
        address = parsed(settings.url)
        tls()
    except (OSError, BadBrokerUrl) as error:
        raise BadTarget(f"[mqtt]: {error}") from None
    return Target(
        host=address.host,
        port=address.port,
        client_id=client_id,
        username=settings.username or name,
        password=_password(settings, home),
        tls=tls,
        session_s=session_s,
    )


def _password(settings: MqttSettings, home: Path) -> str:
    try:
        return password(settings, home)
    except OSError as error:
        raise BadTarget(f"the password file cannot be read: {error}") from None
