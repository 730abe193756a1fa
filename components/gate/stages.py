"""The screens in their order, each timed: firewall, sequences, love engine."""

from collections.abc import Callable

from msgspec import Struct

from components.actions import Action, EthicsAssessment, Reason, SafetyAssessment, Stage
from components.clock import Clock
from components.gate.policy import Ruling, join
from components.intent_firewall import Firewall, Sequences
from components.love_engine import LoveEngine
from components.monitor import Meter


class Assessed(Struct, frozen=True):
    """An action with all that was found in it."""

    safety: SafetyAssessment
    ethics: EthicsAssessment
    extra: tuple[Reason, ...]
    ruling: Ruling
    stages: tuple[Stage, ...]

    @property
    def rules(self) -> tuple[str, ...]:
        """Every rule and ethical feature that matched, once each, in order."""
        names = [reason.rule for reason in (*self.safety.reasons, *self.extra)]
        names += [concern.feature for concern in self.ethics.concerns]
        return tuple(dict.fromkeys(names))


class Screens:
    """Runs the screens. The firewall can be exchanged between two actions."""

    def __init__(
        self,
        firewall: Firewall,
        love: LoveEngine,
        sequences: Sequences,
        clock: Clock,
        meter: Callable[[str, str], Meter],
    ) -> None:
        self.firewall = firewall
        self.love = love
        self._sequences = sequences
        self._monotonic = clock.monotonic
        self._firewall_meter = meter("intent_firewall", "Intent Firewall")
        self._love_meter = meter("love_engine", "Love Engine")

    def assess(self, action: Action) -> Assessed:
        """Screen one action on its own and against what its agent did before."""
        started = self._monotonic()
        safety = self.firewall.validate(action)
        extra = self._sequences.observe(action, safety)
        between = self._monotonic()
        ethics = self.love.check_ethics(action)
        ended = self._monotonic()
        self._firewall_meter.record(between - started)
        self._love_meter.record(ended - between)
        return self._joined(safety, ethics, extra)

    def per_s(self) -> float:
        """Actions a second over the last ten; an action that a person answers counts once."""
        return self._firewall_meter.rate(10)

    def allowed(self, action: Action, safety: SafetyAssessment) -> None:
        """Remember that an action was allowed, for what its agent does next."""
        self._sequences.allowed(action, safety)

    def assess_alone(self, action: Action) -> Assessed:
        """Screen one action without remembering it: for what a person proposes instead."""
        return self._joined(self.firewall.validate(action), self.love.check_ethics(action), ())

    def _joined(
        self, safety: SafetyAssessment, ethics: EthicsAssessment, extra: tuple[Reason, ...]
    ) -> Assessed:
        safety_rules = tuple(reason.rule for reason in (*safety.reasons, *extra))
        features = tuple(concern.feature for concern in ethics.concerns)
        stages = (
            Stage("intent_firewall", self.firewall.version, round(safety.score, 4), safety_rules),
            Stage("love_engine", self.love.version, round(ethics.score, 4), features),
        )
        return Assessed(safety, ethics, extra, join(safety, ethics, extra), stages)
