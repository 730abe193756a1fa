"""Trials of a home: carried out with what is set there, and remembered for the reports to come.

They are kept in a file beside the store, which another process may hold. They speak for the
machine they ran on and for the settings they started from, and not for ever.
"""

import contextlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from app.machine import this_machine
from app.settings import PerformanceSettings, load
from components.advisor.trial import Trial
from components.advisor.trials import Progress, run_trials
from components.monitor.baseline import Machine, same_machine

FILE_NAME = "trials.json"
VALID_US = 91 * 86_400 * 1_000_000
"""After a quarter they are to be made again."""


class Made(Struct, frozen=True):
    """Trials with their time (µs) and machine."""

    time: int
    machine: Machine
    trials: tuple[Trial, ...]


_decode = msgspec.json.Decoder(Made).decode


def try_out(home: Path, now: int, progress: Progress | None = None) -> tuple[Trial, ...]:
    """Carry out all trials and remember them. Blocks for a quarter of a minute.

    Raises `BadSettings`, and `OSError` or `StoreError` where nothing can be written.
    """
    made = run_trials(home, progress, present=asdict(load(home).performance))
    _write(home / FILE_NAME, msgspec.json.encode(Made(now, this_machine(), made)))
    return made


def remembered(home: Path, now: int, settings: PerformanceSettings) -> tuple[Trial, ...]:
    """The trials made before, as far as they still hold: none where there are no such."""
    with contextlib.suppress(OSError, msgspec.DecodeError):
        made = _decode((home / FILE_NAME).read_bytes())
        recent = 0 <= now - made.time < VALID_US
        if recent and not same_machine(made.machine, this_machine()):
            return _holding(made.trials, settings)
    return ()


def _holding(trials: Sequence[Trial], settings: PerformanceSettings) -> tuple[Trial, ...]:
    """Those that started from what is set now."""
    chosen = asdict(settings)
    return tuple(one for one in trials if not one.key or one.present == chosen.get(one.key))


def _write(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
