"""The checks of `assent doctor`."""

import os
import shutil
import socket
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from app.baselines import BaselineProblem, Baselines
from app.broker.checks import checks as bridge_checks
from app.check import Check
from app.home import NODE_KEY_NAME, BadHome, home, socket_path
from app.machine import this_machine
from app.node.identity import KEYRING_NAME, OPERATORS_FOLDER
from app.node.policy import PolicyFiles
from app.node.rule_files import RuleFiles
from app.settings import BadSettings, Settings, load
from app.startable import MoveProblem, check_startable
from components.clock import SystemClock
from components.hitl import BadPolicy, load_policies
from components.intent_firewall import BadPack
from components.keys import KeyProblem, Keyring, load_or_create_key
from components.monitor import same_machine
from components.monitor.alerting import BadRules
from components.monitor.buckets import HEARTBEAT
from components.monitor.history import FLUSH_S
from components.monitor.probe import SystemProbe
from components.monitor.resources import missing
from components.text import safe_text
from storage import (
    STORE_NAME,
    StoreError,
    StoreMissing,
    check_writable,
    integrity,
    open_reader,
    wal_reset_range,
)

LOW_DISK = 512 * 1024 * 1024
STALE_S = 60
"""Six flushes of the history: a node that runs and wrote none for so long cannot."""


def examine() -> list[Check]:
    """Run every check on this machine and home."""
    folder = home()
    there = _home(folder)
    checks = [_python(), _sqlite(), _terminal(), there]
    if there.result == "bad":
        return checks
    checks.append(_socket(folder))
    for check in (_startable, _key, _settings, _bridge, _baselines, _store, _disk, _figures):
        checks.extend(check(folder))
    return checks


def _bridge(folder: Path) -> Iterator[Check]:
    try:
        settings = load(folder)
    except BadSettings:
        return  # said already
    yield from bridge_checks(settings.mqtt, folder, SystemClock().now())


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
    said = "a node answers" if _answers(folder) else "no node runs"
    return Check("socket", "ok", f"{socket_path(folder)}: {said}")


def _answers(folder: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(1.0)
        try:
            link.connect(str(socket_path(folder)))
        except OSError:
            return False
    return True


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


def _startable(folder: Path) -> Iterator[Check]:
    try:
        check_startable(folder)
    except MoveProblem as problem:
        yield Check("home", "bad", safe_text(str(problem)))


def _key(folder: Path) -> Iterator[Check]:
    path = folder / NODE_KEY_NAME
    if not path.exists() and not _has_log(folder):
        yield Check("key", "note", "made at the first `assent run`")
    else:
        yield _tried("key", lambda: _key_read(path))
    ring = folder / OPERATORS_FOLDER / KEYRING_NAME
    if ring.exists():
        yield _tried("operators", lambda: f"{len(Keyring.load(ring).keys)} keys can be read")


def _key_read(path: Path) -> str:
    load_or_create_key(path, may_create=False)
    return f"{path}, private"


def _has_log(folder: Path) -> bool:
    try:
        with closing(open_reader(folder)) as reader:
            return reader.execute("SELECT 1 FROM audit_entries LIMIT 1").fetchone() is not None
    except (StoreError, sqlite3.Error):
        return False  # what is wrong with it is told below


def _settings(folder: Path) -> Iterator[Check]:
    yield _tried("settings", lambda: _settings_read(folder))
    try:
        settings = load(folder)
    except BadSettings:
        return
    yield _tried("hitl", lambda: _policies_read(settings))
    yield _tried("rules", lambda: _rules(folder, settings))
    yield _tried("alerts", lambda: _alert_rules(folder, settings))
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


def _alert_rules(folder: Path, settings: Settings) -> str:
    rules = RuleFiles(folder, settings).load().rules
    return f"{sum(rule.enabled for rule in rules)} alert rules can be read"


def _baselines(folder: Path) -> Iterator[Check]:
    baselines = Baselines(folder)
    try:
        current = baselines.current()
    except BaselineProblem as error:
        yield Check("baseline", "bad", f"{error}; `assent baseline use` puts another in force")
    else:
        if current is None:
            text = "none is in force: `assent baseline set NAME` makes one of the last hour"
            yield Check("baseline", "note", text)
        elif differs := same_machine(current.machine, this_machine()):
            text = f"{current.name} was measured on another machine: {', '.join(differs)}"
            yield Check("baseline", "note", safe_text(text))
        else:
            yield Check("baseline", "ok", f"{current.name} is in force")
    yield from _broken_baselines(baselines)


def _broken_baselines(baselines: Baselines) -> Iterator[Check]:
    try:
        names = baselines.names()
    except BaselineProblem:
        return  # said already
    for name in names:
        try:
            baselines.read(name)
        except BaselineProblem as error:
            text = f"{error}; `assent baseline remove {name}` takes it away"
            yield Check("baseline", "note", text)


def _figures(folder: Path) -> Iterator[Check]:
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    lacking = [gauge.name for gauge in missing(SystemProbe(there / STORE_NAME).read())]
    if lacking:
        text = f"this platform does not tell {', '.join(lacking)}: rules over them sleep"
        yield Check("figures", "note", text)
    else:
        yield Check("figures", "ok", "this platform tells all of machine and process")


def _store(folder: Path) -> Iterator[Check]:
    try:
        check_writable(folder / STORE_NAME)
        reader = open_reader(folder)
    except StoreMissing:
        yield Check("store", "note", "made at the first `assent run`")
        return
    except (StoreError, OSError) as error:
        yield Check("store", "bad", str(error))
        return
    try:
        problems = integrity(reader)
        if problems:
            text = f"{problems[0]}; then `assent audit verify` says what holds"
            yield Check("store", "bad", text)
        else:
            yield Check("store", "ok", "SQLite's integrity check holds")
            yield _history(reader, running=_answers(folder))
    finally:
        reader.close()


def _history(reader: sqlite3.Connection, *, running: bool) -> Check:
    """Whether the history goes on; a node that has run for less than a flush has none yet."""
    query = "SELECT max(start) FROM metric_buckets WHERE level = 'second' AND operation = ?"
    try:
        newest = reader.execute(query, (HEARTBEAT,)).fetchone()[0]
    except sqlite3.Error as error:
        return Check("history", "bad", f"cannot be read: {error}")
    if newest is None:
        return Check("history", "note", f"no figures yet: a node writes them every {FLUSH_S} s")
    age_s = max((SystemClock().now() - newest) // 1_000_000, 0)
    if not running:
        return Check("history", "ok", f"reaches to {age_s:,} s ago, when the last node ran")
    if age_s > STALE_S:
        text = f"the node has written no figures for {age_s:,} s: the alerts screen (5) says why"
        return Check("history", "bad", text)
    return Check("history", "ok", f"the node writes it: the newest second is {age_s} s old")


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
    except (BadSettings, BadPolicy, BadPack, BadRules, KeyProblem, OSError) as error:
        return Check(name, "bad", str(error))
