"""A real mosquitto on a free loopback port: stopped, killed, started again, frozen."""

import getpass
import random
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.broker import folder as brokers
from app.broker.passwords import hashed
from app.broker.register import Auth
from app.broker.roles import Role
from app.broker.settings import TLS_PORT, MqttSettings
from components.clock import SystemClock
from tests import debian
from tests.support import until

_PORTS = range(18_000, 32_000)
"""Below those that systems give to outgoing connections, so that a restart finds its port free."""
_ATTEMPTS = 5

_PLAIN = """\
listener {port} 127.0.0.1
user {user}
pid_file {folder}/mosquitto.pid
persistence true
persistence_location {folder}
set_tcp_nodelay true
max_queued_messages 50000
"""


class Mosquitto:
    """A broker with a configuration; `start` before use, `stop` in the end.

    `text` is a mosquitto.conf in which `{port}` stands for the port. What is persistent stays in
    `folder` between `stop` or `kill` and `start`, which takes the same port again.
    """

    def __init__(self, folder: Path, text: str, *, tls: bool = False) -> None:
        self.folder = folder
        self.port = 0
        self.log_path = folder / "log"
        self._text = text
        self._tls = tls
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As `[mqtt] url` has it."""
        return f"mqtt{'s' if self._tls else ''}://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What the broker has logged since its start."""
        return self.log_path.read_text("utf-8", "replace")

    def start(self) -> None:
        """Start; returns when the port answers."""
        for _ in range(1 if self.port else _ATTEMPTS):
            port = self.port or _free_port()
            self._spawn(port)
            if until(lambda port=port: self._ended() or self._runs(port), "mosquitto") == "runs":
                self.port = port
                return
        raise AssertionError(self.log)

    def stop(self) -> None:
        """End it in order: it saves what is persistent."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As the kernel does: nothing is saved."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop, and start on the same port with what was saved."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Freeze it: connections stay, nothing moves."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after `pause`."""
        self._signal(signal.SIGCONT)

    def reload(self) -> None:
        """Let it read its lists again; returns when it has."""
        before = self.log.count("Reloading config")
        self._signal(signal.SIGHUP)
        until(lambda: self.log.count("Reloading config") > before, "a reload")

    def _spawn(self, port: int) -> None:
        config = self.folder / "mosquitto.test.conf"
        config.write_text(self._text.replace("{port}", str(port)))
        with self.log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [program(), "-v", "-c", str(config)], stdout=log, stderr=log, cwd=self.folder
            )

    def _ended(self) -> str:
        assert self._process
        return "" if self._process.poll() is None else "ended"

    def _runs(self, port: int) -> str:
        """Whether it answers: it, and nobody else who took the port meanwhile."""
        if not re.search(r"mosquitto version \S+ running", self.log):
            return ""
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return ""
        return "runs"

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._signal(number)
        self._signal(signal.SIGCONT)  # what is frozen ends at SIGTERM only once it goes on
        self._process.wait()
        self._process = None

    def _signal(self, number: signal.Signals) -> None:
        assert self._process
        self._process.send_signal(number)


@contextmanager
def mosquitto(
    folder: Path, *, passwords: Mapping[str, str] | None = None, acl: str = "", more: str = ""
) -> Iterator[Mosquitto]:
    """A broker without TLS for whoever connects; with `passwords` (name → password) for those only.

    `acl` is the text of an access control list, `more` are further lines of configuration.
    `folder` may be there already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = _PLAIN.replace("{folder}", str(folder)).replace("{user}", getpass.getuser())
    if passwords is None:
        text += "allow_anonymous true\n"
    else:
        lines = (f"{name}:{hashed(password)}\n" for name, password in passwords.items())
        (folder / "passwords").write_text("".join(lines))
        text += f"allow_anonymous false\npassword_file {folder}/passwords\n"
    if acl:
        (folder / "acl").write_text(acl)
        text += f"acl_file {folder}/acl\n"
    with _running(Mosquitto(folder, text + more)) as broker:
        yield broker


@contextmanager
def secured(
    folder: Path,
    *,
    auth: Auth = "certificate",
    node: str = "node",
    principals: Sequence[tuple[str, Role]] = (),
) -> Iterator[Mosquitto]:
    """What `assent init --broker` makes for a node, as it is but for the port; over TLS.

    `settings_of` says what opens it for the node and the further principals.
    """
    now = SystemClock().now()
    brokers.make(folder, hosts=("127.0.0.1", "localhost"), auth=auth, node=node, now=now)
    for name, role in principals:
        brokers.add(folder, name, role, now)
    with as_made(folder) as broker:
        yield broker


@contextmanager
def as_made(folder: Path) -> Iterator[Mosquitto]:
    """The broker of a folder that was made already."""
    text = (folder / "mosquitto.conf").read_text()
    text, changed = re.subn(
        rf"^listener {TLS_PORT}$", "listener {port} 127.0.0.1", text, flags=re.MULTILINE
    )
    assert changed == 1
    with _running(Mosquitto(folder, text, tls=True)) as broker:
        yield broker


def settings_of(broker: Mosquitto, name: str) -> MqttSettings:
    """`[mqtt]` of a principal of a secured broker."""
    made = brokers.settings_of(broker.folder, brokers.read(broker.folder), name)
    return replace(made, url=broker.url)


def program(name: str = "mosquitto") -> str:
    """Where a program of the broker's is; the test skips visibly where it cannot be had."""
    if why := debian.missing("mosquitto", "mosquitto", "mosquitto_passwd"):
        pytest.skip(why)
    found = shutil.which(name, path=debian.PATH)
    assert found
    return found


@contextmanager
def _running(broker: Mosquitto) -> Iterator[Mosquitto]:
    program()
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


def _free_port() -> int:
    while True:
        port = random.choice(_PORTS)
        with closing(socket.socket()) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
