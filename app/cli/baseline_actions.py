"""What the commands of `assent baseline` do; imported only when one of them runs."""

import argparse
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import msgspec

from app.baselines import BadBaseline, BaselineProblem, Baselines, take
from app.cli.baseline_text import compared_text, listed_text, shown_text
from app.home import home
from app.machine import this_machine
from components.clock import SystemClock
from components.monitor.baseline import Baseline, is_name, same_machine
from components.monitor.comparison import Comparison, compare
from storage import StoreError, open_reader

_HOUR = 3600 * 1_000_000
_NONE = "no baseline is in force: make one of the last hour with `assent baseline set NAME`"


class Usage(Exception):  # noqa: N818 - the person's error, not the program's
    """The command line cannot be used; the text says why."""


def _set(args: argparse.Namespace) -> int:
    baselines = Baselines(home())
    if not is_name(args.name):
        raise Usage(f"{args.name!r} is no name: up to 64 letters, digits, _ . and -")
    if len(args.note) > 200:
        raise Usage("the note is longer than 200 characters")
    baseline = _recorded(args, args.name, args.note)
    baselines.write(baseline, replace=args.replace)
    if not args.keep_current:
        baselines.use(args.name)
    if args.json:
        _print_json({"ok": True, "in_force": not args.keep_current, **_data(baseline)})
        return 0
    calls = sum(figures.calls for figures in baseline.operations.values())
    count = len(baseline.operations)
    print(
        f"{args.name}: {count} operation{'' if count == 1 else 's'}, {calls:,} calls"
        + ("" if args.keep_current else "; it is in force now")
    )
    return 0


def _show(args: argparse.Namespace) -> int:
    baselines = Baselines(home())
    baseline = baselines.read(args.name) if args.name else _current(baselines)
    in_force = _in_force(baselines) == baseline.name
    differs = same_machine(baseline.machine, this_machine())
    if args.json:
        data = {"in_force": in_force, "other_machine": list(differs), **_data(baseline)}
        _print_json({"ok": True, **data})
    else:
        print(shown_text(baseline, differs, in_force=in_force))
    return 0


def _list(args: argparse.Namespace) -> int:
    baselines = Baselines(home())
    in_force = _in_force(baselines)
    found = [(name, _readable(baselines, name)) for name in baselines.names()]
    if args.json:
        _print_json([_row(name, one, in_force) for name, one in found])
    elif found:
        print(listed_text(found, in_force))
    else:
        print("there are no baselines: make one of the last hour with `assent baseline set NAME`")
    return 0


def _use(args: argparse.Namespace) -> int:
    Baselines(home()).use(args.name)
    return _done(args, f"{args.name} is in force now", in_force=True)


def _remove(args: argparse.Namespace) -> int:
    was = Baselines(home()).remove(args.name)
    left = "; no baseline is in force now" if was else ""
    return _done(args, f"{args.name} is removed{left}", was_in_force=was)


def _compare(args: argparse.Namespace) -> int:
    if args.other and (args.since is not None or args.until is not None):
        raise Usage("--since and --until are of history: leave them or the second name out")
    baselines = Baselines(home())
    before = baselines.read(args.name) if args.name else _current(baselines)
    after = baselines.read(args.other) if args.other else _recorded(args, "history", "")
    comparison = compare(before, after)
    if not comparison.judged:
        raise BaselineProblem("no operation ran often enough in both to be compared")
    if args.json:
        _print_json({"ok": not comparison.regressions, **_compared(comparison, after)})
    else:
        print(compared_text(comparison, before, after))
    return 1 if comparison.regressions else 0


def _compared(comparison: Comparison, after: Baseline) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.to_builtins(comparison)
    span = {"since": after.since, "until": after.until}
    return {"regressions": comparison.regressions, **span, **data}


def _recorded(args: argparse.Namespace, name: str, note: str) -> Baseline:
    """A baseline of the history between `--since` and `--until`."""
    now = SystemClock().now()
    until = now if args.until is None else min(args.until, now)
    since = until - _HOUR if args.since is None else args.since
    if since >= until:
        raise Usage("--since must be before --until, and before now")
    with _history(), closing(open_reader(home())) as reader:
        return take(reader, name, since, until, now=now, note=note)


@contextmanager
def _history() -> Iterator[None]:
    """Turn what a damaged store, or one without the tables, raises into a `StoreError`."""
    try:
        yield
    except (sqlite3.Error, ValueError) as error:
        raise StoreError(f"the recorded history cannot be read: {error}") from error


def _current(baselines: Baselines) -> Baseline:
    baseline = baselines.current()
    if baseline is None:
        raise BaselineProblem(_NONE)
    return baseline


def _in_force(baselines: Baselines) -> str | None:
    try:
        return baselines.current_name()
    except BadBaseline:
        return None


def _readable(baselines: Baselines, name: str) -> Baseline | BaselineProblem:
    try:
        return baselines.read(name)
    except BaselineProblem as error:
        return error


def _row(name: str, found: Baseline | BaselineProblem, in_force: str | None) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "in_force": name == in_force}
    if isinstance(found, BaselineProblem):
        return {**row, "ok": False, "why": str(found)}
    data = _data(found)
    return {**row, "ok": True, **data, "operations": len(found.operations)}


def _data(baseline: Baseline) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.to_builtins(baseline)
    return data


def _done(args: argparse.Namespace, sentence: str, **more: bool) -> int:
    if args.json:
        _print_json({"ok": True, "name": args.name, **more})
    else:
        print(sentence)
    return 0


def _print_json(value: object) -> None:
    print(json.dumps(value))


ACTIONS = {
    "set": _set, "show": _show, "list": _list, "use": _use, "compare": _compare, "remove": _remove,
}  # fmt: skip
