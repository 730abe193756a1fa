"""What the commands of `assent alerts` do; imported only when one of them runs."""

import argparse
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import msgspec

from app.home import home
from app.node.rule_files import RuleFiles
from app.settings import load
from components.clock import SystemClock
from components.monitor.alerting import (
    Rule,
    RuleFile,
    Transition,
    builtin_rules,
    ledger,
    load_rules,
    merge_rules,
)
from components.monitor.alerting.words import condition
from components.monitor.series import unknown
from components.text import safe_text
from storage import StoreError, open_reader

_DAY_US = 86_400 * 1_000_000
_WIDEST = 200


class Usage(Exception):  # noqa: N818 - the person's error, not the program's
    """The command line cannot be used; the text says why."""


def _check(args: argparse.Namespace) -> int:
    rules = merge_rules(builtin_rules(), *map(load_rules, args.files)) if args.files else _home()
    idle = [(rule.id, glob) for rule in _in_force(rules) for glob in unknown(rule.globs)]
    count = len(_in_force(rules))
    if args.json:
        found = [{"rule": rule, "series": glob} for rule, glob in idle]
        print(json.dumps({"ok": not idle, "rules": count, "watching_nothing": found}))
    else:
        for rule, glob in idle:
            print(f"{safe_text(rule)}: no node measures {safe_text(glob, limit=_WIDEST)}")
        print(f"{count} rules in force")
    return 1 if idle else 0


def _list(args: argparse.Namespace) -> int:
    rules = _in_force(_home())
    if args.json:
        print(json.dumps([_as_data(rule) for rule in rules]))
        return 0
    rows = [
        (
            rule.id,
            rule.severity,
            condition(rule),
            rule.for_,
            safe_text(" ".join(rule.globs), limit=_WIDEST),
        )
        for rule in rules
    ]
    _table(("rule", "severity", "fires", "for", "series"), rows)
    print(f"{len(rules)} rules in force")
    return 0


def _history(args: argparse.Namespace) -> int:
    until = SystemClock().now() if args.until is None else args.until
    since = until - _DAY_US if args.since is None else args.since
    if since >= until:
        raise Usage("--since must be before --until, and before now")
    try:
        with closing(open_reader(home())) as reader:
            found = ledger.history(reader, until, ledger.MOST_HISTORY, since)[::-1]
    except (sqlite3.Error, msgspec.MsgspecError) as error:
        raise StoreError(f"the alerts cannot be read: {error}") from error
    if args.json:
        print(json.dumps([msgspec.to_builtins(one) for one in found]))
        return 0
    _table(("time (UTC)", "what", "severity", "rule", "series", "text"), list(map(_told, found)))
    print(f"{len(found):,} changes")
    return 0


def _home() -> RuleFile:
    folder = home()
    return RuleFiles(folder, load(folder)).load()


def _in_force(rules: RuleFile) -> list[Rule]:
    return [rule for rule in rules.rules if rule.enabled]


def _as_data(rule: Rule) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.to_builtins(rule)
    return {**data, "series": list(rule.globs), "condition": condition(rule)}


def _told(one: Transition) -> tuple[str, ...]:
    moment = datetime.fromtimestamp(one.time / 1e6, UTC).strftime("%Y-%m-%d %H:%M:%S")
    what = one.after if one.kind == "phase" else one.kind
    by = f"{one.operator}: {one.why}" if one.operator else one.text
    words = (safe_text(word, limit=_WIDEST) for word in (one.rule, one.series, by))
    return (moment, what, one.severity, *words)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


ACTIONS = {"check": _check, "list": _list, "history": _history}
