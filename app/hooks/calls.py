"""Which request a running tool call was allowed by: a note from one run of a hook to the next.

The notes lie in a private folder of the home, one file a call. They are few: the end of a call
takes its note away, and the oldest make room for new ones.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

FOLDER = "hooks"

_MOST, _KEPT = 512, 256  # when there are more than the first, the newest of the second stay


class Note(Struct, frozen=True):
    """The request that allowed a call, and when (µs)."""

    request_id: str
    tool: str
    digest: str
    at: int


_note = msgspec.json.Decoder(Note)


class Calls:
    """The notes of one agent in a home."""

    def __init__(self, home: Path, agent: str) -> None:
        self._folder = home / FOLDER
        self._agent = agent

    def note(self, session: str, call: str, note: Note) -> None:
        """Remember a call. Raises `OSError` where that cannot be."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._make_room()
        path = self._path(session, call)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(file, "wb") as opened:
            opened.write(msgspec.json.encode(note))

    def take(self, session: str, call: str) -> Note | None:
        """The note of a call, which is then gone; None where there is none."""
        path = self._path(session, call)
        try:
            raw = path.read_bytes()
            path.unlink()
            return _note.decode(raw)
        except (OSError, msgspec.DecodeError):
            return None

    def _path(self, session: str, call: str) -> Path:
        key = "\0".join((self._agent, session, call))
        return self._folder / hashlib.sha256(key.encode()).hexdigest()[:40]

    def _make_room(self) -> None:
        entries = list(os.scandir(self._folder))
        if len(entries) <= _MOST:
            return
        dated: list[tuple[int, str]] = []
        for entry in entries:
            with suppress(OSError):  # taken away by its call's end
                dated.append((entry.stat().st_mtime_ns, entry.path))
        for _, path in sorted(dated)[:-_KEPT]:
            Path(path).unlink(missing_ok=True)
