"""What reaches a real terminal when every string is hostile: no byte of it that is obeyed."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pyte
import pytest

from tests.console.hostile import BEYOND, FINAL

ROOT = Path(__file__).parents[2]
OURS = re.compile(
    r"\x1b\[[0-9;]*[Hm]|\x1b\[\?\d+[hl]|\x1b\[>\d+u|\x1b\[<u|\x1b\[\?\d+\$p|\x1b\[2[23];0t"
    r"|\x1b\]2;(?:\(\d+\) )?(?:!\d+ )?Assent\x07|\x1b\]22;[a-z]*\x07|\n|\r|\x07"
)
SIZE = (24, 80)


class Terminal:
    """A child in a pty of a known size."""

    def __init__(self, *command: str, size: tuple[int, int] = SIZE) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        environment = {
            "PATH": os.environ["PATH"], "TERM": "xterm-256color", "COLORTERM": "truecolor",
            "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "HOME": os.environ.get("HOME", "/"),
        }  # fmt: skip
        self.child = subprocess.Popen(
            [sys.executable, "-m", *command], stdin=slave, stdout=slave, stderr=slave,
            cwd=ROOT, env=environment, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self.bytes = b""

    def read(self, seconds: float, until: bytes = b"\xff") -> None:
        """Collect what it writes, for a time or until something is there."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and until not in self.bytes:
            if select.select([self.master], [], [], 0.05)[0]:
                try:
                    self.bytes += os.read(self.master, 65536)
                except OSError:
                    return

    def key(self, *keys: str, seconds: float = 0.25) -> None:
        for key in keys:
            os.write(self.master, key.encode())
            self.read(seconds)

    def close(self) -> int:
        """Wait for the child's own end; its status."""
        status = self.child.wait(10)
        self.end()
        return status

    def end(self) -> None:
        """Leave nothing behind."""
        self.child.kill()
        self.child.wait()
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    @property
    def text(self) -> str:
        return self.bytes.decode("utf-8", "strict")

    def screen(self) -> list[str]:
        """What an emulator shows."""
        screen = pyte.Screen(SIZE[1], SIZE[0])
        stream = pyte.Stream(screen)
        stream.feed(re.sub(r"\x1b\[[<>][^a-z]*u|\x1b\[\?\d+\$p|\x1b\[2[23];0t", "", self.text))
        return list(screen.display)


def left_over(text: str) -> list[str]:
    """Everything in the output that is neither ours nor plainly printable."""
    rest = OURS.sub(
        "", re.sub(r"\x1b(?:\[[0-9;?]*)?\Z", "", text)
    )  # the reading may end inside one
    return [character for character in rest if not character.isprintable()]


@pytest.fixture
def terminal(tmp_path: Path):  # type: ignore[no-untyped-def]
    one = Terminal("tests.console.hostile", str(tmp_path / "calls"))
    one.read(15, until=b"WAITING")
    one.read(0.6)
    yield one
    one.end()


def check(terminal: Terminal) -> None:
    """No byte that is obeyed got through, and the frame stands."""
    assert left_over(terminal.text) == []
    for character in BEYOND:
        assert character not in terminal.text
    for forbidden in ("\x1b]52", "\x1b]8;", "\x1bc", "\x1b[2J", "\x1b[3J", "\x1bP", "\x1b[?1049l"):
        assert forbidden not in terminal.text


@pytest.mark.fault(71, 72, 73, 74, 75, 77, 78, 80, 82, 83)
def test_faults_71_to_83_no_hostile_byte_through_any_screen_or_dialog(
    terminal: Terminal, tmp_path: Path
) -> None:
    keys = (
        "j", "\r", " ", " ", "\r", "G", "g",  # watch, zoom, reading
        "x", "e", "u",  # a mark; an error from the desk
        "r", "\x1b",  # reject the marked
        "\x1b", "r", "\x1b", "A", "\x1b", "z", "\x1b", "m", "\x1b", "!", "\x1b", "c",
        "\x10", "a", "\x1b",  # the palette
        "/", "\x1b[200~\x1b[31m\u202epaste\x1b[201~", "\x1b",  # pasted into the filter
        "2", "j", "j", "v", "/", "x", "\x1b", "x", "\x1b",  # audit
        "3", " ", "x", "\x1b", "y", "\t", "4", "p", "\t", "j", "d",
        "5", "j", "a", "\x1b", "s", "\x1b", "s", "4", "\x1b", "S", "\t", "j", "\t", "j",  # alerts
        "6", "j", "l", "+", "-", "\x1b[D", "b", "\x1b", "x", "\x1b",  # trends
        "7", "w", "\t", "j", "y", "\x1b",  # reports
        "8", " ", "1", "t", "t", "q", "\x1b",
    )  # fmt: skip
    for key in keys:
        terminal.key(key, seconds=0.13)
    terminal.read(1.0)  # a collection of garbage may hold up the last of them
    check(terminal)
    assert "\\u{1b}" in terminal.text
    assert "[@click=app.quit]" in terminal.text
    screen = terminal.screen()
    assert screen[-1].startswith(" a approve")
    assert any("WAITING" in line for line in screen)
    assert terminal.child.poll() is None
    terminal.key("q", seconds=1.0)
    terminal.key("q", seconds=0.5)
    assert terminal.close() == 0
    calls = (tmp_path / "calls").read_text().split()
    assert not {"answer", "answer_similar", "answer_many"} & set(calls)


@pytest.mark.fault(75, 82)
def test_faults_75_and_82_columns_hold_in_an_emulator(terminal: Terminal) -> None:
    screen = terminal.screen()
    check(terminal)
    rows = [line for line in screen if line.startswith((" !!  ", " !!!"))]
    assert rows
    for line in rows[:3]:
        assert re.search(r"\d+:\d\d $", line[:79].ljust(79)) or re.search(r"\d:\d\d", line[70:])
    header = next(line for line in screen if "OPERATIONS" in line)
    assert len(header) == SIZE[1]


@pytest.mark.fault(76, 86)
def test_faults_76_and_86_terminal_replies_and_pastes_decide_nothing(
    terminal: Terminal, tmp_path: Path
) -> None:
    for text in (
        "\x1b]11;rgb:aaaa/aaaa/aaaa\x07", "\x1b[?64;1;2c", "\x1bP>|xterm(390)\x1b\\", "\x1b[24;80R",
        "\x1b]52;c;YWFh\x07", "aaaa", "ar\rrr\r", "\x1b[200~a\r\x1b[201~", "\x9baaa",
    ):  # fmt: skip
        terminal.key(text, seconds=0.3)
    terminal.key("\x1b", "\x1b", seconds=0.3)
    terminal.key("q", seconds=0.4)
    terminal.key("q", seconds=0.5)
    assert terminal.close() == 0
    calls = (tmp_path / "calls").read_text().split()
    assert not {"answer", "answer_similar", "answer_many"} & set(calls)


@pytest.mark.fault(71)
def test_fault_71_a_crash_prints_nothing_hostile_and_says_so_by_its_status(tmp_path: Path) -> None:
    terminal = Terminal("tests.console.hostile", str(tmp_path / "calls"), "--crash")
    terminal.read(15, until=b"RuntimeError")
    terminal.read(0.5)
    assert terminal.close() != 0
    assert "RuntimeError" in terminal.text
    assert left_over(terminal.text) == []
    assert "\x1b]52" not in terminal.text


@pytest.mark.fault(90)
@pytest.mark.parametrize("signalled", [True, False])
def test_fault_90_a_terminal_that_closes_ends_the_console_and_decides_nothing(
    terminal: Terminal, tmp_path: Path, signalled: bool
) -> None:
    terminal.key("r", seconds=0.3)
    os.close(terminal.master)
    terminal.master = -1
    if signalled:
        os.killpg(terminal.child.pid, signal.SIGHUP)
    assert terminal.child.wait(10) not in {0, None}
    calls = tmp_path / "calls"
    assert not calls.exists() or "answer" not in calls.read_text()


def test_the_whole_of_a_decision_is_reached(terminal: Terminal) -> None:
    terminal.key("\r", *(" " for _ in range(12)), seconds=0.15)
    assert FINAL in terminal.text


@pytest.mark.fault(71, 72, 74)
def test_faults_71_to_74_a_notification_holds_nothing_that_anybody_wrote(tmp_path: Path) -> None:
    terminal = Terminal("tests.console.hostile", str(tmp_path / "calls"), "--alert")
    terminal.read(20, until=b"\x1b]9;")
    terminal.read(0.5)
    terminal.end()
    said = re.findall(r"\x1b\]9;([^\x07]*)\x07", terminal.text)
    assert len(said) == 1
    assert re.fullmatch(r"Assent: critical [A-Za-z0-9_.-]{1,48}", said[0])
    rest = terminal.text.replace(f"\x1b]9;{said[0]}\x07", "")
    assert left_over(rest) == []
