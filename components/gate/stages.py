"""The screens in their order, each timed: firewall, sequences, love engine."""

from collections.abc import Generator, Sequence
from functools import lru_cache

from msgspec import Struct

from components.actions import Action, EthicsAssessment, Reason, SafetyAssessment, Stage
from components.clock import Clock
from components.gate.in_step import in_step
from components.gate.meters import ScreenMeters
from components.gate.policy import Ruling, join
from components.intent_firewall import UNINSPECTED, Firewall, Sequences
from components.love_engine import LoveEngine
from components.monitor.timer import Recorders

_NEVER = -1


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
        meter: Recorders,
    ) -> None:
        self.firewall = firewall
        self.love = love
        self._sequences = sequences
        self._monotonic = clock.monotonic
        self._meters = ScreenMeters.of(meter)
        self._apart = _NEVER

    def assess_all(self, actions: Sequence[Action]) -> list[Assessed | Exception]:
        """Screen actions that came at once, each by itself and against what its agent did before.

        One screen is done with all of them before the next begins: what it reads and runs is
        then at hand, and it takes as little as half the time. What failed stands in its place.
        """
        return in_step([self._assess(action) for action in actions])

    def _assess(self, action: Action) -> Generator[None, None, Assessed]:
        meters = self._meters
        try:
            started = self._monotonic()
            safety, validated = self._validated(action, started)
            yield
            resumed = self._monotonic()
            extra = self._sequences.observe(action, safety)
            observed = self._monotonic()
            ethics = self.love.check_ethics(action)
            ended = self._monotonic()
        except Exception:
            meters.all.fail()
            raise
        meters.sequences.record(observed - resumed)
        meters.ethics.record(ended - observed)
        meters.all.record(validated - started + ended - resumed)
        return self._joined(safety, ethics, extra)

    def allowed(self, action: Action, safety: SafetyAssessment) -> None:
        """Remember that an action was allowed, for what its agent does next."""
        self._sequences.allowed(action, safety)

    def recall(self, action: Action, *, allowed: bool) -> None:
        """Remember an action that was judged before a restart, for what its agent does next."""
        safety = self.firewall.validate(action)
        if allowed:
            self._sequences.allowed(action, safety)
        elif safety.disposition == "block":
            self._sequences.observe(action, safety)

    def assess_alone(self, action: Action) -> Assessed:
        """Screen one action without remembering it: for what a person proposes instead."""
        started = self._monotonic()
        safety, validated = self._validated(action, started)
        ethics = self.love.check_ethics(action)
        ended = self._monotonic()
        self._meters.ethics.record(ended - validated)
        return self._joined(safety, ethics, ())

    def _validated(self, action: Action, started: int) -> tuple[SafetyAssessment, int]:
        """The firewall's assessment, counted, and when it was there."""
        meters, self._apart = self._meters, _NEVER
        safety = self.firewall.validate(action, self._taken_apart)
        ended = self._monotonic()
        if safety.reasons and safety.reasons[0].rule == UNINSPECTED:
            meters.unsafe.fail()
            if self._apart != _NEVER:
                meters.matching.fail()
            return safety, ended
        (meters.unsafe if safety.reasons else meters.safe).record(ended - started)
        if self._apart != _NEVER:
            meters.matching.record(ended - self._apart)
        return safety, ended

    def _taken_apart(self) -> None:
        self._apart = self._monotonic()

    def _joined(
        self, safety: SafetyAssessment, ethics: EthicsAssessment, extra: tuple[Reason, ...]
    ) -> Assessed:
        safety_rules = tuple(reason.rule for reason in (*safety.reasons, *extra))
        features = tuple(concern.feature for concern in ethics.concerns)
        stages = (
            _stage("intent_firewall", self.firewall.version, safety.score, safety_rules),
            _stage("love_engine", self.love.version, ethics.score, features),
        )
        return Assessed(safety, ethics, extra, join(safety, ethics, extra), stages)


@lru_cache(maxsize=256, typed=True)
def _stage(name: str, version: str, score: float, reasons: tuple[str, ...]) -> Stage:
    """A stage; decisions that wait share those that are equal."""
    return Stage(name, version, round(score, 4), reasons)
