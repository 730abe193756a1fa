"""Where a node's broker is, from its settings."""

from pathlib import Path

from app.broker.settings import BadBrokerUrl, MqttSettings, located, parsed
from app.intake.mqtt import BadTarget, Target

_LONGEST_PASSWORD = 4096


def target_of(settings: MqttSettings, home: Path, name: str, client_id: str) -> Target:
    """The broker of `settings`, for the principal `name`. Raises `BadTarget`.

    Relative paths begin in `home`. `client_id` names the session that the broker keeps.
    """
    try:
        address = parsed(settings.url)
    except BadBrokerUrl as error:
        raise BadTarget(str(error)) from None
    return Target(
        host=address.host,
        port=address.port,
        tls=address.tls,
        client_id=client_id,
        username=settings.username or name,
        password=_password(settings, home),
        ca=_path(home, settings.ca),
        cert=_path(home, settings.cert),
        key=_path(home, settings.key),
    )


def _password(settings: MqttSettings, home: Path) -> str:
    if not settings.password_file:
        return ""
    path = located(home, settings.password_file)
    try:
        return path.read_text("utf-8")[:_LONGEST_PASSWORD].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadTarget(f"the password file {path} cannot be read: {error}") from None


def _path(home: Path, name: str) -> str:
    return str(located(home, name)) if name else ""
