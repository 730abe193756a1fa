"""What several calls do together that none of them does alone.

Remembered per agent, for a bounded time and number: secrets and private data that were read, what
was deleted, what was blocked. Of what was read only its kind is kept, never its content.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field

from components.actions import Action, Effect, Reason, SafetyAssessment
from components.clock import Clock
from components.intent_firewall.words import tool_words, word_set
from components.monitor.footprint import Held, deep_size

_SECRET_RULES = ("credentials.", "secrets.")
_PRIVATE_WORDS = frozenset(
    {"secret", "secrets", "password", "passwords", "credential", "credentials", "token", "tokens",
     "passport", "ssn", "private", "vault", "keychain", "apikey"}
)  # fmt: skip
# Personal records, mail and files, health and money: what is read every day, and nobody's business.
_PERSONAL_WORDS = word_set(
    "mail mails email emails gmail inbox message messages sms chat contact contacts note notes"
    " file files document documents drive folder calendar profile person people customer customers"
    " patient patients medical health prescription prescriptions genetic record records history"
    " bank account accounts balance transaction transactions payment payments payee payees card"
    " iban salary tax invoice invoices holdings portfolio reservation reservations booking location"
    " address user employee employees log logs"
)
_ORDERED = "provenance.ordered-by-text"
# Reasons that say that a call goes where no user sent it.
_LED = frozenset({_ORDERED, "provenance.unasked-recipient", "provenance.unnamed-recipient"})
_OUTWARD = frozenset({"send", "pay", "grant"})
_LONGEST = 200

WINDOW_S = 600.0
"""What an agent did before counts for so long."""


@dataclass(slots=True)
class _Memory:
    secrets: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=16))
    private: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=16))
    deletions: deque[int] = field(default_factory=lambda: deque(maxlen=256))
    blocked: deque[int] = field(default_factory=lambda: deque(maxlen=16))


class Sequences:
    """Rules across the calls of one agent within `window_s` seconds. Not for two threads.

    A send after a secret was read asks, and is blocked where untrusted text names its place: only
    the writer of that text gains by it. After private data was read, or where the place comes from
    nowhere, it asks with the gravest severity and no more: an office reads mail before most of what
    it sends, and a false block costs the work. More than `deletions` deletions ask, and so does any
    further side effect after `blocked` blocked actions.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        window_s: float = WINDOW_S,
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
        reasons = tuple(self._reasons(memory, action, safety))
        if safety.disposition == "block":
            memory.blocked.append(now)
        return reasons

    def allowed(self, action: Action, safety: SafetyAssessment) -> None:
        """Remember an action that was allowed: only then was the secret read, the file deleted."""
        memory = self._memory(action.agent)
        now = self._clock.monotonic()
        if secret := _secret_read(action, safety):
            memory.secrets.append((now, secret[:_LONGEST]))
        elif safety.intent == "read" and (
            private := _PERSONAL_WORDS.intersection(tool_words(action.tool))
        ):
            memory.private.append((now, " ".join(sorted(private))[:_LONGEST]))
        if safety.intent == "delete":
            memory.deletions.append(now)

    def _reasons(self, memory: _Memory, action: Action, safety: SafetyAssessment) -> list[Reason]:
        found: list[Reason] = []
        if leak := _leak(memory, action, safety):
            found.append(leak)
        if safety.intent == "delete" and len(memory.deletions) >= self._deletions:
            text = f"More than {self._deletions} deletions in a short time"
            found.append(Reason("sequence.many-deletions", "medium", text, "ask", "agent"))
        if safety.intent != "read" and len(memory.blocked) >= self._blocked:
            text = f"{len(memory.blocked)} actions of this agent were blocked just before"
            found.append(Reason("sequence.after-blocks", "medium", text, "ask", "agent"))
        return found

    def _forget(self, memory: _Memory, now: int) -> None:
        oldest = now - self._window
        for read in (memory.secrets, memory.private):
            while read and read[0][0] < oldest:
                read.popleft()
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


def _leak(memory: _Memory, action: Action, safety: SafetyAssessment) -> Reason | None:
    """What was read and now may go out, or nothing; `excerpt` says what it was."""
    led = next((one for one in safety.reasons if one.rule in _LED), None)
    outward = safety.intent in _OUTWARD
    if not outward and not (led and _has_address(action)):
        return None
    if memory.secrets:
        read = memory.secrets[-1][1]
        if led is None:
            text = "Sends something out after this agent has read a secret"
            rule = "sequence.secret-then-send"
            return Reason(rule, "high", text, "ask", "agent", excerpt=read)
        text = "Goes to a place that no user named, after this agent has read a secret"
        effect: Effect = "block" if led.rule == _ORDERED else "ask"
        rule = "sequence.secret-to-unasked-place"
        return Reason(rule, "critical", text, effect, led.where, led.span, read)
    if memory.private and led:
        read = memory.private[-1][1]
        text = "Goes to a place that no user named, after this agent has read private data"
        rule = "sequence.private-to-unasked-place"
        return Reason(rule, "critical", text, "ask", led.where, led.span, read)
    return None


def _has_address(action: Action) -> bool:
    """Whether an argument holds an address on the web: to read there is to send, too."""
    values = action.arguments.values()
    return any(isinstance(one, str) and ("://" in one or "www." in one) for one in values)


def _secret_read(action: Action, safety: SafetyAssessment) -> str:
    """What secret an action reads, by the firewall's reasons or the tool's own name."""
    for reason in safety.reasons:
        if reason.rule.startswith(_SECRET_RULES):
            return reason.excerpt or reason.rule
    words = tool_words(action.tool)
    private = _PRIVATE_WORDS.intersection(words)
    return " ".join(words) if safety.intent == "read" and private else ""
