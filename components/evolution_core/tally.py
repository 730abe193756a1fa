"""What is counted of the experiences with one tool, by one agent, or of one shape."""

from msgspec import Struct

from components.actions import Experience
from components.evolution_core.durations import Durations
from components.love_engine import ETHICS_THRESHOLD

SAFETY_THRESHOLD = 0.5
"""An action that scores below is counted as a safety issue."""

_KEPT = 5
"""So many different agents and reasons of rejections are remembered, the newest."""


class Stats(Struct, frozen=True, kw_only=True):
    """A tally at one moment. Counts are of experiences, durations of runs that ended well.

    `interventions` were decided by a person or by the timeout of their question; `approved` and
    `rejected` by a person. `unsafe` scored below `SAFETY_THRESHOLD`, `unethical` below the Love
    Engine's threshold. `agents` and `reasons` are of rejections, newest last. Durations are
    microseconds, None where nothing was timed.
    """

    key: str
    tool: str
    seen: int
    ok: int
    failed: int
    skipped: int
    denied: int
    expired: int
    interventions: int
    approved: int
    rejected: int
    unsafe: int
    unethical: int
    timed: int
    mean_us: float | None
    p50_us: float | None
    p95_us: float | None
    p99_us: float | None
    agents: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def ended(self) -> int:
        """How many ran to a good or a bad end; skipped ones and open ends are not among them."""
        return self.ok + self.failed

    @property
    def success_rate(self) -> float | None:
        """The share of good ends among `ended`; None where there was none."""
        return self.ok / self.ended if self.ended else None


class Tally(Struct, array_like=True):
    """Running counts of one key; the fields are explained at `Stats`."""

    key: str
    tool: str
    durations: Durations
    seen: int = 0
    ok: int = 0
    failed: int = 0
    skipped: int = 0
    denied: int = 0
    expired: int = 0
    interventions: int = 0
    approved: int = 0
    rejected: int = 0
    unsafe: int = 0
    unethical: int = 0
    agents: list[str] = []
    reasons: list[str] = []

    def add(self, experience: Experience) -> None:
        """Count one experience."""
        self.seen += 1
        self._count_verdict(experience)
        status = experience.status
        if status == "ok":
            self.ok += 1
            if experience.duration_us:
                self.durations.add(experience.duration_us)
        elif status == "failed":
            self.failed += 1
        elif status == "skipped":
            self.skipped += 1
        if experience.safety < SAFETY_THRESHOLD:
            self.unsafe += 1
        if experience.ethics < ETHICS_THRESHOLD:
            self.unethical += 1

    def _count_verdict(self, experience: Experience) -> None:
        verdict, decided_by = experience.verdict, experience.decided_by
        if verdict == "deny":
            self.denied += 1
        elif verdict == "expired":
            self.expired += 1
        if decided_by == "rule":
            return
        self.interventions += 1
        if decided_by == "operator" and verdict == "allow":
            self.approved += 1
        elif decided_by == "operator" and verdict == "deny":
            self.rejected += 1
            _remember(self.agents, experience.agent)
            _remember(self.reasons, experience.reason)

    def weight(self) -> int:
        """How much would be lost with this tally: what people decided counts most."""
        return self.seen + 100 * (self.approved + self.rejected)

    def stats(self) -> Stats:
        """A frozen copy."""
        durations = self.durations
        p50, p95, p99 = durations.quantiles(0.5, 0.95, 0.99) or (None, None, None)
        return Stats(
            key=self.key,
            tool=self.tool,
            seen=self.seen,
            ok=self.ok,
            failed=self.failed,
            skipped=self.skipped,
            denied=self.denied,
            expired=self.expired,
            interventions=self.interventions,
            approved=self.approved,
            rejected=self.rejected,
            unsafe=self.unsafe,
            unethical=self.unethical,
            timed=durations.count,
            mean_us=durations.total / durations.count if durations.count else None,
            p50_us=p50,
            p95_us=p95,
            p99_us=p99,
            agents=tuple(self.agents),
            reasons=tuple(self.reasons),
        )


def _remember(items: list[str], item: str) -> None:
    if not item:
        return
    if item in items:
        items.remove(item)
    items.append(item)
    del items[:-_KEPT]
