"""Figures by hand, for the tests of what is recommended."""

from components.advisor.causes import Cause, Evidence
from components.advisor.recommend import Need, Recommendation, Setting
from components.advisor.trial import Trial, Tried
from components.monitor.figures import Figures


def figures(calls: int, us: float, *, tail: float | None = None, failed: int = 0) -> Figures:
    """Calls of a minute that take `us` on average, and `tail` at P95 and beyond."""
    slow = tail or us
    return Figures(calls, failed, 0, calls / 60, us, slow, slow, slow, us)


def need(evidence: Evidence, *, status: str = "missed", factor: float = 3.0) -> Need:
    return Need(evidence, status, factor, "P95 3 ms, 3× its target of 1 ms")


def trial(name: str, key: str, now: float, best: float, *, noise: float = 0.0) -> Trial:
    """Rows a second with the present value 1 and with 256."""
    return Trial(
        name=name,
        title=name,
        key=key,
        unit="rows/s",
        better="more",
        present=1.0,
        tried=(
            Tried(1.0, (now, now * (1 + noise), now * (1 - noise))),
            Tried(256.0, (best, best * (1 + noise), best * (1 - noise))),
        ),
    )


def setting_of(key: str, before: float, after: float) -> Recommendation:
    """A recommendation that is a setting."""
    return Recommendation(
        id=key,
        operation="gate.verdict",
        status="missed",
        factor=3.0,
        causes=(
            Cause("the writer takes its time", "800 µs of 1 ms a call", 0.8, "storage.commit"),
        ),
        strategy="change it",
        effort="low",
        expected="gate.verdict about twice as fast",
        measured=2.0,
        setting=Setting(key, before, after),
        when="now",
        text=f"P95 3 ms, 3× its target of 1 ms; {key} = {after:g} instead of {before:g}",
    )
