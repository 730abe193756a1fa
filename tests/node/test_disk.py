"""The whole node on a disk that fills up, and on one that comes back."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.actions import Action
from components.audit_system import verify
from tests.support import running_node, until

SAFE = Action(tool="read_file", arguments={"path": "notes.txt"}, request="read my notes")


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.fault(21)
def test_fault_21_a_full_disk_denies_and_room_mends_it(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "6m") as disk, running_node(disk / "home") as node:
        assert node.ask(SAFE).result().allowed
        ballast = disk / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as out:
            while True:
                out.write(b"x" * 4096)
        until(lambda: not node.ask(SAFE, timeout_s=0.3).result().allowed, "a denial")
        ballast.unlink()
        until(lambda: node.ask(SAFE, timeout_s=2).result().allowed, "an allow again")
        reader = node.node.store.reader()
        result = verify(reader, node.node.identity.vkey)
        reader.close()
        assert result.ok, result.why
