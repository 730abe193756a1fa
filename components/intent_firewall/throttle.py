"""How fast an agent may act, and when it is to be stopped because its actions keep failing.

A token bucket per agent, and a circuit breaker: after so many failures in a row the agent is
refused for a while; then one action is let through, and its outcome decides.
"""

from collections import OrderedDict
from dataclasses import dataclass

from components.actions import Reason
from components.clock import Clock
from components.monitor.footprint import Held, deep_size


@dataclass(slots=True)
class _State:
    tokens: float
    seen: int
    failures: int = 0
    broken_until: int = 0


class Throttle:
    """Buckets and breakers for at most `max_agents` agents; the longest unseen are forgotten.

    `rate_per_s` actions a second are let through, `burst` at once. After `failures` failed
    outcomes in a row an agent is broken for `cooldown_s` seconds. Not for use by two threads.
    """

    def __init__(
        self,
        clock: Clock,
        rate_per_s: float = 50.0,
        burst: int = 200,
        *,
        failures: int = 20,
        cooldown_s: float = 30.0,
        max_agents: int = 10_000,
    ) -> None:
        if rate_per_s <= 0 or burst < 1 or failures < 1 or max_agents < 1:
            raise ValueError("rate, burst, failures and max_agents must be positive")
        self._clock = clock
        self._rate = rate_per_s
        self._burst = burst
        self._failures = failures
        self._cooldown_ns = round(cooldown_s * 1e9)
        self._max_agents = max_agents
        self._states: OrderedDict[str, _State] = OrderedDict()

    def footprint(self) -> Held:
        """The buckets and breakers."""
        return Held(len(self._states), deep_size(self._states))

    def admit(self, agent: str) -> Reason | None:
        """Let one action through, or say why not."""
        state = self._state(agent)
        now = self._clock.monotonic()
        state.tokens = min(self._burst, state.tokens + (now - state.seen) * 1e-9 * self._rate)
        state.seen = now
        if state.broken_until:
            if now < state.broken_until:
                left = (state.broken_until - now) * 1e-9
                return Reason(
                    "throttle.broken", "high",
                    f"{state.failures} actions failed in a row; refused for {left:.0f} s more",
                    "block", "agent", excerpt=agent[:200],
                )  # fmt: skip
            state.broken_until = now + self._cooldown_ns  # one trial; its outcome decides
        if state.tokens < 1:
            return Reason(
                "throttle.rate", "medium",
                f"More than {self._rate:g} actions a second ({self._burst} at once)",
                "block", "agent", excerpt=agent[:200],
            )  # fmt: skip
        state.tokens -= 1
        return None

    def report(self, agent: str, failed: bool) -> None:
        """Count an outcome; a good one mends the breaker."""
        state = self._state(agent)
        if not failed:
            state.failures, state.broken_until = 0, 0
            return
        state.failures += 1
        if state.failures >= self._failures:
            state.broken_until = self._clock.monotonic() + self._cooldown_ns

    def is_broken(self, agent: str) -> bool:
        """Whether an agent's breaker is open."""
        state = self._states.get(agent)
        return state is not None and state.broken_until > 0

    @property
    def broken(self) -> tuple[str, ...]:
        """The agents whose breaker is open, longest unseen first."""
        return tuple(agent for agent, state in self._states.items() if state.broken_until)

    def _state(self, agent: str) -> _State:
        state = self._states.get(agent)
        if state is None:
            state = self._states[agent] = _State(float(self._burst), self._clock.monotonic())
            if len(self._states) > self._max_agents:
                self._states.popitem(last=False)
        else:
            self._states.move_to_end(agent)
        return state
