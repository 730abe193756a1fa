"""The checks of `assent doctor`."""

import os
import shutil
import socket
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from msgspec import Struct

from app.home import NODE_KEY_NAME, BadHome, home, socket_path
from app.node.policy import PolicyFiles
from app.settings import BadSettings, Settings, load
from components.hitl import BadPolicy, load_policies
from components.intent_firewall import BadPack
from storage import StoreError, StoreMissing, integrity, open_reader, wal_reset_range

LOW_DISK = 512 * 1024 * 1024


class Check(Struct, frozen=True):
    """One finding; `bad` must be mended, `note` is worth knowing."""

    name: str
    result: Literal["ok", "note", "bad"]
    text: str


def examine() -> list[Check]:
    """Run every check on this machine and home."""
    folder = home()
    there = _home(folder)
    checks = [_python(), _sqlite(), _terminal(), there]
    if there.result == "bad":
        return checks
    checks.append(_socket(folder))
    for check in (_key, _settings, _store, _disk):
        checks.extend(check(folder))
    return checks


def _python() -> Check:
    version = sys.version.split()[0]
    return Check("python", "ok", f"{version} at {sys.prefix}")


def _sqlite() -> Check:
    version = sqlite3.sqlite_version
    if wal_reset_range(version):
        text = f"{version} can lose its log with two writers: this program has only one, by design"
        return Check("sqlite", "note", text)
    return Check("sqlite", "ok", version)


def _home(folder: Path) -> Check:
    try:
        folder.stat()
    except FileNotFoundError:
        above = next(parent for parent in folder.parents if parent.exists())
        if not os.access(above, os.W_OK | os.X_OK):
            return _bad_home(folder, f"{above} cannot be written")
        return Check("home", "note", f"{folder} is made at the first `assent run`")
    except OSError as error:
        return _bad_home(folder, (error.strerror or str(error)).lower())
    if not folder.is_dir():
        return _bad_home(folder, "it is not a folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        return _bad_home(folder, "it cannot be written")
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & 0o077:
        return Check("home", "note", f"{folder} is open to others ({mode:04o}): chmod 700 it")
    return Check("home", "ok", str(folder))


def _bad_home(folder: Path, reason: str) -> Check:
    return Check("home", "bad", str(BadHome(folder, reason)))


def _socket(folder: Path) -> Check:
    path = socket_path(folder)
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(1.0)
        try:
            link.connect(str(path))
        except OSError:
            return Check("socket", "ok", f"{path}: no node runs")
    return Check("socket", "ok", f"{path}: a node answers")


def _terminal() -> Check:
    size = shutil.get_terminal_size((0, 0))
    term = os.environ.get("TERM", "")
    if not sys.stdout.isatty():
        return Check("terminal", "note", "none here: `assent run` would print lines")
    if term == "dumb":
        return Check("terminal", "note", "TERM is dumb: `assent run` would print lines")
    if size.columns < 60 or size.lines < 20:
        return Check("terminal", "note", f"{size.columns}×{size.lines} is small; 80×24 is well")
    return Check("terminal", "ok", f"{term} {size.columns}×{size.lines}")


def _key(folder: Path) -> Iterator[Check]:
    path = folder / NODE_KEY_NAME
    if not path.exists():
        yield Check("key", "note", "made at the first `assent run`")
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        yield Check("key", "bad", f"{path} is open to others ({mode:04o}): chmod 600 {path}")
    else:
        yield Check("key", "ok", f"{path}, private")


def _settings(folder: Path) -> Iterator[Check]:
    yield _tried("settings", lambda: _settings_read(folder))
    try:
        settings = load(folder)
    except BadSettings:
        return
    yield _tried("hitl", lambda: _policies_read(settings))
    yield _tried("rules", lambda: _rules(folder, settings))
    yield _tried("keys", lambda: _keys_read(settings))


def _settings_read(folder: Path) -> str:
    load(folder)
    return "can be read"


def _policies_read(settings: Settings) -> str:
    load_policies(settings.hitl)
    return "class policies can be read"


def _keys_read(settings: Settings) -> str:
    from app.console import BadKeymap, remapped  # Textual takes a while to import

    try:
        remapped(settings.console.keys)
    except BadKeymap as error:
        raise BadSettings(f"[console.keys]: {error}") from None
    return "every command of the console has its key"


def _rules(folder: Path, settings: Settings) -> str:
    return f"packs can be read, version {PolicyFiles(folder, settings).load().version}"


def _store(folder: Path) -> Iterator[Check]:
    try:
        reader = open_reader(folder)
    except StoreMissing:
        yield Check("store", "note", "made at the first `assent run`")
        return
    except (StoreError, OSError) as error:
        yield Check("store", "bad", str(error))
        return
    try:
        problems = integrity(reader)
    finally:
        reader.close()
    if problems:
        yield Check("store", "bad", f"{problems[0]}; then `assent audit verify` says what holds")
    else:
        yield Check("store", "ok", "SQLite's integrity check holds")


def _disk(folder: Path) -> Iterator[Check]:
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(there).free
    text = f"{free >> 20:,} MiB free"
    if free < LOW_DISK:
        yield Check("disk", "bad", f"{text}: make room, or verdicts will be denied")
    else:
        yield Check("disk", "ok", text)


def _tried(name: str, attempt: Callable[[], str]) -> Check:
    try:
        return Check(name, "ok", attempt())
    except (BadSettings, BadPolicy, BadPack, OSError) as error:
        return Check(name, "bad", str(error))
