"""Standing grants: an operator's answer to similar actions, bounded by time and count.

Like decisions they change in two steps (see `components.hitl.queue`): prepare, commit, apply or
revert. Uses of one grant may overlap: each holds a place while it is in flight, so that a grant
is never used more often than it says. Nothing of critical priority is ever decided by a grant.
"""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from components.actions import PRIORITIES, Priority
from components.clock import Clock
from components.hitl.change import Refused
from components.hitl.policies import Policies
from components.monitor.footprint import Held, deep_size

GrantKind = Literal["grant", "use", "revoke", "expire"]
_RANK = {priority: rank for rank, priority in enumerate(PRIORITIES)}  # the gravest first
GrantState = Literal["active", "used", "revoked", "expired"]


class Grant(Struct, frozen=True, kw_only=True):
    """What an operator allows (or denies) in advance: actions of one agent, tool and shape.

    It answers `left` more actions, until `until` (µs since 1970 UTC). It allows none that is of a
    graver `priority` than what was looked at when it was made, nor one that is asked about by
    other rules than `rules`, which found what was looked at.
    """

    id: str
    agent: str
    tool: str
    shape: str
    verdict: Literal["allow", "deny"]
    left: int
    until: int
    operator: str
    created_at: int
    reason: str = ""
    priority: Priority = "high"
    rules: tuple[str, ...] = ()

    def allows(self, priority: Priority, asked_by: Iterable[str]) -> bool:
        """Whether it allows what is of that priority and asked about by these rules."""
        if self.verdict != "allow" or _RANK[priority] < _RANK[self.priority]:
            return False
        return set(self.rules).issuperset(asked_by)


class GrantChange(Struct, frozen=True):
    """One step of a grant, prepared and not yet visible."""

    before: Grant | None
    after: Grant
    kind: GrantKind

    @property
    def state(self) -> GrantState:
        """What the grant is once this is applied."""
        if self.kind == "revoke":
            return "revoked"
        if self.kind == "expire":
            return "expired"
        return "active" if self.after.left > 0 else "used"


class Grants:
    """The standing grants and refusals in force."""

    def __init__(self, clock: Clock, policies: Policies) -> None:
        self._clock = clock
        self._policies = policies
        self._live: dict[str, Grant] = {}
        self._ids: dict[tuple[str, str, str], list[str]] = {}
        self._uses: dict[str, int] = {}  # in flight, by grant
        self._closing: dict[str, GrantChange] = {}  # made or ended, in flight

    def __len__(self) -> int:
        return len(self._live)

    def footprint(self) -> Held:
        """The grants in force, and those just made or ended."""
        held = deep_size(self._live, self._ids, self._uses, self._closing)
        return Held(len(self._live), held)

    def get(self, grant_id: str) -> Grant | None:
        """One grant in force."""
        return self._live.get(grant_id)

    def in_force(self) -> tuple[Grant, ...]:
        """All grants in force, those that end first before the others."""
        return tuple(sorted(self._live.values(), key=lambda grant: (grant.until, grant.id)))

    def match(
        self,
        agent: str,
        tool: str,
        shape: str,
        priority: Priority,
        asked_by: Iterable[str],
        now: int,
    ) -> Grant | None:
        """The grant that answers this action now, if any: a refusal before an allowance.

        `priority` is the action's, `asked_by` are the rules that want a person asked.
        """
        if priority == "critical":
            return None
        found: Grant | None = None
        for grant_id in self._ids.get((agent, tool, shape), ()):
            grant = self._live[grant_id]
            if not self._usable(grant, now):
                continue
            if grant.verdict == "deny":
                return grant
            if found is None and grant.allows(priority, asked_by):
                found = grant
        return found

    def restore(self, grants: Iterable[Grant]) -> None:
        """Take grants back after a restart, as they were stored."""
        for grant in grants:
            self._enter(grant)

    def prepare_grant(self, grant: Grant, priority: Priority, tier: int = 1) -> GrantChange:
        """A new grant, for similar actions of a decision of that priority and tier.

        Refused: 403 for critical ones and an allowance of what two people decide, 409 where the
        id is known, 422 where it is not bounded as the policies say.
        """
        now = self._clock.now()
        longest = now + round(self._policies.grant_longest_s * 1_000_000)
        if priority == "critical":
            raise Refused("what is critical is decided one by one", 403)
        if grant.verdict == "allow" and tier >= self._policies.two_person_tier:
            raise Refused("what two people decide is not allowed in advance by one", 403)
        if grant.id in self._live or grant.id in self._closing:
            raise Refused("a grant of this id is known already")
        if not now < grant.until <= longest:
            hours = self._policies.grant_longest_s / 3600
            raise Refused(f"a grant ends in the future, within {hours:g} hours", 422)
        if not 0 < grant.left <= self._policies.grant_most:
            raise Refused(f"a grant answers 1 to {self._policies.grant_most} actions", 422)
        return self._close(GrantChange(None, replace(grant, priority=priority), "grant"))

    def prepare_use(self, grant_id: str) -> GrantChange:
        """One use of a grant; refused (409) where it answers nothing more, 404 where unknown."""
        grant = self._known(grant_id)
        if not self._usable(grant, self._clock.now()):
            raise Refused("the grant answers no further action")
        self._uses[grant_id] = self._uses.get(grant_id, 0) + 1
        return GrantChange(grant, replace(grant, left=grant.left - self._uses[grant_id]), "use")

    def prepare_revoke(self, grant_id: str) -> GrantChange:
        """End a grant now."""
        grant = self._known(grant_id)
        if grant_id in self._closing:
            raise Refused("the grant is just ending")
        return self._close(GrantChange(grant, grant, "revoke"))

    def expired(self) -> tuple[GrantChange, ...]:
        """Prepare the end of all grants whose time has passed; they match nothing already."""
        now = self._clock.now()
        ends = [g for g in self._live.values() if g.until <= now and g.id not in self._closing]
        return tuple(self._close(GrantChange(grant, grant, "expire")) for grant in ends)

    def apply(self, change: GrantChange) -> Grant:
        """Make a prepared change visible, after its commit."""
        grant = change.after
        if change.kind == "use":
            self._finish_use(grant.id)
            self._spend(grant.id)
            return grant
        self._finish(change)
        if change.kind == "grant":
            self._enter(grant)
        else:
            self._leave(grant.id)
        return grant

    def revert(self, change: GrantChange) -> None:
        """Drop a prepared change whose commit failed."""
        if change.kind == "use":
            self._finish_use(change.after.id)
        else:
            self._finish(change)

    def _usable(self, grant: Grant, now: int) -> bool:
        left = grant.left - self._uses.get(grant.id, 0)
        return left > 0 and now < grant.until and grant.id not in self._closing

    def _known(self, grant_id: str) -> Grant:
        grant = self._live.get(grant_id)
        if grant is None:
            raise Refused("no such grant is in force", 404)
        return grant

    def _close(self, change: GrantChange) -> GrantChange:
        self._closing[change.after.id] = change
        return change

    def _finish(self, change: GrantChange) -> None:
        if self._closing.get(change.after.id) is not change:
            raise LookupError(f"no such change of {change.after.id} is in flight")
        del self._closing[change.after.id]

    def _finish_use(self, grant_id: str) -> None:
        if not self._uses.get(grant_id):
            raise LookupError(f"no use of {grant_id} is in flight")
        self._uses[grant_id] -= 1
        if not self._uses[grant_id]:
            del self._uses[grant_id]

    def _spend(self, grant_id: str) -> None:
        grant = self._live.get(grant_id)
        if grant is None:  # revoked after this use was prepared
            return
        self._live[grant_id] = replace(grant, left=grant.left - 1)
        if grant.left <= 1:
            self._leave(grant_id)

    def _enter(self, grant: Grant) -> None:
        self._live[grant.id] = grant
        self._ids.setdefault((grant.agent, grant.tool, grant.shape), []).append(grant.id)

    def _leave(self, grant_id: str) -> None:
        grant = self._live.pop(grant_id, None)
        if grant is None:  # its last use was applied before its end
            return
        key = (grant.agent, grant.tool, grant.shape)
        self._ids[key].remove(grant_id)
        if not self._ids[key]:
            del self._ids[key]
