"""What a node learns: experiences, patterns, proposals, and how far it agrees with its people."""

from collections.abc import Callable, Iterable
from functools import partial

from msgspec.structs import replace

from app.node.drafting import Drafting, Policy
from app.node.learner import Learner
from app.node.restore import HALF_WINDOW
from app.presenter.learning import learning_view
from components.clock import Clock
from components.evolution_core import EvolutionCore
from components.evolution_core.proposals import Proposal, keep
from components.hitl import Grant, Policies
from components.love_engine import Alignment, LiveWindow, compute_love_metric
from components.monitor.footprint import Held
from components.monitor.timer import Recorders, Timer
from components.views import LearningView
from storage import Store

SHOWN = 50
SHOWN_PROPOSALS = 20
"""So many patterns and suggestions are shown."""


class Learning:
    """The parts that learn, wired. `look` is for a worker thread, all else for the gate's.

    `policy` tells what is in force, `grants` those that stand.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        report: Callable[[str, str], None],
        batch: int,
        meter: Recorders,
        policies: Policies,
        policy: Callable[[], Policy],
        grants: Callable[[], Iterable[Grant]],
    ) -> None:
        self._store, self._clock = store, clock
        self._policy, self._grants = policy, grants
        told = partial(report, "experiences")
        self.evolution = EvolutionCore.open(store, clock, told, batch, meter)
        self.alignment = Alignment()
        self.window = LiveWindow(HALF_WINDOW)
        self.learner = Learner(self.evolution, self.alignment, self.window, clock)
        self._drafting = Drafting(store, policies, clock, self.evolution.book.is_dismissed)
        self._love_metric = Timer(meter("love_engine.compute_love_metric"), clock)
        self._agreement = Timer(meter("love_engine.evaluate_alignment"), clock)
        suggested = self.evolution.suggest_improvements()
        self.proposals = tuple(Proposal(suggestion=one) for one in suggested)
        self._kept: tuple[Proposal, ...] | None = None
        self._done: set[str] = set()
        self.view: LearningView = self._seen(self.proposals)

    def look(self) -> None:
        """Look for patterns and suggestions, and work out one proposal. Beside the gate."""
        self.evolution.retry()
        suggested = self.evolution.suggest_improvements()
        made = self._drafting.proposals(suggested, self._policy(), self._grants())
        found = self._left(made)
        # What it no longer comes to was taken up; if it does so again, it is proposed again.
        self._done.intersection_update(map(_settled_as, made))
        self.proposals = found
        if found != self._kept:
            self._keep(found)
        self.view = self._seen(found)

    def footprint(self) -> Held:
        """What is proposed."""
        return self._drafting.footprint()

    def _keep(self, proposals: tuple[Proposal, ...]) -> None:
        """Store what is proposed; what could not be stored is tried with the next look."""
        self._kept = proposals

        def written(_: None, error: Exception | None) -> None:
            if error is not None:
                self._kept = None

        self._store.writer.submit(lambda tx: keep(tx, proposals), written)

    def proposal(self, proposal_id: str) -> Proposal | None:
        """One that stands now."""
        return next((one for one in self.proposals if one.id == proposal_id), None)

    def settle(self, proposal: Proposal) -> None:
        """It was accepted or dismissed, and stands no more."""
        self._done.add(_settled_as(proposal))
        self.proposals = self._left(self.proposals)
        left = tuple(row for row in self.view.suggestions if row.id != proposal.id)
        self.view = replace(self.view, suggestions=left)

    def _left(self, proposals: tuple[Proposal, ...]) -> tuple[Proposal, ...]:
        """Without those that were settled: what is worked out anew may lag behind."""
        return tuple(one for one in proposals if _settled_as(one) not in self._done)

    def gauges(self) -> dict[str, float]:
        """The agreement with people as figures; any thread may ask."""
        view = self.view
        found = {
            "love_engine.kappa": view.alignment,
            "love_engine.kappa_low": view.alignment_low,
            "love_engine.kappa_high": view.alignment_high,
            "love_engine.drifting": float(sum(bool(row.drift) for row in view.alignments)),
        }
        return {name: value for name, value in found.items() if value is not None}

    def save_alignment(self) -> None:
        """Hand the alignment to the writer."""
        state = self.alignment.state()
        self._store.writer.submit(
            lambda tx: tx.execute(
                "INSERT INTO evolution_state (name, up_to, body) VALUES ('alignment', 0, ?) "
                "ON CONFLICT (name) DO UPDATE SET body=excluded.body",
                (state,),
            ),
            lambda *_: None,
        )

    def _seen(self, proposals: tuple[Proposal, ...]) -> LearningView:
        totals = self.evolution.metrics.totals()
        before, after = self.window.halves()
        return learning_view(
            totals.seen,
            totals.success_rate,
            self.evolution.recognize_patterns()[:SHOWN],
            proposals[:SHOWN_PROPOSALS],
            self._love_metric(compute_love_metric, before, after),
            after.actions,
            self._agreement(self.alignment.evaluate),
            self.alignment,
            self._clock.now(),
        )


def _settled_as(proposal: Proposal) -> str:
    """What a settled proposal is known by until it is worked out anew."""
    return proposal.mark or proposal.id
