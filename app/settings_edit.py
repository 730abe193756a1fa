"""One figure of the settings file, changed in place: comments and all else stay as they are."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from app.beside import replace_whole
from app.home import SETTINGS_NAME
from app.settings import Settings


class CannotSet(Exception):  # noqa: N818 - named as its fellow BadSettings
    """The setting was not changed; the text says why."""


def figure_of(home: Path, section: str, key: str) -> float:
    """What is set, or the default. Raises `CannotSet` for what is no figure that can be set."""
    return _figure(_settings(_text(home)), section, key)


def set_figure(home: Path, section: str, key: str, before: float, after: float) -> None:
    """Change a figure that is `before` to `after`, for good when this returns.

    The new file is checked before it takes the old one's place, whole. Raises `CannotSet`.
    """
    text = _text(home)
    now = _figure(_settings(text), section, key)
    if now != before:
        raise CannotSet(f"{section}.{key} is {now:g} by now, not {before:g}")
    changed = _edited(text, section, key, int(after) if after.is_integer() else after)
    if _figure(_settings(changed), section, key) != after:
        raise CannotSet(f"{section}.{key} could not be set to {after:g} in {SETTINGS_NAME}")
    try:
        replace_whole((home / SETTINGS_NAME).resolve(), changed.encode())
    except OSError as error:
        raise CannotSet(f"{SETTINGS_NAME} cannot be written: {error.strerror}") from error


def _text(home: Path) -> str:
    try:
        return (home / SETTINGS_NAME).read_bytes().decode()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise CannotSet(f"{SETTINGS_NAME} cannot be read: {error}") from error


def _settings(text: str) -> Settings:
    try:
        return msgspec.convert(tomllib.loads(text), Settings)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise CannotSet(f"{SETTINGS_NAME}: {error}") from error


def _figure(settings: Settings, section: str, key: str) -> float:
    value = getattr(getattr(settings, section, None), key, None)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise CannotSet(f"{section}.{key} is no figure that can be set")
    return float(value)


def _edited(text: str, section: str, key: str, value: float) -> str:
    import tomlkit  # only who changes a setting waits for it

    document = tomlkit.parse(text)
    if section not in document:
        document[section] = tomlkit.table()
    table: Any = document[section]
    table[key] = value
    return tomlkit.dumps(document)
