"""`assent rules proposals`, `accept`, `dismiss`: what this home's node has learned to propose."""

import argparse
import json
import sqlite3
import sys
from contextlib import closing
from typing import Any

import msgspec

from app.cli.node_actions import Refused, command
from app.cli.saying import refuse, why
from app.home import home
from app.intake.link import NoNode
from app.presenter.learning import suggestion_row
from app.settings import BadSettings
from components.evolution_core.proposals import Proposal, kept
from components.keys import KeyProblem
from components.views import SuggestionRow
from storage import StoreError, open_reader

NO_NODE = 5


class _Usage(Exception):  # noqa: N818 - the person's error, not the program's
    """The command line cannot be carried out; the text says why."""


def proposals(args: argparse.Namespace) -> int:
    """List what is proposed now."""
    return _run(args, _list)


def accept(args: argparse.Namespace) -> int:
    """Put a proposal in force, once what it would have done was shown."""
    return _run(args, _accept)


def dismiss(args: argparse.Namespace) -> int:
    """Want no more of a proposal."""
    return _run(args, _dismiss)


def _run(args: argparse.Namespace, act: Any) -> int:
    try:
        act(args)
    except (Refused, StoreError, sqlite3.Error, msgspec.MsgspecError) as error:
        reason, status = why(error), 1
    except (_Usage, BadSettings, KeyProblem, OSError) as error:
        reason, status = why(error), 2
    except NoNode as error:
        reason, status = str(error), NO_NODE
    else:
        return 0
    return refuse(f"assent rules {args.action}", reason, status, as_json=args.json)


def _kept() -> tuple[Proposal, ...]:
    with closing(open_reader(home())) as reader:
        return kept(reader)


def _list(args: argparse.Namespace) -> None:
    rows = [suggestion_row(proposal) for proposal in _kept()]
    if args.json:
        print(json.dumps([msgspec.to_builtins(row) for row in rows]))
        return
    for row in rows:
        _show(row)
    print(f"{len(rows)} proposals; {sum(bool(row.mark) for row in rows)} can be accepted")


def _show(row: SuggestionRow) -> None:
    print(f"{row.id}  {row.kind.replace('_', ' ')}\n  {row.text}\n  evidence: {row.evidence}")
    for line in row.what_if:
        print(f"  {line}")
    for line in filter(None, (*row.makes.split("\n"), row.why_not)):
        print(f"    {line}")
    print()


def _named(name: str) -> SuggestionRow:
    """The proposal whose id begins so. Raises `_Usage` where there is none, or several."""
    found = [one for one in _kept() if one.id.startswith(name)]
    if len(found) != 1:
        raise _Usage(f"{len(found) or 'no'} proposals begin with {name}; `proposals` lists them")
    return suggestion_row(found[0])


def _accept(args: argparse.Namespace) -> None:
    row = _named(args.id)
    if not row.mark:
        raise _Usage(row.why_not)
    if not args.yes:
        if not sys.stdin.isatty() or args.json:
            raise _Usage("it takes --yes where nobody can be asked")
        _show(row)
        if input("Put it in force? [y/N] ").strip().lower() not in {"y", "yes"}:
            raise Refused("nothing was accepted")
    _say(args, command(home(), "accept", id=row.id, mark=row.mark))


def _dismiss(args: argparse.Namespace) -> None:
    _say(args, command(home(), "dismiss", id=_named(args.id).id, why=args.why))


def _say(args: argparse.Namespace, said: str) -> None:
    print(json.dumps({"ok": True, "said": said}) if args.json else said)
