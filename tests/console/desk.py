"""An honest desk in memory: keeps the protocol's promises, has no node behind it."""

import json
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from msgspec import structs

from app.desk import AuditFilter, Cadence, DeskError, Person, Progress, Shown
from components.actions import AnswerKind
from components.clock import Clock
from components.views import (
    AlertHistoryRow,
    AuditDetail,
    AuditRow,
    DecisionView,
    ReportView,
    Snapshot,
    TrendView,
)
from tests.console import monitor_scenes, scenes

Call = tuple[str, dict[str, Any]]


class MemoryDesk:
    """Decisions live in a dict; `calls` remembers what was asked of the desk, in order."""

    def __init__(self, clock: Clock, decisions: Sequence[DecisionView] = ()) -> None:
        self.operator = "ada"
        self.clock = clock
        self.decisions = {view.id: view for view in decisions}
        self.calls: list[Call] = []
        self.release_delay_s = 0
        self.fates: dict[str, str] = {}
        self.paused_agents: set[str] = set()
        self.dismissed: set[str] = set()
        self.audit = [scenes.audit_row(seq) for seq in range(1, 251)]
        self.history = monitor_scenes.history(now=clock.now())
        self._base = scenes.snapshot(clock.now())
        self._snapshot = self._base
        self.changed()

    # What tests do to it.

    def changed(self, **parts: Any) -> None:
        """Build the next snapshot; parts that are not given stay the same objects."""
        old = self._snapshot
        waiting = tuple(scenes.row(view) for view in self.decisions.values())
        if waiting == old.waiting:
            waiting = old.waiting
        health = structs.replace(parts.pop("health", old.health), waiting=len(waiting))
        self._snapshot = structs.replace(
            old, seq=old.seq + 1, time=self.clock.now(), waiting=waiting, health=health, **parts
        )

    def arrive(self, view: DecisionView, place: int | None = None) -> None:
        """A decision comes, at the end of the list or at a place in it."""
        items = list(self.decisions.items())
        items.insert(len(items) if place is None else place, (view.id, view))
        self.decisions = dict(items)
        self.changed()

    def replace(self, decision_id: str, **changes: Any) -> None:
        """A decision changes; its version grows."""
        view = self.decisions[decision_id]
        self.decisions[decision_id] = structs.replace(view, version=view.version + 1, **changes)
        self.changed()

    def vanish(self, decision_id: str) -> None:
        """A decision is decided or withdrawn elsewhere."""
        del self.decisions[decision_id]
        self.changed()

    def named(self, name: str) -> list[dict[str, Any]]:
        """The calls of one name."""
        return [arguments for called, arguments in self.calls if called == name]

    # The protocol.

    node = "assent"

    def nodes(self) -> Sequence[str]:
        return (self.node,)

    def switch_node(self, name: str) -> None:
        raise DeskError("there is no other")

    def fate(self, decision_id: str) -> str:
        return self.fates.get(decision_id, "")

    def operators(self) -> Sequence[Person]:
        return (Person("ada", 3, locked=False), Person("grace", 3, locked=True))

    def switch_operator(self, name: str, passphrase: str) -> Future[str]:
        self._note("switch_operator", person=name, passphrase=passphrase)

        def switch() -> str:
            if name != "ada" and passphrase != "correct horse":
                raise DeskError("the passphrase is wrong", 401)
            self.operator = name
            return f"{name} answers now."

        return self._try(switch)

    def snapshot(self) -> Snapshot:
        return self._snapshot

    def decision(self, decision_id: str) -> DecisionView | None:
        view = self.decisions.get(decision_id)
        return view and structs.replace(view)  # made anew each time, as a node does

    def answer(
        self,
        shown: Shown,
        kind: AnswerKind,
        *,
        reason: str = "",
        arguments: dict[str, Any] | None = None,
        code: str = "",
    ) -> Future[str]:
        self._note("answer", shown=shown, kind=kind, reason=reason, arguments=arguments, code=code)
        return self._try(lambda: self._answer(shown, kind, code))

    def answer_similar(
        self, shown: Shown, kind: AnswerKind, *, minutes: int, count: int, reason: str = ""
    ) -> Future[str]:
        self._note(
            "answer_similar", shown=shown, kind=kind, minutes=minutes, count=count, reason=reason
        )
        return self._try(lambda: self._answer(shown, kind, self._code(shown)))

    def answer_many(self, shown: Sequence[Shown], kind: AnswerKind, reason: str) -> Future[str]:
        self._note("answer_many", shown=tuple(shown), kind=kind, reason=reason)

        def all_of_them() -> str:
            for one in shown:
                self._answer(one, kind, self._code(one))
            return f"{len(shown)} answered."

        return self._try(all_of_them)

    def undo(self, decision_id: str) -> Future[str]:
        self._note("undo", id=decision_id)

        def undo() -> str:
            if not self._open(decision_id).release_at:
                raise DeskError("it is released already")
            self.replace(decision_id, release_at=0, answered_by=())
            return "Taken back."

        return self._try(undo)

    def escalate(self, decision_id: str) -> Future[str]:
        self._note("escalate", id=decision_id)
        return self._try(lambda: f"{self._open(decision_id).id} escalated.")

    def claim(self, decision_id: str) -> Future[str]:
        self._note("claim", id=decision_id)

        def claim() -> str:
            mine = self._open(decision_id).claimed_by == self.operator
            self.replace(decision_id, claimed_by="" if mine else self.operator)
            return "Given back." if mine else "Claimed."

        return self._try(claim)

    def snooze(self, decision_id: str, seconds: int) -> Future[str]:
        self._note("snooze", id=decision_id, seconds=seconds)

        def snooze() -> str:
            until = self.clock.now() + seconds * 1_000_000
            self.replace(decision_id, snoozed_until=min(until, self._open(decision_id).deadline))
            return "Put aside."

        return self._try(snooze)

    def revoke_grant(self, grant_id: str) -> Future[str]:
        self._note("revoke_grant", id=grant_id)

        def revoke() -> str:
            left = tuple(row for row in self._snapshot.grants if row.id != grant_id)
            self.changed(grants=left)
            return "Revoked."

        return self._try(revoke)

    def pause_agent(self, agent: str) -> Future[str]:
        self._note("pause_agent", agent=agent)
        self.paused_agents ^= {agent}
        return self._try(lambda: f"{agent} toggled.")

    def is_stopped(self) -> bool:
        return self._snapshot.health.state == "paused"

    def stop_everything(self, stop: bool | None = None) -> Future[str]:
        self._note("stop_everything", stop=stop)

        def stop() -> str:
            health = self._snapshot.health
            state = "open" if health.state == "paused" else "paused"
            self.changed(health=structs.replace(health, state=state))
            return f"Intake is {state}."

        return self._try(stop)

    def audit_page(self, wanted: AuditFilter, before: int | None, limit: int) -> Sequence[AuditRow]:
        self._note("audit_page", wanted=wanted, before=before)
        rows = [
            row
            for row in reversed(self.audit)
            if (before is None or row.seq < before)
            and wanted.agent in {"", row.agent}
            and wanted.verdict in {"", row.verdict}
            and wanted.text in row.text
        ]
        return rows[:limit]

    def audit_detail(self, seq: int) -> AuditDetail:
        self._note("audit_detail", seq=seq)
        if seq > len(self.audit):
            raise DeskError("there is no such entry", 404)
        return scenes.audit_detail(self.audit[seq - 1])

    def audit_verify(self, progress: Progress) -> str:
        self._note("audit_verify")
        for done in range(len(self.audit)):
            if not progress(done, len(self.audit)):
                raise DeskError("stopped before the end")
        return f"All {len(self.audit)} entries hold."

    def audit_export(self, wanted: AuditFilter, target: Path, progress: Progress) -> str:
        self._note("audit_export", wanted=wanted, target=target)
        rows = self.audit_page(wanted, None, 10_000)
        with target.open("w") as file:
            for row in rows:
                file.write(json.dumps({"seq": row.seq}) + "\n")
        progress(len(rows), len(rows))
        return f"{len(rows)} entries in {target}."

    # Alerts, trends and reports.

    def acknowledge(self, alert_id: str, why: str) -> Future[str]:
        self._note("acknowledge", id=alert_id, why=why)
        return self._alert(alert_id, "Acknowledged.", acknowledged_by=self.operator, why=why)

    def silence(self, alert_id: str, minutes: int, why: str) -> Future[str]:
        self._note("silence", id=alert_id, minutes=minutes, why=why)
        until = self.clock.now() + minutes * 60_000_000
        return self._alert(alert_id, "Silenced.", silenced_until=until, why=why)

    def unsilence(self, alert_id: str) -> Future[str]:
        self._note("unsilence", id=alert_id)
        return self._alert(alert_id, "The silence is over.", silenced_until=0)

    def alert_history(self, before: int | None, limit: int) -> Sequence[AlertHistoryRow]:
        self._note("alert_history", before=before)
        rows = [row for row in reversed(self.history) if before is None or row.id < before]
        return rows[:limit]

    def trend(self, operation: str, since: int, until: int, points: int) -> TrendView:
        self._note("trend", operation=operation, since=since, until=until, points=points)
        return monitor_scenes.trend(operation, since, until, points)

    def trend_export(self, operation: str, since: int, until: int, target: Path) -> str:
        self._note("trend_export", operation=operation, since=since, until=until, target=target)
        view = monitor_scenes.trend(operation, since, until, 100)
        target.write_text("".join(f"{point.start},{point.p99_us}\n" for point in view.points))
        return f"{len(view.points)} lines in {target}."

    def set_baseline(self, name: str, minutes: int) -> str:
        self._note("set_baseline", baseline=name, minutes=minutes)
        if " " in name:
            raise DeskError("a baseline's name has letters, digits, dots and dashes")
        return f"{name} is compared with from now on."

    def report(self, cadence: Cadence) -> ReportView:
        self._note("report", cadence=cadence)
        view = monitor_scenes.report(cadence)
        left = tuple(row for row in view.advice if row.id not in self.dismissed)
        return structs.replace(view, advice=left)

    def accept_recommendation(self, recommendation_id: str) -> Future[str]:
        self._note("accept_recommendation", id=recommendation_id)
        return self._try(lambda: "It waits for a decision.")

    def dismiss_recommendation(self, recommendation_id: str, why: str) -> Future[str]:
        self._note("dismiss_recommendation", id=recommendation_id, why=why)
        self.dismissed |= {recommendation_id}
        return self._try(lambda: "Dismissed.")

    def accept_proposal(self, proposal_id: str, mark: str) -> Future[str]:
        self._note("accept_proposal", id=proposal_id, mark=mark)
        return self._settle(proposal_id, "It is in force.", mark)

    def dismiss_proposal(self, proposal_id: str, why: str) -> Future[str]:
        self._note("dismiss_proposal", id=proposal_id, why=why)
        return self._settle(proposal_id, "Dismissed.")

    def _settle(self, proposal_id: str, said: str, mark: str | None = None) -> Future[str]:
        def settle() -> str:
            learning = self._snapshot.learning
            left = tuple(row for row in learning.suggestions if row.id != proposal_id)
            (row,) = set(learning.suggestions) - set(left)
            if mark not in {None, row.mark}:
                raise DeskError("it changed since it was shown", 409)
            self.changed(learning=structs.replace(learning, suggestions=left))
            return said

        return self._try(settle)

    def _alert(self, alert_id: str, said: str, **changes: Any) -> Future[str]:
        def change() -> str:
            if all(row.id != alert_id for row in self._snapshot.alerts):
                raise DeskError("there is no such alert", 404)
            self.changed(
                alerts=tuple(
                    structs.replace(row, **changes) if row.id == alert_id else row
                    for row in self._snapshot.alerts
                )
            )
            return said

        return self._try(change)

    def _note(self, name: str, **arguments: Any) -> None:
        self.calls.append((name, arguments))

    def _try(self, deed: Any) -> Future[str]:
        future: Future[str] = Future()
        try:
            future.set_result(deed())
        except DeskError as error:
            future.set_exception(error)
        return future

    def _open(self, decision_id: str) -> DecisionView:
        view = self.decisions.get(decision_id)
        if view is None:
            raise DeskError("already decided", 409)
        return view

    def _code(self, shown: Shown) -> str:
        view = self.decisions.get(shown.decision_id)
        return view.code if view else ""

    def _answer(self, shown: Shown, kind: AnswerKind, code: str) -> str:
        view = self._open(shown.decision_id)
        if (shown.version, shown.digest) != (view.version, view.digest):
            raise DeskError("it changed since it was shown", 409)
        if kind != "reject" and code != view.code:
            raise DeskError("the code is wrong", 403)
        if kind != "reject" and view.second_needed and not view.answered_by:
            self.replace(view.id, answered_by=(self.operator,))
            return "Approved; a second person must approve too."
        if self.release_delay_s and kind != "reject":
            release_at = self.clock.now() + self.release_delay_s * 1_000_000
            self.replace(view.id, release_at=release_at, answered_by=(self.operator,))
            return f"Approved; released in {self.release_delay_s} s, u takes it back."
        self.vanish(view.id)
        return {"approve": "Approved.", "reject": "Rejected.", "modify": "Approved as changed."}[
            kind
        ]
