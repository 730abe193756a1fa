"""Logs experiences into the store of argv[1] until it is killed; for test_restart.

With argv[2] = "settled" it waits until all are durable, prints the digest of its metrics, and
kills itself without saving. With "busy" it prints how many are durable, again and again.
"""

import hashlib
import os
import random
import signal
import sys
import time
from pathlib import Path

from components.clock import SystemClock
from components.evolution_core import EvolutionCore
from storage import open_store
from tests.evolution_core.making import ran

LOGGED = 9000


def main(home: str, how: str) -> None:
    store = open_store(Path(home))
    core = EvolutionCore.open(store, SystemClock())
    dice = random.Random(7)
    number = 0
    while how == "busy" or number < LOGGED:
        status = dice.choice(["ok", "ok", "failed"])
        shape = f"shape{dice.randrange(50)}"
        core.log_experience(ran(number, status, dice.randrange(1, 10**6), shape=shape))
        number += 1
        while core.pending() > 5000:
            time.sleep(0.001)
        if how == "busy" and number % 500 == 0:
            print(number - core.pending(), flush=True)
    core._journal.flush()
    core.recognize_patterns()
    print(hashlib.sha256(core.metrics.to_bytes()).hexdigest(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
