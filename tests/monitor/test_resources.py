"""The gauges: their arithmetic on made-up machines, and what this machine says."""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from components.clock import ManualClock, SystemClock
from components.monitor import disk
from components.monitor.cgroup import MemoryLimits
from components.monitor.gauges import GAUGE_BY_NAME, GAUGES, Gauge, gauge_text
from components.monitor.probe import Readings, SystemProbe
from components.monitor.resources import Resources
from tests.support import until

MB = 2**20
GB = 2**30


class FakeProbe:
    """Tells what it is told to."""

    def __init__(self) -> None:
        self.readings = Readings()

    def read(self) -> Readings:
        return self.readings


class Machine:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.probe = FakeProbe()
        self.resources = Resources(Path("unused"), self.clock, self.probe)

    def look(self, seconds: float = 1.0, **readings: float) -> dict[str, float]:
        self.clock.advance(seconds)
        self.probe.readings = Readings(**readings)  # type: ignore[arg-type]
        return self.resources.look()


@pytest.fixture
def machine() -> Machine:
    return Machine()


class TestArithmetic:
    def test_what_is_not_known_is_absent(self, machine):
        assert machine.look() == {}
        assert machine.look() == {}

    def test_what_stands_is_there_at_the_first_look(self, machine):
        found = machine.look(
            memory=0.5, disk_space=0.25, disk_free=3 * GB, rss=300 * MB, threads=9,
            open_files=31, store=5 * MB, wal=MB // 2,
        )  # fmt: skip
        assert found == {
            "resource.memory": 0.5, "resource.disk_space": 0.25, "store.free_mb": 3072.0,
            "process.rss_mb": 300.0, "process.threads": 9.0, "process.open_files": 31.0,
            "store.mb": 5.0, "store.wal_mb": 0.5,
        }  # fmt: skip

    def test_rates_are_over_the_time_between_two_looks(self, machine):
        first = machine.look(
            cpu_busy_s=100.0, cpu_total_s=1000.0, process_cpu_s=5.0, disk_busy_s=7.0,
            read=10 * MB, written=0,
        )  # fmt: skip
        assert first == {}
        second = machine.look(
            2.0, cpu_busy_s=106.0, cpu_total_s=1008.0, process_cpu_s=8.0, disk_busy_s=7.5,
            read=14 * MB, written=MB,
        )  # fmt: skip
        assert second == {
            "resource.cpu": 0.75, "process.cpu": 1.5, "resource.disk_io": 0.25,
            "process.read_mb_s": 2.0, "process.write_mb_s": 0.5,
        }  # fmt: skip

    def test_a_zero_is_a_figure(self, machine):
        machine.look(cpu_busy_s=1.0, cpu_total_s=10.0, disk_busy_s=1.0, read=0, wal=0)
        found = machine.look(cpu_busy_s=1.0, cpu_total_s=20.0, disk_busy_s=1.0, read=0, wal=0)
        assert found == {
            "resource.cpu": 0.0, "resource.disk_io": 0.0, "process.read_mb_s": 0.0,
            "store.wal_mb": 0.0,
        }  # fmt: skip

    def test_a_clock_that_stands_still_gives_no_rates_and_loses_nothing(self, machine):
        machine.look(written=0, rss=MB)
        assert machine.look(0.0, written=3 * MB, rss=MB) == {"process.rss_mb": 1.0}
        assert machine.look(2.0, written=4 * MB)["process.write_mb_s"] == 2.0

    def test_rates_of_a_moment_are_those_of_before(self, machine):
        machine.look(process_cpu_s=1.0)
        assert machine.look(1.0, process_cpu_s=1.5) == {"process.cpu": 0.5}
        assert machine.look(0.001, process_cpu_s=1.51) == {"process.cpu": 0.5}
        assert machine.look(0.999, process_cpu_s=1.75) == {"process.cpu": 0.25}

    def test_a_counter_that_goes_back_is_absent_once(self, machine):
        machine.look(written=100 * MB, disk_busy_s=9.0)
        assert machine.look(written=MB, disk_busy_s=0.0) == {}
        assert machine.look(written=2 * MB, disk_busy_s=0.5) == {
            "process.write_mb_s": 1.0, "resource.disk_io": 0.5,
        }  # fmt: skip

    def test_a_counter_that_comes_and_goes(self, machine):
        machine.look(written=MB)
        assert machine.look() == {}
        assert machine.look(written=9 * MB) == {}
        assert machine.look(written=10 * MB) == {"process.write_mb_s": 1.0}

    def test_no_share_is_above_the_whole(self, machine):
        machine.look(disk_busy_s=0.0, cpu_busy_s=0.0, cpu_total_s=0.0)
        found = machine.look(disk_busy_s=1.02, cpu_busy_s=2.1, cpu_total_s=2.0)
        assert found == {"resource.disk_io": 1.0, "resource.cpu": 1.0}

    def test_processors_without_a_tick_between_two_looks(self, machine):
        machine.look(cpu_busy_s=5.0, cpu_total_s=9.0)
        assert machine.look(1.0, cpu_busy_s=5.0, cpu_total_s=9.0) == {}


class TestThisMachine:
    @pytest.fixture
    def store(self, tmp_path: Path) -> Path:
        store = tmp_path / "store.db"
        store.write_bytes(bytes(3 * MB))
        store.with_name("store.db-wal").write_bytes(bytes(MB))
        return store

    def test_figures_that_cannot_be_wrong(self, store):
        resources = Resources(store, SystemClock())
        resources.look()

        def ticked() -> dict[str, float] | None:
            looked = resources.look()
            return looked if "resource.cpu" in looked else None

        found = until(ticked, "a tick of the processors' time")
        assert set(found) <= set(GAUGE_BY_NAME)
        for name, value in found.items():
            assert 0 <= value <= (1 if GAUGE_BY_NAME[name].share else 1e9), name
        assert found["store.mb"] == 3
        assert found["store.wal_mb"] == 1
        assert found["process.threads"] >= 1
        assert 5 < found["process.rss_mb"] < psutil.virtual_memory().total / MB
        assert 0 < found["resource.memory"] < 1
        assert 0 < found["resource.disk_space"] <= 1
        assert found["process.cpu"] <= (os.cpu_count() or 1) + 1

    def test_open_files_are_counted(self, store):
        resources = Resources(store, SystemClock())
        before = resources.look()["process.open_files"]
        with store.open(), store.open(), store.open():
            assert resources.look()["process.open_files"] == before + 3

    def test_busy_processors_show(self, store):
        resources = Resources(store, SystemClock())
        resources.look()
        end = time.process_time() + 0.2
        while time.process_time() < end:
            pass
        assert until(lambda: resources.look().get("process.cpu"), "the first rate") > 0

    def test_a_store_that_is_not_there_is_absent(self, tmp_path):
        found = Resources(tmp_path / "gone" / "store.db", SystemClock()).look()
        assert not {name for name in found if name.startswith("store.")}
        assert "resource.disk_space" not in found
        assert found["process.threads"] >= 1

    def test_a_store_without_a_log_has_none(self, store):
        store.with_name("store.db-wal").unlink()
        assert Resources(store, SystemClock()).look()["store.wal_mb"] == 0

    @pytest.mark.parametrize(
        "trouble",
        [
            psutil.AccessDenied(1),
            psutil.NoSuchProcess(1),
            OSError(5, "gone"),
            NotImplementedError(),
        ],
    )
    def test_trouble_is_absence(self, store, monkeypatch, trouble):
        def fail(*_: object, **__: object) -> None:
            raise trouble

        for name in ("cpu_times", "virtual_memory", "disk_usage", "disk_io_counters"):
            monkeypatch.setattr(psutil, name, fail)
        for name in ("memory_info", "cpu_times", "num_threads", "num_fds", "io_counters"):
            monkeypatch.setattr(psutil.Process, name, fail, raising=False)
        monkeypatch.setattr(psutil.Process, "oneshot", contextlib.nullcontext)
        resources = Resources(store, SystemClock())
        for _ in range(2):
            assert resources.look() == {"store.mb": 3.0, "store.wal_mb": 1.0}

    def test_where_files_can_only_be_listed_that_is_done_rarely(self, store, monkeypatch):
        listed = []
        monkeypatch.delattr(psutil.Process, "num_fds", raising=False)
        monkeypatch.setattr(psutil.Process, "open_files", lambda _: listed.append(1) or [1, 2])
        probe = SystemProbe(store)
        assert {probe.read().open_files for _ in range(60)} == {2}
        assert len(listed) == 1
        probe.read()
        assert len(listed) == 2


class TestFullDisk:
    SIZE_MB = 16

    @pytest.fixture
    def small(self, tmp_path: Path) -> Iterator[Path]:
        if not hasattr(os, "geteuid") or os.geteuid() != 0:
            pytest.skip("mounting a tmpfs takes root")
        options = f"size={self.SIZE_MB}m"
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(tmp_path)]
        try:
            done = subprocess.run(command, capture_output=True, check=False)
        except OSError:
            pytest.skip("there is no mount command")
        if done.returncode:
            pytest.skip(f"no tmpfs can be mounted here: {done.stderr.decode().strip()}")
        try:
            yield tmp_path
        finally:
            subprocess.run(["umount", str(tmp_path)], check=True)

    def test_a_disk_that_fills_shows(self, small):
        store = small / "store.db"
        store.write_bytes(bytes(MB))
        resources = Resources(store, SystemClock())
        empty = resources.look()
        assert empty["resource.disk_space"] < 0.1
        assert empty["store.free_mb"] == self.SIZE_MB - 1
        (small / "filler").write_bytes(bytes(13 * MB))
        filled = resources.look()
        assert filled["resource.disk_space"] == pytest.approx(14 / 16, abs=0.01)
        assert filled["store.free_mb"] == self.SIZE_MB - 14
        with pytest.raises(OSError, match="No space"):
            (small / "more").write_bytes(bytes(3 * MB))
        full = resources.look()
        assert full["resource.disk_space"] == 1
        assert full["store.free_mb"] == 0
        assert "resource.disk_io" not in full, "a tmpfs has no device"


class TestDevice:
    @pytest.fixture
    def devices(self, tmp_path: Path) -> Path:
        folder = tmp_path / "block"
        folder.mkdir()
        return folder

    @pytest.fixture
    def number(self, tmp_path: Path) -> str:
        device = tmp_path.stat().st_dev
        return f"{os.major(device)}:{os.minor(device)}"

    def test_by_its_number(self, tmp_path, devices, number):
        (devices / number).symlink_to("../../devices/pci/nvme0n1/nvme0n1p2")
        found = disk.device_of(tmp_path, tmp_path / "none", devices)
        assert found == "nvme0n1p2"

    def test_none_where_nothing_tells(self, tmp_path, devices):
        assert disk.device_of(tmp_path, tmp_path / "none", devices) is None
        assert disk.device_of(tmp_path / "gone", tmp_path / "none", devices) is None

    @pytest.mark.parametrize("source", ["overlay", "tmpfs", "host:/share", "/dev/not-there"])
    def test_none_where_no_device_is_mounted(self, tmp_path, devices, number, source):
        mounts = tmp_path / "mountinfo"
        mounts.write_text(f"nonsense\n1 2 {number} / / rw,relatime shared:1 - odd {source} rw\n")
        assert disk.device_of(tmp_path, mounts, devices) is None

    def test_by_what_was_mounted(self, tmp_path, devices, number):
        """As btrfs has it, whose files are on a device of no real number."""
        real = next((one for one in sorted(Path("/dev").iterdir()) if one.is_block_device()), None)
        if real is None:
            pytest.skip("no block device is here")
        rdev = real.stat().st_rdev
        (devices / f"{os.major(rdev)}:{os.minor(rdev)}").symlink_to("../../devices/virtual/odd0")
        mounts = tmp_path / "mountinfo"
        mounts.write_text(f"1 2 {number} / /data rw - btrfs {real} rw,subvol=/\n")
        assert disk.device_of(tmp_path, mounts, devices) == "odd0"

    def test_this_disk_is_one_that_is_counted(self, tmp_path):
        device = disk.device_of(tmp_path)
        if device is None:
            pytest.skip("temporary files lie on no block device")
        assert device in psutil.disk_io_counters(perdisk=True)


class TestMemoryLimits:
    def group(self, folder: Path, **files: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name.replace("__", ".")).write_text(text)

    def limits(self, tmp_path: Path, groups: str) -> MemoryLimits:
        (tmp_path / "cgroup").write_text(groups)
        return MemoryLimits(tmp_path / "cgroup", tmp_path / "fs")

    def test_a_limit_of_version_2(self, tmp_path):
        self.group(
            tmp_path / "fs/app", memory__max="1000\n", memory__current="900\n",
            memory__stat="anon 500\ninactive_file 300\n",
        )  # fmt: skip
        assert self.limits(tmp_path, "0::/app\n").used_share(10_000) == 0.6

    def test_a_limit_of_version_1(self, tmp_path):
        self.group(
            tmp_path / "fs/memory/app", memory__limit_in_bytes="1000",
            memory__usage_in_bytes="700", memory__stat="total_inactive_file 200\n",
        )  # fmt: skip
        assert self.limits(tmp_path, "5:cpu:/\n4:memory:/app\n0::/\n").used_share(10_000) == 0.5

    def test_the_tightest_of_all_levels_counts(self, tmp_path):
        self.group(tmp_path / "fs/a", memory__max="1000", memory__current="900")
        self.group(tmp_path / "fs/a/b", memory__max="4000", memory__current="400")
        assert self.limits(tmp_path, "0::/a/b\n").used_share(10_000) == 0.9

    def test_a_group_seen_from_inside_its_container(self, tmp_path):
        self.group(tmp_path / "fs", memory__max="1000", memory__current="100")
        assert self.limits(tmp_path, "0::/system.slice/docker-1\n").used_share(10_000) == 0.1

    @pytest.mark.parametrize("limit", ["max", "10000", "9223372036854771712", "0", "junk", ""])
    def test_no_limit(self, tmp_path, limit):
        self.group(tmp_path / "fs/app", memory__max=limit, memory__current="900")
        assert self.limits(tmp_path, "0::/app\n").used_share(10_000) is None

    def test_no_groups(self, tmp_path):
        assert MemoryLimits(tmp_path / "none", tmp_path / "fs").used_share(10_000) is None
        assert self.limits(tmp_path, "nonsense\n0::/../..\n").used_share(10_000) is None


class TestText:
    @pytest.mark.parametrize(
        ("name", "value", "text"),
        [
            ("resource.cpu", 0.123, "12%"),
            ("resource.disk_space", 1.0, "100%"),
            ("process.rss_mb", 312.4, "312 MB"),
            ("store.wal_mb", 0.0, "0 MB"),
            ("store.wal_mb", 0.52, "0.5 MB"),
            ("store.free_mb", 81_195.0, "79.3 GB"),
            ("process.cpu", 1.5, "1.50 cores"),
            ("process.write_mb_s", 3.14, "3.1 MB/s"),
            ("process.read_mb_s", 2048.0, "2.0 GB/s"),
            ("process.open_files", 1204.0, "1,204"),
            ("hitl.oldest_wait_s", 5.25, "5.2 s"),
            ("hitl.oldest_wait_s", 90.0, "90 s"),
            ("hitl.oldest_wait_s", 600.0, "10 min"),
            ("hitl.oldest_wait_s", 3 * 86_400.0, "3 d"),
            ("audit.frozen", 1.0, "yes"),
            ("audit.frozen", 0.0, "no"),
        ],
    )
    def test_is_for_people(self, name, value, text):
        assert gauge_text(GAUGE_BY_NAME[name], value) == text

    def test_every_gauge_has_a_title_of_its_own(self):
        assert len({gauge.title for gauge in GAUGES}) == len({gauge.name for gauge in GAUGES})
        assert all(gauge.title for gauge in GAUGES)

    def test_an_unknown_unit_is_left_out(self):
        assert gauge_text(Gauge("x.y", "X"), 3.0) == "3"
