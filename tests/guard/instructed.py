"""What runs under valgrind: `python -m tests.guard.instructed FOLDER` (see `instructions`).

A process loads all that is measured, and then splits into one for each call and one that calls
nothing. The name of each is left in the folder.
"""

import gc
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from components.intent_firewall import Firewall, PackHead, RulePack, builtin_packs
from components.love_engine import LoveEngine
from components.monitor import Meter
from tests.guard import making

SIZES = (500, 1_000, 2_000)
NOTHING = "nothing"

Calls = dict[str, Callable[[], object]]


def calls() -> Calls:
    """What is measured, by name and size; all of it was used once before."""
    firewall, love = Firewall(builtin_packs()), LoveEngine()
    firewall.validate(making.email("Hello.", read="Hello."))
    love.check_ethics(making.email("Hello."))
    love.detect_hallucination("Hello.", ["Hello."])
    found: Calls = {NOTHING: int}
    for size in SIZES:
        text = making.prose(size)
        action = making.email(text, read=making.page(size))
        found[f"validate {size}"] = partial(firewall.validate, action)
        found[f"ethics {size}"] = partial(love.check_ethics, action)
        found[f"grounding {size}"] = partial(love.detect_hallucination, text, [text])
        found[f"rules {size}"] = _against_rules(size // 5)
        found[f"record {size}"] = partial(_record, range(size))
        found[f"square {size}"] = partial(_square, size // 4)
    return found


def _against_rules(count: int) -> Callable[[], object]:
    rules = making.rare_rules(count)
    firewall = Firewall([RulePack(pack=PackHead("guard"), rules=tuple(rules))])
    firewall.validate(making.email(f"{rules[7].id} 41"))
    return partial(firewall.validate, making.email(f"{making.prose(1_000)} {rules[7].id} 42"))


def _record(durations: range) -> None:
    meter = Meter("gate.verdict")
    for ns in durations:
        meter.record(ns)


def _square(size: int) -> bool:
    """Looks through a list for each of its items: bytecodes do not tell."""
    items = [object() for _ in range(size)]
    return all(map(items.__contains__, items))


def main(folder: Path) -> None:
    """Make one call in each process."""
    made = calls()
    gc.disable()
    for name, call in made.items():
        pid = os.fork()
        if not pid:
            call()
            os._exit(0)
        (folder / f"{pid}.name").write_text(name, "utf-8")
        if os.waitpid(pid, 0)[1]:
            raise SystemExit(f"{name} failed")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
