"""What a console elsewhere holds of its node: the newest snapshot and the decisions to answer."""

from collections.abc import Collection
from typing import Any

from msgspec.structs import replace

from app.remote.wire import Mark
from components.text import safe_text
from components.views import DecisionView, Health, LearningView, Snapshot, WaitingRow

_FATES = 1_000


class Shelf:
    """Written by one thread, read by others. Parts that did not change stay the same objects."""

    def __init__(self, node: str) -> None:
        self._items: dict[str, DecisionView] = {}
        self._fates: dict[str, str] = {}
        self._held_back: dict[str, str] = {}
        self._newest = nothing_yet(node)
        self.snapshot = self._newest

    def decision(self, decision_id: str) -> DecisionView | None:
        """A decision that waits."""
        return self._items.get(decision_id)

    def fate(self, decision_id: str) -> str:
        """How one ended."""
        return self._fates.get(decision_id, "")

    def marks(self) -> dict[str, Mark]:
        """What is held, to tell the node."""
        return {id_: (view.version, view.policy_version) for id_, view in self._items.items()}

    def offer(self, view: DecisionView) -> None:
        """A decision waits, as it is now."""
        self._held_back.pop(view.id, None)
        self._items[view.id] = view
        self._list()

    def withdraw(self, decision_id: str, why: str, awaited: Collection[str]) -> None:
        """A decision waits no more. One whose answer is `awaited` stays until that has come.

        Else its operator would see it taken away before they hear that it was by themselves.
        """
        if decision_id in awaited:
            self._held_back[decision_id] = why
            return
        self._held_back.pop(decision_id, None)
        self._items.pop(decision_id, None)
        self._fates[decision_id] = safe_text(why, limit=200)
        if len(self._fates) > _FATES:
            del self._fates[next(iter(self._fates))]
        self._list()

    def release(self, awaited: Collection[str]) -> None:
        """An answer has come: what was held back for it goes."""
        for decision_id, why in tuple(self._held_back.items()):
            self.withdraw(decision_id, why, awaited)

    def show(self, snapshot: Snapshot) -> None:
        """A newer snapshot."""
        self._newest = _alike(self._newest, snapshot)
        self._list()

    def _list(self) -> None:
        """List only what can be read here: a row may come before its decision."""
        rows: tuple[WaitingRow, ...] = tuple(
            row for row in self._newest.waiting if row.id in self._items
        )
        self.snapshot = _alike(self.snapshot, replace(self._newest, waiting=rows))


def _alike(before: Snapshot, now: Snapshot) -> Snapshot:
    same: dict[str, Any] = {
        name: was
        for name in Snapshot.__struct_fields__
        if (was := getattr(before, name)) == getattr(now, name)
    }
    return replace(now, **same)


def nothing_yet(node: str) -> Snapshot:
    """What is shown of a node before it was heard."""
    health = Health(
        node=safe_text(node, limit=64), state="frozen", detail="not heard yet", agents=0,
        per_s=0.0, waiting=0, alerts=(), audit_size=0, audit_root="", uptime_s=0.0,
        loop_lag_us=0.0,
    )  # fmt: skip
    learning = LearningView(0, None, (), (), None, None, None, None, 0)
    return Snapshot(
        seq=0, time=0, health=health, operations=(), waiting=(), events=(), agents=(), grants=(),
        learning=learning,
    )  # fmt: skip
