"""What several calls do together that none of them does alone.

Remembered per agent, for a bounded time and number: secrets or private data that were read, files
that were downloaded, what was deleted, what was blocked.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field

from components.actions import Action, Reason, SafetyAssessment
from components.clock import Clock
from components.intent_firewall.words import tool_words
from components.monitor.footprint import Held, deep_size

_SECRET_RULES = ("credentials.", "secrets.")
_PRIVATE_WORDS = frozenset(
    {"secret", "secrets", "password", "passwords", "credential", "credentials", "token", "tokens",
     "passport", "ssn", "private", "vault", "keychain", "apikey"}
)  # fmt: skip


@dataclass(slots=True)
class _Memory:
    secrets: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=16))
    deletions: deque[int] = field(default_factory=lambda: deque(maxlen=256))
    blocked: deque[int] = field(default_factory=lambda: deque(maxlen=16))


class Sequences:
    """Rules across the calls of one agent within `window_s` seconds. Not for two threads.

    A send after a secret was read asks; so do more than `deletions` deletions, and any further
    side effect after `blocked` blocked actions.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        window_s: float = 600.0,
        deletions: int = 20,
        blocked: int = 3,
        max_agents: int = 10_000,
    ) -> None:
        self._clock = clock
        self._window = round(window_s * 1e9)
        self._deletions = deletions
        self._blocked = blocked
        self._max_agents = max_agents
        self._agents: OrderedDict[str, _Memory] = OrderedDict()

    def footprint(self) -> Held:
        """What is remembered of the agents."""
        return Held(len(self._agents), deep_size(self._agents))

    def observe(self, action: Action, safety: SafetyAssessment) -> tuple[Reason, ...]:
        """The reasons that follow from what this agent did before; a block is remembered."""
        memory = self._memory(action.agent)
        now = self._clock.monotonic()
        self._forget(memory, now)
        reasons = tuple(self._reasons(memory, safety))
        if safety.disposition == "block":
            memory.blocked.append(now)
        return reasons

    def allowed(self, action: Action, safety: SafetyAssessment) -> None:
        """Remember an action that was allowed: only then was the secret read, the file deleted."""
        memory = self._memory(action.agent)
        now = self._clock.monotonic()
        if secret := _secret_read(action, safety):
            memory.secrets.append((now, secret))
        if safety.intent == "delete":
            memory.deletions.append(now)

    def _reasons(self, memory: _Memory, safety: SafetyAssessment) -> list[Reason]:
        found: list[Reason] = []
        if safety.intent in {"send", "pay", "grant"} and memory.secrets:
            secret = memory.secrets[-1][1]
            text = "Sends something out after this agent has read a secret"
            rule = "sequence.secret-then-send"
            found.append(Reason(rule, "high", text, "ask", "agent", excerpt=secret))
        if safety.intent == "delete" and len(memory.deletions) >= self._deletions:
            text = f"More than {self._deletions} deletions in a short time"
            found.append(Reason("sequence.many-deletions", "medium", text, "ask", "agent"))
        if safety.intent != "read" and len(memory.blocked) >= self._blocked:
            text = f"{len(memory.blocked)} actions of this agent were blocked just before"
            found.append(Reason("sequence.after-blocks", "medium", text, "ask", "agent"))
        return found

    def _forget(self, memory: _Memory, now: int) -> None:
        oldest = now - self._window
        while memory.secrets and memory.secrets[0][0] < oldest:
            memory.secrets.popleft()
        for times in (memory.deletions, memory.blocked):
            while times and times[0] < oldest:
                times.popleft()

    def _memory(self, agent: str) -> _Memory:
        memory = self._agents.get(agent)
        if memory is None:
            memory = self._agents[agent] = _Memory()
            if len(self._agents) > self._max_agents:
                self._agents.popitem(last=False)
        else:
            self._agents.move_to_end(agent)
        return memory


def _secret_read(action: Action, safety: SafetyAssessment) -> str:
    """What secret an action reads, by the firewall's reasons or the tool's own name."""
    for reason in safety.reasons:
        if reason.rule.startswith(_SECRET_RULES):
            return reason.excerpt or reason.rule
    words = tool_words(action.tool)
    private = _PRIVATE_WORDS.intersection(words)
    return " ".join(words) if safety.intent == "read" and private else ""
