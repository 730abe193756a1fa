"""A program on a terminal of its own, watched from outside: keys go in, bytes are waited for."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[1]
ROWS, COLUMNS = 50, 160
_KEPT = 1 << 16


class Silent(Exception):  # noqa: N818 - reads as the sentence it is
    """What was waited for did not come in time, or the program ended."""


class Terminal:
    """Runs a command on a pseudo-terminal; a context manager. Raises `Silent`."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        self.painted = 0
        self.seen = b""
        self.started = time.perf_counter()
        self._parent, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._process = subprocess.Popen(
            command, stdin=child, stdout=child, stderr=child, cwd=ROOT, start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", **(env or {})},
        )  # fmt: skip
        os.close(child)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self.run_out(10.0)
            except Silent:
                self._process.kill()
        self._process.wait()
        os.close(self._parent)

    def press(self, key: bytes) -> float:
        """Type a key; the result is when (s)."""
        now = time.perf_counter()
        os.write(self._parent, key)
        return now

    def read(self, within_s: float) -> bytes:
        """What is painted next: empty where nothing comes in time. Raises `Silent` at the end."""
        if not select.select([self._parent], [], [], within_s)[0]:
            return b""
        try:
            came = os.read(self._parent, _KEPT)
        except OSError:
            came = b""
        if not came:
            raise Silent(f"the program ended: {self.seen[-500:]!r}")
        self.painted += len(came)
        self.seen = (self.seen + came)[-_KEPT:]
        return came

    def rest(self, seconds: float) -> None:
        """Read on for so long."""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            self.read(left)

    def wait_for(self, mark: bytes, within_s: float = 60.0) -> float:
        """When (s) a mark was painted."""
        until = time.perf_counter() + within_s
        while mark not in self.seen:
            if time.perf_counter() > until:
                raise Silent(f"{mark!r} was not painted within {within_s:.0f} s")
            self.read(0.5)
        return time.perf_counter()

    def run_out(self, within_s: float) -> int:
        """Read until the program ends; its exit status."""
        until = time.perf_counter() + within_s
        try:
            while time.perf_counter() < until:
                self.read(0.5)
        except Silent:
            return self._process.wait()
        raise Silent(f"the program did not end within {within_s:.0f} s")
