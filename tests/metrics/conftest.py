"""Prometheus for the tests: Debian's package, installed where that is possible, else a skip."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.metrics.prometheus import Prometheus

INSTALL_LIMIT_S = 100


@pytest.fixture(scope="session")
def promtool() -> str:
    """Where promtool is; with it there is prometheus itself, both of one package."""
    if missing := _missing():
        pytest.skip(missing)
    found = shutil.which("promtool")
    assert found
    return found


@pytest.fixture
def prometheus(promtool: str, tmp_path: Path) -> Iterator[Prometheus]:
    """A server of the test's own, which scrapes what it is told to."""
    server = Prometheus(tmp_path / "prometheus")
    try:
        yield server
    finally:
        server.stop()


def _missing() -> str:
    """Why there is no Prometheus here, empty where there is; one process at a time installs it."""
    with (Path(sys.prefix) / "apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if shutil.which("promtool") and shutil.which("prometheus"):
            return ""
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            return "Debian's package prometheus is missing, and only root may install it"
        return _install()


def _install() -> str:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wanted = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "prometheus"]
    try:
        for command in (["apt-get", "update", "-qq"], wanted):
            subprocess.run(
                command, env=env, check=True, capture_output=True, timeout=INSTALL_LIMIT_S / 2
            )
        # Tests start one of their own; the service that the package may have started is not wanted.
        subprocess.run(["invoke-rc.d", "prometheus", "stop"], check=False, capture_output=True)
    except (subprocess.SubprocessError, OSError) as error:
        return f"Debian's package prometheus cannot be installed: {error}"
    return "" if shutil.which("promtool") else "Debian's package prometheus has no promtool"
