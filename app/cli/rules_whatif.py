"""`assent rules what-if`: what packs would have done to the past actions of this home."""

import argparse
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any

import msgspec

from app.cli.saying import refuse, why
from app.home import home
from app.node.policy import PolicyFiles
from app.settings import BadSettings, load
from components.actions import Disposition
from components.advisor.words import moment
from components.clock import SystemClock
from components.evolution_core.history import pages, span
from components.evolution_core.whatif import Case, Judge, Trial, WhatIf
from components.gate import join
from components.intent_firewall import BadPack, Firewall, RulePack, load_pack
from components.love_engine import LoveEngine
from components.text import safe_text
from storage import StoreError, open_reader

MONTH_US = 30 * 86_400 * 1_000_000
_COLUMNS = ("allowed", "denied", "newly_blocked", "newly_asked", "eased")
_HEADS = ("allowed", "denied", "+block", "+ask", "eased")


def what_if(args: argparse.Namespace) -> int:
    """Run packs over the stored actions: 0 told, 1 no store, 2 a pack or the settings are bad."""
    since = SystemClock().now() - MONTH_US if args.since is None else args.since
    try:
        given = [load_pack(file) for file in args.packs]
        trial = _trial(given)
    except BadPack as error:
        return refuse("assent rules what-if", error.told, 2, as_json=args.json)
    except (BadSettings, ValueError) as error:
        return refuse("assent rules what-if", why(error), 2, as_json=args.json)
    try:
        with closing(open_reader(home())) as reader:
            seen, first = _run(reader, trial, since, args.most)
    except (StoreError, sqlite3.Error, msgspec.MsgspecError) as error:
        return refuse("assent rules what-if", why(error), 1, as_json=args.json)
    rules = {rule.id: rule.effect for pack in given for rule in pack.rules}
    each = {name: count.told(seen, first) for name, count in trial.each.items()}
    _tell(args, trial.whole.told(seen, first), each, rules)
    return 0


def _trial(given: Sequence[RulePack]) -> Trial:
    """The packs tried in this home: in the place of those in force that have their names."""
    folder = home()
    files = PolicyFiles(folder, load(folder))
    names = {pack.pack.name for pack in given}
    in_force = files.packs()
    left = [pack for pack in in_force if pack.pack.name not in names]
    replaced = [rule for pack in in_force if pack.pack.name in names for rule in pack.rules]
    love = LoveEngine()
    today = _judge(Firewall(in_force, files.workspace), love)
    then = _judge(Firewall([*left, *given], files.workspace), love)
    rules = [rule for pack in given for rule in pack.rules]
    return Trial(rules, today, files.workspace, replaced, then)


def _judge(firewall: Firewall, love: LoveEngine) -> Judge:
    def judge(action: Any) -> Disposition:
        return join(firewall.validate(action), love.check_ethics(action), ()).disposition

    return judge


def _run(reader: sqlite3.Connection, trial: Trial, since: int, most: int) -> tuple[int, int]:
    """Try every action; how many there were, and when the first of them came."""
    within = span(reader, since, most)
    with _bar(len(within)) as advance:
        for rows, page in pages(reader, within):
            for past in page:
                trial.look(past)
            advance(rows)
    return len(within), within.since


@contextmanager
def _bar(total: int) -> "Iterator[Any]":
    """A bar on standard error, where that is a terminal."""
    import sys

    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("screening past actions", total=total)
        yield lambda rows: bar.advance(task, rows)


def _tell(
    args: argparse.Namespace, whole: WhatIf, each: dict[str, WhatIf], rules: Mapping[str, str]
) -> None:
    if args.json:
        found = [
            {"rule": name, "effect": rules[name], **_as_data(told)} for name, told in each.items()
        ]
        print(json.dumps({"ok": True, "whole": _as_data(whole), "rules": found}))
        return
    since = f" since {moment(whole.since)} UTC" if whole.seen else ""
    print(f"{whole.seen:,} past actions{since}; {whole.caught:,} would have been caught")
    rows = [(name, rules[name], told) for name, told in each.items() if told.caught]
    rows.sort(key=lambda row: -row[2].caught)
    if whole.caught or whole.eased:
        rows.append(("all together", "", whole))
    _table(rows)
    if whole.allowed:
        print(f"\nPeople had allowed {whole.allowed:,} of them, the newest:")
        for case in whole.allowed_examples:
            print(f"  {case_line(case)}")


def _table(rows: Sequence[tuple[str, str, WhatIf]]) -> None:
    if not rows:
        return
    wide = max(len(name) for name, _, _ in rows)
    heads = "".join(f"{head:>9}" for head in ("caught", *_HEADS))
    print(f"{'rule':{wide}}  {'effect':6}{heads}")
    for name, effect, told in rows:
        figures = "".join(f"{getattr(told, column):>9,}" for column in ("caught", *_COLUMNS))
        print(f"{name:{wide}}  {effect:6}{figures}")


def case_line(case: Case) -> str:
    """A past action that would have been caught, and who decided it."""
    by = case.operator or "a standing grant"
    words = (case.agent, case.tool, case.request_id)
    agent, tool, name = (safe_text(word, limit=80) for word in words)
    verb = "allowed" if case.verdict == "allow" else "denied"
    return f"{moment(case.time)}  {agent}  {tool}  {name}  {verb} by {safe_text(by, limit=64)}"


def _as_data(found: WhatIf) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.to_builtins(found)
    return data
