"""The machine that figures are measured on."""

import os
import platform
from pathlib import Path

from components.monitor.baseline import Machine

_CPUINFO = Path("/proc/cpuinfo")
_LONGEST = 200
_MODELS = frozenset({"model name", "cpu model", "Model"})


def this_machine() -> Machine:
    """What this machine is, as far as the system tells; what it does not tell is empty or 0."""
    release = platform.release().partition(".")[0]
    return Machine(
        node=platform.node()[:_LONGEST],
        system=f"{platform.system()} {release}".strip()[:_LONGEST],
        cpu=(_cpu_model() or platform.processor() or platform.machine())[:_LONGEST],
        cores=_usable_cores(),
        memory_mb=_memory_mb(),
        python=platform.python_version(),
    )


def _cpu_model() -> str:
    try:
        text = _CPUINFO.read_text("utf-8", "replace")
    except OSError:
        return ""
    pairs = (line.partition(":")[::2] for line in text.splitlines())
    return next((" ".join(value.split()) for key, value in pairs if key.strip() in _MODELS), "")


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 0


def _memory_mb() -> int:
    try:
        return max(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20, 0)
    except (AttributeError, ValueError, OSError):
        return 0
