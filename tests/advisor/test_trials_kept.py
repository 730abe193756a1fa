"""Trials are remembered for the machine and the settings they were made with."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from app import trials
from app.machine import this_machine
from app.settings import PerformanceSettings
from app.trials import FILE_NAME, VALID_US, remembered, try_out
from components.advisor.trial import Trial
from tests.advisor.advising import trial

NOW = 1_700_000_000_000_000
SET = PerformanceSettings(largest_batch=1)
MADE = (
    trial("batch", "largest_batch", 1000, 4000),
    trial("matcher", "", 5, 4),
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose trials were made."""

    def run(_: Path, __: object, *, present: dict[str, float]) -> tuple[Trial, ...]:
        assert present == {
            "gc_threshold": 20_000, "switch_interval_ms": 0.1,
            "largest_batch": 1, "experience_batch": 512,
        }  # fmt: skip
        return MADE

    monkeypatch.setattr(trials, "run_trials", run)
    (tmp_path / "assent.toml").write_text("[performance]\nlargest_batch = 1\n")
    assert try_out(tmp_path, NOW) == MADE
    return tmp_path


def test_they_are_remembered(home: Path) -> None:
    assert remembered(home, NOW + 1, SET) == MADE
    assert sorted(one.name for one in home.iterdir()) == ["assent.toml", FILE_NAME]


def test_another_setting_takes_another_trial(home: Path) -> None:
    assert remembered(home, NOW + 1, PerformanceSettings()) == MADE[1:]


def test_they_do_not_hold_for_ever(home: Path) -> None:
    assert remembered(home, NOW + VALID_US, SET) == ()
    assert remembered(home, NOW - 1, SET) == ()


def test_another_machine_takes_other_trials(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(this_machine(), cores=999)
    monkeypatch.setattr(trials, "this_machine", lambda: other)
    assert remembered(home, NOW + 1, SET) == ()


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"time": 1}'])
def test_a_file_that_is_damaged_is_none(home: Path, content: bytes) -> None:
    (home / FILE_NAME).write_bytes(content)
    assert remembered(home, NOW + 1, SET) == ()


def test_where_nothing_was_tried_nothing_is_remembered(tmp_path: Path) -> None:
    assert remembered(tmp_path, NOW, SET) == ()
