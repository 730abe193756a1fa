"""A node in a process of its own, at a broker."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.broker import Mosquitto


class RealNode:
    """`assent run` in a process of its own, killed and started again."""

    def __init__(self, home: Path, broker: Mosquitto) -> None:
        self.home = home
        self._command = [
            sys.executable, "-m", "app", "run", "--headless", "--mqtt", broker.url,
        ]  # fmt: skip
        self._log = home.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=os.environ | {"ASSENT_HOME": str(self.home)},
                stdout=log, stderr=log,
            )  # fmt: skip

    def end(self, number: signal.Signals) -> int:
        assert self._process
        self._process.send_signal(number)
        return self._process.wait()

    def stop(self) -> None:
        """End it in order; it must say that it did."""
        assert self.end(signal.SIGTERM) == 0, self.log

    @property
    def log(self) -> str:
        return self._log.read_text()
