"""The real program on a real terminal: `assent run` under a pty."""

import contextlib
import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.console import GONE
from components.actions import Action
from components.audit_system import Query, query
from storage import open_reader
from tests.support import PATIENCE_S, Asking, running_node, until

ASSENT = Path(sys.executable).with_name("assent")
OWN_TERMINAL = "import os, sys; os.login_tty(0); os.execv(sys.argv[1], sys.argv[1:])"
"""Makes standard input the controlling terminal, so that the kernel tells of its end."""

SERVING = "● open".encode()
"""Stands in the health line once agents are answered."""

DESTRUCTIVE = Action(tool="query", arguments={"sql": "DROP TABLE customers"})


class Terminal:
    """A program on a terminal of its own; `screen` is all it has written."""

    def __init__(self, home: Path, *words: str) -> None:
        self._parent, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", OWN_TERMINAL, str(ASSENT), *words],
            stdin=child,
            stdout=child,
            stderr=child,
            env={**os.environ, "ASSENT_HOME": str(home), "TERM": "xterm-256color"},
        )
        os.close(child)
        self._seen = bytearray()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while part := os.read(self._parent, 65536):
                self._seen += part

    @property
    def screen(self) -> bytes:
        return bytes(self._seen)

    def press(self, keys: bytes) -> None:
        os.write(self._parent, keys)

    def hang_up(self) -> None:
        """What closing the window does: the program is told that the terminal goes."""
        os.kill(self.process.pid, signal.SIGHUP)

    def vanish(self) -> None:
        """What a dead connection does: the terminal is gone, and the kernel says so."""
        os.close(self._parent)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        with contextlib.suppress(OSError):
            os.close(self._parent)
        self._reader.join(PATIENCE_S)


@contextlib.contextmanager
def terminal(home: Path, *words: str) -> Iterator[Terminal]:
    opened = Terminal(home, *words)
    try:
        yield opened
    finally:
        opened.close()


def states(home: Path) -> list[str]:
    with contextlib.closing(open_reader(home)) as reader:
        return [row[0] for row in reader.execute("SELECT state FROM decisions")]


@pytest.mark.fault(90)
@pytest.mark.parametrize("end", ["hang_up", "vanish"])
def test_fault_90_the_terminal_closes_in_mid_decision_and_it_stays_pending(
    tmp_path: Path, end: str
) -> None:
    with terminal(tmp_path, "run") as run:
        until(lambda: SERVING in run.screen, "the console of a node that serves")
        asking = Asking(tmp_path, "tester", DESTRUCTIVE, 4.0)
        until(lambda: b"DROP" in run.screen, "the question on the screen")
        getattr(run, end)()
        assert run.process.wait(PATIENCE_S) == GONE
    assert states(tmp_path) == ["pending"]
    assert asking.result().verdict in {"deny", "expired"}
    with running_node(tmp_path) as node:
        until(lambda: not len(node.node.engine.queue), "the end at its deadline")
        with contextlib.closing(node.node.store.reader()) as reader:
            (found,) = query(reader, Query(kind="verdict"), limit=5)
        assert found.entry.verdict == "expired"


def test_a_timed_run_on_a_terminal_ends_with_its_summary(tmp_path: Path) -> None:
    with terminal(tmp_path, "run", "--for", "2", "--json") as run:
        assert run.process.wait(PATIENCE_S) == 0
        until(lambda: run.screen.rstrip().endswith(b"}"), "the summary")
        summary = json.loads(run.screen[run.screen.rindex(b'{"seconds"') :])
        assert summary["audit_entries"] >= 1
        assert b"WAITING" in run.screen


def test_sigterm_ends_the_console_in_order(tmp_path: Path) -> None:
    with terminal(tmp_path, "run") as run:
        until(lambda: SERVING in run.screen, "the console of a node that serves")
        run.process.terminate()
        assert run.process.wait(PATIENCE_S) == 0
    with contextlib.closing(open_reader(tmp_path)) as reader:
        found = [one.entry.kind for one in query(reader, Query(), limit=50)]
    kinds = [kind for kind in found if not kind.startswith("alert.")]  # a busy machine has some
    assert kinds == ["node.stopped", "node.started"]


def test_an_operator_approves_at_the_keyboard(tmp_path: Path) -> None:
    with terminal(tmp_path, "run") as run:
        until(lambda: SERVING in run.screen, "the console of a node that serves")
        asking = Asking(tmp_path, "tester", DESTRUCTIVE, 60.0)
        until(lambda: b"DROP" in run.screen, "the question on the screen")

        def pressed() -> bool:
            run.press(b"a")  # too early at first: it must be on the screen for a while
            threading.Event().wait(0.8)
            return "allowed" in states(tmp_path)

        until(pressed, "the approval")
        assert asking.result().allowed


def test_a_broken_console_denies_what_waits(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        asking = node.ask(DESTRUCTIVE)
        node.waiting("query")
        denying = node.node.engine.operators.deny_all("the console failed")
        assert node.node.call(denying).result(PATIENCE_S) == 1
        leave = asking.result()
        assert leave.verdict == "deny"
        assert leave.rule == "hitl.console-lost"
