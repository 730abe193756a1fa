"""The baselines of a home: one file each in its folder `baselines`, and which one is in force."""

import os
import sqlite3
import stat
from pathlib import Path

import msgspec

from app.beside import replace_whole
from app.machine import this_machine
from components.keys.private import sync_folder
from components.monitor.baseline import Baseline, is_name, make_baseline, too_few
from components.monitor.buckets import level_for, read_buckets, read_summary

FOLDER = "baselines"
CURRENT = "current"
_SUFFIX = ".json"
_BEAT = "runtime.loop_lag"  # measured all the while that a node runs
_POINTS = 1000
_LARGEST = 256 * 1024  # bytes of a file; one of every operation takes 10 kB

_FileState = tuple[int, int, int] | None


class BaselineProblem(Exception):  # noqa: N818 - named as its fellows KeyProblem and AuditProblem
    """What was asked for cannot be done; the text says why and what to do."""


class BadBaseline(BaselineProblem):
    """A file cannot be used: `file` is its path, `why` the reason."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"{file}: {why}")
        self.file = file
        self.why = why


class Baselines:
    """The folder of a home. Files are replaced whole: a reader finds the old one or the new one.

    An object is for one thread; several of them, and several processes, may share a folder.
    Whatever fails is a `BaselineProblem`; a file that is there and cannot be used a `BadBaseline`.
    """

    def __init__(self, home: Path) -> None:
        self.folder = home / FOLDER
        self._seen: dict[Path, _FileState] | None = None

    def names(self) -> list[str]:
        """The names of all that are there, whether or not they can be read."""
        try:
            files = sorted(path.name for path in self.folder.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise BadBaseline(self.folder, _reason(error)) from None
        found = (name.removesuffix(_SUFFIX) for name in files if name.endswith(_SUFFIX))
        return [name for name in found if is_name(name)]

    def read(self, name: str) -> Baseline:
        """The baseline of that name."""
        file = self._file(name)
        try:
            content = _content(file)
        except FileNotFoundError:
            raise BaselineProblem(
                f"there is no baseline {name}: `assent baseline list` says which there are"
            ) from None
        baseline = _decoded(file, content)
        if baseline.name != name:
            raise BadBaseline(file, f"is called {baseline.name!r} inside, which is another name")
        return baseline

    def current_name(self) -> str | None:
        """The name of the one in force, None where none is."""
        file = self.folder / CURRENT
        try:
            name = _content(file).decode("ascii", "replace").removesuffix("\n")
        except FileNotFoundError:
            return None
        if not is_name(name):
            raise BadBaseline(file, "names no baseline: write `assent baseline use NAME`")
        return name

    def current(self) -> Baseline | None:
        """The baseline in force, read anew; None where none is.

        Where it raises, whoever had an older one keeps that, and asks again when `changed`.
        """
        current = self.folder / CURRENT
        self._seen = {current: _state(current)}
        name = self.current_name()
        if name is None:
            return None
        file = self._file(name)
        self._seen[file] = _state(file)
        if self._seen[file] is None:
            raise BadBaseline(current, f"names {name}, which is not there")
        return self.read(name)

    def changed(self) -> bool:
        """Whether `current` would find other files than the last time; True before the first."""
        return self._seen is None or any(_state(file) != was for file, was in self._seen.items())

    def write(self, baseline: Baseline, *, replace: bool = False) -> None:
        """Keep a baseline; one of that name is only replaced where `replace` allows it."""
        file = self._file(baseline.name)
        if not replace and os.path.lexists(file):
            raise BaselineProblem(
                f"there is a baseline {baseline.name} already: choose another name, or --replace"
            )
        try:
            content = msgspec.json.format(msgspec.json.encode(baseline), indent=1) + b"\n"
        except UnicodeEncodeError:
            raise BaselineProblem("the note is not UTF-8") from None
        if _decoded(file, content) != baseline:
            raise BaselineProblem(f"{baseline.name} could not be read back: nothing was written")
        self._put(file, content)

    def use(self, name: str) -> Baseline:
        """Put a baseline in force; it must be one that can be read."""
        baseline = self.read(name)
        self._put(self.folder / CURRENT, f"{name}\n".encode())
        return baseline

    def remove(self, name: str) -> bool:
        """Delete a baseline, also one that cannot be read; whether it was the one in force."""
        file = self._file(name)
        if not os.path.lexists(file):
            self.read(name)
        in_force = self._names_current(name)
        try:
            if in_force:
                (self.folder / CURRENT).unlink(missing_ok=True)
            file.unlink()
            sync_folder(self.folder)
        except OSError as error:
            raise BaselineProblem(f"{file} cannot be removed: {_reason(error)}") from None
        return in_force

    def _names_current(self, name: str) -> bool:
        try:
            return self.current_name() == name
        except BadBaseline:
            return False

    def _file(self, name: str) -> Path:
        if not is_name(name):
            raise BaselineProblem(
                f"{name!r} cannot name a baseline: up to 64 letters, digits, _ . and - can"
            )
        return self.folder / f"{name}{_SUFFIX}"

    def _put(self, file: Path, content: bytes) -> None:
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            replace_whole(file, content)
        except OSError as error:
            raise BaselineProblem(f"{file} cannot be written: {_reason(error)}") from None


def take(
    reader: sqlite3.Connection, name: str, since: int, until: int, *, now: int, note: str = ""
) -> Baseline:
    """A baseline of this machine from recorded history; times in µs.

    Its span is the part in which a node ran, so that throughput is of that alone. Raises
    `BaselineProblem` where too little was recorded.
    """
    since, until = _running(reader, since, until, now)
    figures = read_summary(reader, since, until)
    if why := too_few(figures):
        raise BaselineProblem(f"{why}: let the node work longer, or take an earlier --since")
    return make_baseline(
        name, figures, this_machine(), made_at=now, since=since, until=until, note=note
    )


def _running(reader: sqlite3.Connection, since: int, until: int, now: int) -> tuple[int, int]:
    """From when until when a node ran within a span; all of it where that cannot be told."""
    level = level_for(since, until, now, _POINTS)
    beats = read_buckets(reader, _BEAT, level, since, until)
    if not beats:
        return since, until
    end = beats[-1].start + beats[-1].seconds * 1_000_000
    return max(since, beats[0].start), min(until, end)


def _content(file: Path) -> bytes:
    """What is in a file of ours. Raises `FileNotFoundError`, or `BadBaseline`."""
    try:
        # Without waiting: a pipe in a file's place must not hold up the node.
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as opened:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise BadBaseline(file, "is not a regular file")
            content = opened.read(_LARGEST + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise BadBaseline(file, _reason(error)) from None
    if len(content) > _LARGEST:
        raise BadBaseline(file, f"is larger than {_LARGEST // 1024} KiB")
    return content


def _decoded(file: Path, content: bytes) -> Baseline:
    try:
        return msgspec.json.decode(content, type=Baseline)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadBaseline(file, f"is no baseline: {error}") from None


def _state(file: Path) -> _FileState:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
