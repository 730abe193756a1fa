"""A home copied whole while it is used, put back elsewhere, and moved so that it runs only there.

A copy holds all that the home has, its keys too. It appears under its name only when it is
complete, verified and synced. A home that has moved, or is not wholly restored, does not start.
"""

import shutil
import socket
from contextlib import closing, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

import msgspec

from app.epoch import LEAP_US, advance
from app.home import NODE_KEY_NAME, NODE_PUB_NAME, WITNESS_FOLDER
from app.home_copy import (
    MANIFEST_NAME,
    Backup,
    Progress,
    copy_files,
    digest,
    home_files,
    read_manifest,
    verified,
    write_once,
)
from app.settings import load, operator_name
from app.startable import MOVED_NAME, RESTORING_NAME, MoveProblem, check_startable
from components.audit_system import AuditLog, Entry, newest_checkpoint
from components.audit_system.cosigned import NAME as COSIGNED_NAME
from components.clock import Clock
from components.keys import load_or_create_key, parse_verifier_key
from components.keys.private import sync_folder
from storage import STORE_NAME, open_reader, open_store
from storage.backup import backup as copy_store

COSIGNED = f"{WITNESS_FOLDER}/{COSIGNED_NAME}"
"""The newest checkpoint of this log that others cosigned."""


def backup(
    home: Path, target: Path, clock: Clock, *, move: bool = False, progress: Progress | None = None
) -> Backup:
    """Copy a home to a new folder, whether or not its node runs; verify the copy.

    With `move` the node must not run, and the home does not start again once the copy is verified.
    Raises `MoveProblem`, `StoreError`, `AuditProblem` or `KeyProblem`, leaving no copy.
    """
    tell = progress or (lambda *_: None)
    _check_target(home, target)
    with closing(open_store(home)) if move else nullcontext():
        check_startable(home)
        # Of its own: another that copies to the same place meanwhile does not touch it.
        partial = Path(mkdtemp(prefix=f"{target.name}.partial-", dir=target.parent))
        try:
            made = _copied(home, partial, clock, move, tell)
            if move:  # before the copy has its name: at no moment may both start
                left = f"to {target.absolute()} by {made.taken_by}, {_date(made)}"
                write_once(home / MOVED_NAME, left)
            partial.rename(target)
        except BaseException:
            if partial.exists():  # else the copy has its name, and the home has moved
                if move:
                    (home / MOVED_NAME).unlink(missing_ok=True)
                shutil.rmtree(partial, ignore_errors=True)
            raise
        sync_folder(target.parent)
    return made


def restore(
    source: Path, home: Path, clock: Clock, *, progress: Progress | None = None
) -> tuple[Backup, int]:
    """Put a copy into an empty home, verify it, and give it a higher epoch; what was put there.

    The epoch is ahead of what the copied home could have by itself: it may start again. Raises
    `MoveProblem`, `StoreError`, `AuditProblem` or `KeyProblem`; the home then does not start.
    """
    tell = progress or (lambda *_: None)
    made = read_manifest(source)
    if home.exists() and any(home.iterdir()):
        raise MoveProblem(f"{home} is not empty: choose another with --home, or move it away")
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_once(home / RESTORING_NAME, f"from {source.absolute()}")
    copy_files(source, home, made.files, tell)
    entries, root = verified(home, tell)
    if (entries, root) != (made.entries, made.root):
        raise MoveProblem(f"{source} holds another log than its {MANIFEST_NAME} says")
    epoch = _begin_again(home, made, clock)
    (home / RESTORING_NAME).unlink()
    sync_folder(home)
    return made, epoch


def undo(home: Path) -> str:
    """Let a home that has moved start again; the text says what it was moved to."""
    path = home / MOVED_NAME
    try:
        left = path.read_text("utf-8").strip()
        path.unlink()
    except FileNotFoundError:
        raise MoveProblem(f"{home} has not moved: there is nothing to take back") from None
    sync_folder(home)
    return left


def _check_target(home: Path, target: Path) -> None:
    if not (home / STORE_NAME).exists():
        raise MoveProblem(f"there is no store in {home}: nothing to copy")
    if target.exists():
        raise MoveProblem(f"{target} exists already: choose another name")
    if target.resolve().is_relative_to(home.resolve()):
        raise MoveProblem(f"{target} lies in the home itself: choose a place outside")
    if not target.parent.is_dir():
        raise MoveProblem(f"{target.parent} is not there: make it first")


def _copied(home: Path, partial: Path, clock: Clock, move: bool, tell: Progress) -> Backup:
    # Before the store, which it says was signed so far: of a log it must not be ahead.
    ahead = [place for place in home_files(home) if place == COSIGNED]
    files = copy_files(home, partial, dict.fromkeys(ahead, ""), tell)
    with closing(open_reader(home)) as reader:
        before = newest_checkpoint(reader)
        copy_store(reader, partial / STORE_NAME, lambda done, of: tell("copying", done, of))
    # After the store: of what changes meanwhile the files are not behind it, and so no revoked
    # key is trusted again, and no witness forgets what it cosigned.
    after = (place for place in home_files(home) if place != COSIGNED)
    files |= copy_files(home, partial, dict.fromkeys(after, ""), tell)
    entries, root = verified(partial, tell, before.note if before else None)
    files[STORE_NAME] = digest(partial / STORE_NAME)
    made = Backup(
        node=parse_verifier_key((partial / NODE_PUB_NAME).read_text("utf-8")).name,
        taken_at=clock.now(), taken_by=f"{operator_name(load(home))}@{socket.gethostname()}",
        home=str(home.absolute()), moved=move, entries=entries, root=root, files=files,
    )  # fmt: skip
    write_once(partial / MANIFEST_NAME, msgspec.json.format(msgspec.json.encode(made)).decode())
    return made


def _begin_again(home: Path, made: Backup, clock: Clock) -> int:
    """Advance the epoch, and record in the log where it goes on."""
    key = load_or_create_key(home / NODE_KEY_NAME, may_create=False)
    with closing(open_store(home)) as store:
        epoch = advance(store, clock, LEAP_US)
        log = AuditLog.open(store, key, made.node, clock)
        entry = Entry(
            kind="node.restored",
            detail={
                "epoch": epoch, "taken_at": made.taken_at, "taken_by": made.taken_by,
                "home": made.home, "moved": made.moved,
            },
        )  # fmt: skip
        store.writer.run(lambda tx: log.append(tx, entry))
    return epoch


def _date(made: Backup) -> str:
    return datetime.fromtimestamp(made.taken_at / 1e6, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
