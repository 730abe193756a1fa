"""Disks that fail, fill up, or cannot be written."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage import (
    Store,
    StoreError,
    StoreFrozen,
    StoreFull,
    StoreReadOnly,
    open_reader,
    open_store,
)
from storage.connect import wal_path
from tests.storage.conftest import note, notes
from tests.storage.run_child import reports


@pytest.fixture(scope="module")
def failing_sync(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that makes syncs fail when preloaded."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or os.uname().sysname != "Linux":
        pytest.skip("there is no C compiler to build a failing fsync with")
    library = tmp_path_factory.mktemp("preload") / "failing_sync.so"
    source = Path(__file__).with_name("failing_sync.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


@pytest.mark.fault(20)
def test_fault_20_a_failed_sync_freezes_until_verified(
    home: Path, tmp_path: Path, failing_sync: Path
) -> None:
    switch = tmp_path / "switch"
    env = {"LD_PRELOAD": str(failing_sync), "SWITCH": str(switch), "SUFFIX": "-wal"}
    before, during, again, no_thaw, after, bad_check, still, thawed, well = reports(
        "failing_sync", home, switch, env=env
    )
    assert before == well == {"code": 0}
    assert during["code"] == again["code"] == 423
    assert "SQLITE_IOERR" in during["why"]
    assert "verify" in during["why"]
    assert no_thaw["thawed"] is False  # the disk still fails
    assert after["code"] == 423  # though it would succeed now
    assert bad_check == {"thawed": False, "why": "the check found something"}
    assert still["code"] == 423
    assert thawed == {"thawed": True}
    store = open_store(home)
    assert notes(store) == ["before", "thawed"]
    store.close()


@pytest.mark.fault(20)
def test_fault_20_a_failed_sync_of_the_database_file_freezes_too(
    home: Path, tmp_path: Path, failing_sync: Path
) -> None:
    """SQLite keeps the errors of its own checkpoints to itself; these must be heard."""
    switch = tmp_path / "switch"
    env = {"LD_PRELOAD": str(failing_sync), "SWITCH": str(switch), "SUFFIX": "store.db"}
    frozen, thawed, well = reports("failing_checkpoint", home, switch, env=env)
    assert 0 < frozen["stored"] < 60
    assert "SQLITE_IOERR_FSYNC" in frozen["frozen"]
    assert (thawed, well) == ({"thawed": True}, {"code": 0})
    store = open_store(home)
    assert len(notes(store)) == frozen["stored"] + 1
    store.close()


@pytest.mark.fault(21)
def test_fault_21_a_full_disk_denies_and_recovers() -> None:
    with _small_disk() as disk, _opened(disk / "home") as store:
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * (1 << 20))
        stored = 0
        while _fits(store, f"{stored:03}"):
            stored += 1
        assert 0 < stored < 200
        with pytest.raises(StoreFull, match="make room") as full:
            store.writer.run(note("again" + "x" * 20_000))
        assert full.value.code == 507
        assert store.writer.frozen == ""
        ballast.unlink()
        store.writer.run(note("room"))
        assert len(notes(store)) == stored + 1


def _fits(store: Store, key: str) -> bool:
    try:
        store.writer.run(note(key + "x" * 20_000))
    except StoreFull:
        return False
    return True


@contextmanager
def _small_disk() -> Iterator[Path]:
    """A file system of 3 MiB in memory, for as long as the block lasts."""
    folder = Path(tempfile.mkdtemp(prefix="assent-small-"))
    mounted = os.geteuid() == 0 and not subprocess.call(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], stderr=subprocess.DEVNULL
    )
    try:
        if not mounted:
            pytest.skip("a small file system can only be mounted by root, where mounts are allowed")
        yield folder
    finally:
        if mounted:
            subprocess.check_call(["umount", "--lazy", folder])
        folder.rmdir()


@contextmanager
def _opened(home: Path) -> Iterator[Store]:
    store = open_store(home)
    try:
        yield store
    finally:
        store.close()


@pytest.mark.fault(22)
def test_fault_22_a_file_size_limit_denies(home: Path) -> None:
    limited, thawed, well = reports("file_size_limit", home)
    assert limited["stored"] > 0
    assert limited["code"] in {423, 507}
    assert (thawed, well) == ({"thawed": True}, {"code": 0})
    store = open_store(home)
    assert len(notes(store)) == limited["stored"] + 1
    store.close()


@contextmanager
def _unprivileged() -> Iterator[None]:
    """Nobody's rights, where the tests run as root: root may write read-only files."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everyone may enter."""
    folder = Path(tempfile.mkdtemp(prefix="assent-open-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.fault(23)
@pytest.mark.parametrize("what", ["folder", "file", "parent"])
def test_fault_23_what_is_read_only_is_refused_with_advice(open_folder: Path, what: str) -> None:
    home = open_folder / "home"
    if what != "parent":
        open_store(home).close()
        home.chmod(0o555 if what == "folder" else 0o777)
        (home / "lock").chmod(0o666)
        (home / "store.db").chmod(0o666 if what == "folder" else 0o444)
    else:
        open_folder.chmod(0o555)
    before = sorted(home.rglob("*"))
    with _unprivileged(), pytest.raises(StoreReadOnly, match="ASSENT_HOME"):
        open_store(home)
    open_folder.chmod(0o755)
    assert sorted(home.rglob("*")) == before


@pytest.mark.fault(23)
def test_fault_23_a_read_only_copy_can_still_be_read(open_folder: Path) -> None:
    home = open_folder / "home"
    with _opened(home) as store:
        store.writer.run(note("a"))
    (home / "store.db").chmod(0o444)
    home.chmod(0o555)
    with _unprivileged():
        reader = open_reader(home)
        assert reader.execute("SELECT key FROM meta").fetchall() == [("a",)]
        reader.close()
    home.chmod(0o755)


@pytest.mark.parametrize("which", ["store.db", "store.db-wal"])
def test_a_file_taken_away_freezes_before_anything_is_acknowledged(
    home: Path, tmp_path: Path, which: str
) -> None:
    with _opened(home) as store:
        store.writer.run(note("a"))
        (home / which).rename(tmp_path / "away")
        with pytest.raises(StoreFrozen, match="removed"):
            store.writer.run(note("b"))
        if which == "store.db":
            for _ in range(2):
                with pytest.raises(StoreError):
                    store.writer.thaw(lambda: None)
            assert not (home / which).exists()  # no empty file in its place
            assert store.writer.frozen
            (tmp_path / "away").rename(home / which)
        store.writer.thaw(lambda: None)
        store.writer.run(note("c"))
    with _opened(home) as store:
        assert notes(store) == ["a", "c"]


def test_a_log_put_in_the_place_of_another_is_noticed(home: Path) -> None:
    with _opened(home) as store:
        store.writer.run(note("a"))
        log = wal_path(store.path)
        content = log.read_bytes()
        log.unlink()
        (home / "other").write_bytes(content)
        (home / "other").rename(log)
        with pytest.raises(StoreFrozen, match="replaced"):
            store.writer.run(note("b"))
