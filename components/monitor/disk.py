"""Which block device holds a file, by Linux's own names (sda1, nvme0n1p2, dm-0)."""

import os
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
_DEVICES = Path("/sys/dev/block")


def device_of(path: Path, mounts: Path = _MOUNTS, devices: Path = _DEVICES) -> str | None:
    """The device under the file system of `path`, as disk statistics name it.

    None where there is none (tmpfs, overlay, a network) or the system does not tell (no Linux).
    File systems of their own numbering (btrfs) are found by the device they were mounted from.
    """
    number = f"{os.major(device)}:{os.minor(device)}" if (device := _number(path)) else ""
    if not number:
        return None
    found = _name(number, devices)
    if found is not None:
        return found
    source = _source(number, mounts)
    return _name(source, devices) if source else None


def _number(path: Path) -> int:
    try:
        return path.stat().st_dev
    except OSError:
        return 0


def _name(number: str, devices: Path) -> str | None:
    """The name behind `major:minor`."""
    try:
        return (devices / number).readlink().name
    except OSError:
        return None


def _source(number: str, mounts: Path) -> str | None:
    """`major:minor` of the block device that a file system was mounted from."""
    try:
        lines = mounts.read_text("utf-8", "replace").splitlines()
    except OSError:
        return None
    for line in lines:
        mount, separator, rest = line.partition(" - ")
        fields, origin = mount.split(), rest.split()
        if not separator or len(fields) < 3 or fields[2] != number or len(origin) < 2:
            continue
        return _device_number(origin[1])
    return None


def _device_number(source: str) -> str | None:
    if not source.startswith("/dev/"):
        return None
    try:
        device = Path(source).stat().st_rdev
    except OSError:
        return None
    return f"{os.major(device)}:{os.minor(device)}" if device else None
