"""What can be done about a cause, and what that takes. Declared once."""

from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from components.advisor.causes import Cause

Effort = Literal["low", "medium", "high"]
EFFORTS: tuple[Effort, ...] = ("low", "medium", "high")


class Strategy(Struct, frozen=True, kw_only=True):
    """A way to help against some kinds of causes.

    `kinds` are kinds of causes; one that ends in a dot stands for all that begin so. `trial` names
    the trial that shows what it gains; it is what the program can try by itself. `gain` is how
    many times faster what is to blame becomes, where nobody has tried: a guess, said to be one.
    """

    name: str
    text: str
    kinds: tuple[str, ...]
    effort: Effort
    trial: str = ""
    gain: float = 1.5

    def helps(self, cause: Cause) -> bool:
        """Whether this is something to do about a cause."""
        return any(
            cause.kind.startswith(kind) if kind.endswith(".") else cause.kind == kind
            for kind in self.kinds
        )


TRY = "trials"
"""What to do before anything was tried."""

STRATEGIES: tuple[Strategy, ...] = (
    Strategy(
        name=TRY, effort="low", gain=1.0,
        text="try on this machine what can be set: assent report daily --try",
        kinds=("storage.", "queue", "gate.commit", "evolution_core.", "runtime.", "resource.cpu",
               "intent_firewall."),
    ),
    Strategy(
        name="batch", trial="batch", effort="low", text="change how many jobs one commit takes",
        kinds=("storage.wait", "storage.commit", "queue", "gate.commit"),
    ),
    Strategy(
        name="journal", trial="journal", effort="low",
        text="change how many experiences one job writes",
        kinds=("storage.wait", "storage.commit", "queue", "evolution_core.log_experience",
               "evolution_core.flush"),
    ),
    Strategy(
        name="gc", trial="gc", effort="low", text="collect garbage at another threshold",
        kinds=("runtime.gc_pause",),
    ),
    Strategy(
        name="switch", trial="switch", effort="low", text="let threads take turns at another pace",
        kinds=("runtime.loop_lag", "resource.cpu"),
    ),
    Strategy(
        name="matcher", trial="matcher", effort="medium", text="match texts in another way",
        kinds=("intent_firewall.",),
    ),
    Strategy(
        name="cache.paths", trial="cache.paths", effort="medium",
        text="give the cache of paths another size", kinds=("intent_firewall.",),
    ),
    Strategy(
        name="cache.tools", trial="cache.tools", effort="medium",
        text="give the cache of tools another size", kinds=("intent_firewall.",),
    ),
    Strategy(
        name="cache.sql", trial="cache.sql", effort="medium",
        text="give the cache of SQL another size", kinds=("intent_firewall.",),
    ),
    Strategy(
        name="rules", effort="medium", gain=1.3,
        text="drop rules from your own packs that never match",
        kinds=("intent_firewall.pattern_matching",),
    ),
    Strategy(
        name="load", effort="medium", gain=1.5,
        text="spread what agents send, or lower [limits] rate_per_s and burst", kinds=("load",),
    ),
    Strategy(
        name="errors", effort="medium", gain=1.0,
        text="find out what fails first: assent doctor, and the alerts of the same time",
        kinds=("errors",),
    ),
    Strategy(
        name="processors", effort="medium", gain=2.0,
        text="give this node processors of its own, or move what else runs on the machine",
        kinds=("resource.cpu",),
    ),
    Strategy(
        name="memory", effort="medium", gain=2.0,
        text="give this machine more memory, or end what else takes it",
        kinds=("resource.memory",),
    ),
    Strategy(
        name="disk", effort="high", gain=2.0,
        text="put ASSENT_HOME on a faster disk, one that nothing else writes to",
        kinds=("storage.commit", "resource.disk_io"),
    ),
    Strategy(
        name="profile", effort="high", gain=1.5, text="profile it while it is slow", kinds=("own",),
    ),
)  # fmt: skip


def fitting(causes: Sequence[Cause]) -> Iterator[tuple[Strategy, Cause]]:
    """Each strategy that helps against any of the causes, with that which it helps against most."""
    for strategy in STRATEGIES:
        helped = [cause for cause in causes if strategy.helps(cause)]
        if helped:
            yield strategy, max(helped, key=lambda cause: cause.share)
