"""What figures depend on: the machine, the disk under the stores, the versions of what is used."""

import os
import shutil
import sqlite3
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil
from msgspec import Struct

from app.machine import this_machine
from components.monitor.baseline import Machine

PACKAGES = ("assent", "textual", "msgspec", "google-re2", "pyahocorasick", "PyNaCl", "aiomqtt",
            "pytest-benchmark")  # fmt: skip


class Surroundings(Struct, frozen=True):
    """Where a run took place. `load` is what kept the processors busy in the minute before."""

    machine: Machine
    disk: str
    load: float
    versions: dict[str, str]


def surroundings(folder: Path | None = None) -> Surroundings:
    """What is here; `folder` is where the stores lie."""
    return Surroundings(
        machine=this_machine(),
        disk=_disk(folder or bench_dir()),
        load=round(os.getloadavg()[0], 2),
        versions={"SQLite": sqlite3.sqlite_version, **_versions()},
    )


def bench_dir() -> Path:
    """Where stores of the benchmarks are made: `ASSENT_BENCH_DIR`, else the current directory."""
    return Path(os.environ.get("ASSENT_BENCH_DIR") or Path.cwd())


def file_system(folder: Path) -> str:
    """The kind of the file system of a folder, such as `ext4`; empty where nobody tells."""
    place = folder.resolve()
    mounts = [
        (len(Path(one.mountpoint).parts), one.fstype)
        for one in psutil.disk_partitions(all=True)
        if place.is_relative_to(one.mountpoint)
    ]
    return max(mounts, key=lambda mount: mount[0], default=(0, ""))[1]


def in_memory(folder: Path) -> bool:
    """Whether a folder lies in memory, where syncing costs nothing and measures nothing."""
    return file_system(folder) in {"tmpfs", "ramfs"}


def told(here: Surroundings) -> str:
    """One line for a person."""
    machine = here.machine
    return (
        f"{machine.cpu}, {machine.cores} cores, {machine.memory_mb / 1024:.0f} GiB, "
        f"{here.disk}, {machine.system}, Python {machine.python}, load {here.load:.1f}"
    )


def _disk(folder: Path) -> str:
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return "disk unknown"
    return f"{file_system(folder) or 'disk'} with {free / 2**30:.0f} GiB free"


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
