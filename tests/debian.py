"""Programs that tests run against, from Debian's packages: installed where that is possible."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

INSTALL_LIMIT_S = 100
PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))
"""Where to look: servers are in folders that not every user has on the path."""


def missing(package: str, *programs: str) -> str:
    """Why a package's programs are not here, empty where they are.

    Root installs it; of several processes one at a time.
    """
    with (Path(sys.prefix) / "apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _all_there(programs):
            return ""
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            return f"Debian's package {package} is missing, and only root may install it"
        return _install(package, programs)


def _all_there(programs: tuple[str, ...]) -> bool:
    return all(shutil.which(program, path=PATH) for program in programs)


def _install(package: str, programs: tuple[str, ...]) -> str:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wanted = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
    try:
        for command in (["apt-get", "update", "-qq"], wanted):
            subprocess.run(
                command, env=env, check=True, capture_output=True, timeout=INSTALL_LIMIT_S / 2
            )
        # Tests start one of their own; the service that the package may have started is not wanted.
        subprocess.run(["invoke-rc.d", package, "stop"], check=False, capture_output=True)
    except (subprocess.SubprocessError, OSError) as error:
        return f"Debian's package {package} cannot be installed: {error}"
    return "" if _all_there(programs) else f"Debian's package {package} lacks a program"
