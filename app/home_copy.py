"""What a copy of a home is: its files, its manifest, and how it is verified."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import file_digest
from pathlib import Path

import msgspec
from msgspec import Struct

from app.home import NODE_KEY_NAME, NODE_PUB_NAME, SOCKET_NAME
from app.startable import MOVED_NAME, RESTORING_NAME, MoveProblem
from components.audit_system import verify
from components.keys import KeyProblem, load_or_create_key, parse_verifier_key
from components.keys.private import create_private, sync_folder
from storage import STORE_NAME, open_reader
from storage.lock import LOCK_NAME

MANIFEST_NAME = "backup.json"

_NOT_COPIED = {LOCK_NAME, SOCKET_NAME, MOVED_NAME, RESTORING_NAME, MANIFEST_NAME} | {
    STORE_NAME + end for end in ("", "-wal", "-shm", "-journal")
}

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it, and of how much."""


class Backup(Struct, frozen=True, kw_only=True):
    """What a copy is: of which node, when (µs since 1970 UTC), by whom and where it was taken.

    `moved` says that the home it is of was closed with it. `files` is all that is in it, each with
    its SHA-256 (hex); `entries` and `root` are the log's head.
    """

    v: int = 1
    node: str
    taken_at: int
    taken_by: str
    home: str
    moved: bool
    entries: int
    root: str
    files: dict[str, str]


def home_files(home: Path) -> Iterator[str]:
    """What is copied beside the store, as paths in the home; links are followed, but not back.

    Raises `MoveProblem` for a folder that cannot be read: a copy without it would be none.
    """

    def refuse(error: OSError) -> None:
        raise MoveProblem(f"{error.filename} cannot be read: {error.strerror}") from error

    for folder, below, names in os.walk(home, followlinks=True, onerror=refuse):
        here = Path(folder).resolve()
        below[:] = [name for name in below if not here.is_relative_to(Path(folder, name).resolve())]
        for name in sorted(names):
            path = Path(folder, name)
            place = str(path.relative_to(home))
            if place not in _NOT_COPIED and path.is_file():
                yield place


def copy_files(source: Path, target: Path, files: dict[str, str], tell: Progress) -> dict[str, str]:
    """Copy files with their rights, synced; each must have its SHA-256, where one is given."""
    found = {}
    for number, (place, wanted) in enumerate(files.items(), 1):
        path = target / place
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            shutil.copy2(source / place, path)
        except FileNotFoundError:
            if wanted or (source / place).exists():
                raise
            continue  # it was there for a moment only, as what is about to be renamed is
        found[place] = digest(path)
        sync_folder(path.parent)
        if wanted and found[place] != wanted:
            raise MoveProblem(f"{source / place} is not what was copied: the backup is damaged")
        tell("copying files", number, len(files))
    return found


def digest(path: Path) -> str:
    """The SHA-256 (hex) of a file, which is synced first."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return file_digest(file, "sha256").hexdigest()


def verified(home: Path, tell: Progress, against: str | None = None) -> tuple[int, str]:
    """The size and root of a home's log, which holds and was signed by the key beside it."""
    vkey = (home / NODE_PUB_NAME).read_text("utf-8").strip()
    key = load_or_create_key(home / NODE_KEY_NAME, may_create=False)
    if parse_verifier_key(vkey).public != key.verify_key.encode():
        raise KeyProblem(f"{home / NODE_PUB_NAME} is not the public half of {NODE_KEY_NAME}")

    def follow(done: int, of: int) -> bool:
        tell("verifying", done, of)
        return True

    with closing(open_reader(home)) as reader:
        result = verify(reader, vkey, against, follow)
    if not result.ok:
        raise MoveProblem(f"the log of the copy does not hold: {result.why}")
    return result.entries, result.root


def read_manifest(source: Path) -> Backup:
    """What a folder says it is a copy of. Raises `MoveProblem`."""
    if not source.is_dir():
        raise MoveProblem(f"{source} is no folder: give the one that `assent backup` made")
    try:
        made = msgspec.json.decode((source / MANIFEST_NAME).read_bytes(), type=Backup)
    except FileNotFoundError:
        raise MoveProblem(f"{source} is no backup: there is no {MANIFEST_NAME} in it") from None
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise MoveProblem(
            f"{source} is no backup: {MANIFEST_NAME} cannot be read ({error})"
        ) from None
    for place in made.files:
        path = Path(place)
        if path.is_absolute() or ".." in path.parts or place in _NOT_COPIED - {STORE_NAME}:
            raise MoveProblem(f"{source} is no backup of ours: it names the file {place}")
    return made


def write_once(path: Path, text: str) -> None:
    """Write a small file, durably."""
    try:
        create_private(path, f"{text}\n".encode())
    except KeyProblem as problem:
        raise MoveProblem(f"{path} cannot be written: {problem}") from problem
