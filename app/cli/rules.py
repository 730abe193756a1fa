"""`assent rules`: check and list rule packs, try them on past actions, accept what is proposed."""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.saying import refuse
from app.cli.timespan import moment_argument
from components.text import safe_text

if TYPE_CHECKING:
    from components.intent_firewall import Checked, RulePack

OK, FAILED, BAD_PACK = 0, 1, 2
_EXITS = "exit status: 0 all right, 1 a rule fails its own examples, 2 a pack cannot be used"
_WHAT_IF_EXITS = (
    "exit status: 0 told, 1 the store is not there or cannot be read, 2 a pack or the settings "
    "cannot be used"
)
_ASK_EXITS = (
    "exit status: 0 done, 1 refused or the store cannot be read (the reason is told), 2 usage, or "
    "the settings or keys cannot be read, 5 no node answers"
)
_WIDEST = 200


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "rules",
        help="check and list rule packs, try them on past actions, accept proposed ones",
        description="The Intent Firewall's rule packs: the ones that ship with the program, or "
        "files; and the rules and grants that this home's node proposes from what people decided.",
        epilog="exit status: each command's own, as its --help says",
    )
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, help_text, run in (
        ("check", "try every rule on its own examples", check),
        ("list", "list the rules with what they do", show),
    ):
        sentence = f"{help_text[:1].upper()}{help_text[1:]}."
        verb = verbs.add_parser(name, help=help_text, description=sentence, epilog=_EXITS)
        verb.add_argument(
            "packs", nargs="*", type=Path, metavar="PACK",
            help="TOML files; without any, the packs that ship with the program",
        )  # fmt: skip
        verb.add_argument("--json", action="store_true", help="print JSON instead of a table")
        verb.set_defaults(run=run)
    _add_what_if(verbs)
    _add_proposals(verbs)


def _add_what_if(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    explained = "tell what packs would have done to the past actions of this home"
    verb = verbs.add_parser(
        "what-if",
        help=explained,
        description=f"{explained[:1].upper()}{explained[1:]} (ASSENT_HOME): how many each rule "
        "would have caught, how many of those people had allowed or denied, and what would be "
        "blocked or asked that today is not. A pack takes the place of the one in force that has "
        "its name. Rules on sequences of calls are left out.",
        epilog=_WHAT_IF_EXITS,
    )
    verb.add_argument("packs", nargs="+", type=Path, metavar="PACK", help="TOML files")
    verb.add_argument(
        "--since", type=moment_argument, metavar="TIME",
        help="actions from then on: 12h, 7d or 2w ago, or a date and time, in UTC unless it has "
        "an offset (default: 30d)",
    )  # fmt: skip
    verb.add_argument(
        "--most", type=_count, default=50_000, metavar="N",
        help="the newest N of them at most (default: 50,000)",
    )  # fmt: skip
    verb.add_argument("--json", action="store_true", help="print JSON instead of a table")
    verb.set_defaults(run=what_if)


def _add_proposals(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    for name, help_text in (
        ("proposals", "list what the node proposes, with what that would have done"),
        ("accept", "put a proposed rule or grant in force, at the node that runs"),
        ("dismiss", "want no more of a proposal, at the node that runs"),
    ):
        sentence = f"{help_text[:1].upper()}{help_text[1:]}."
        verb = verbs.add_parser(name, help=help_text, description=sentence, epilog=_ASK_EXITS)
        if name != "proposals":
            verb.add_argument("id", metavar="ID", help="as `proposals` lists it, or its beginning")
        if name == "accept":
            verb.add_argument("--yes", action="store_true", help="without showing it and asking")
        if name == "dismiss":
            verb.add_argument("--why", default="not for us", metavar="TEXT", help="a word why")
        verb.add_argument("--json", action="store_true", help="print JSON")
        verb.set_defaults(run=propose, action=name)


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 10**9:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of actions")
    return int(text)


def what_if(args: argparse.Namespace) -> int:
    """Try packs on the past actions of this home."""
    from app.cli import rules_whatif

    return rules_whatif.what_if(args)


def propose(args: argparse.Namespace) -> int:
    """List, accept or dismiss proposals."""
    from app.cli import rules_proposals

    act: Callable[[argparse.Namespace], int] = getattr(rules_proposals, args.action)
    return act(args)


def check(args: argparse.Namespace) -> int:
    """Try every rule on its examples: 0 all right, 1 an example went wrong, 2 a bad pack."""
    from components.intent_firewall import check_pack

    packs = _load(args.packs, as_json=args.json)
    if packs is None:
        return BAD_PACK
    results = [result for pack in packs for result in check_pack(pack)]
    failed = [result for result in results if result.wrong]
    if args.json:
        print(json.dumps([_as_data(result) for result in results], ensure_ascii=True))
    else:
        _print_checked(results, len(packs))
    return FAILED if failed else OK


def show(args: argparse.Namespace) -> int:
    """List the rules of some packs."""
    packs = _load(args.packs, as_json=args.json)
    if packs is None:
        return BAD_PACK
    rules = [(pack.pack.name, rule) for pack in packs for rule in pack.rules]
    if args.json:
        print(
            json.dumps(
                [
                    {"pack": name, "id": rule.id, "severity": rule.severity,
                     "effect": rule.effect, "by": rule.match.kind, "reason": rule.reason}
                    for name, rule in rules
                ]
            )
        )  # fmt: skip
        return OK
    rows = [
        (rule.id, rule.severity, rule.effect, rule.match.kind, safe_text(rule.reason))
        for _, rule in rules
    ]
    _table(("rule", "severity", "effect", "by", "reason"), rows)
    print(f"{len(rules)} rules in {len(packs)} packs")
    return OK


def _load(files: Sequence[Path], *, as_json: bool) -> "list[RulePack] | None":
    """The packs of some files; None, and the reason told, where one is bad."""
    from components.intent_firewall import BadPack, builtin_pack_files, load_pack

    try:
        return [load_pack(file) for file in files or builtin_pack_files()]
    except BadPack as error:
        refuse("assent rules", error.told, BAD_PACK, as_json=as_json)
        return None


def _as_data(result: "Checked") -> dict[str, Any]:
    return {
        "pack": result.pack, "rule": result.rule, "effect": result.effect,
        "for": result.examples, "against": result.counterexamples,
        "ok": not result.wrong, "wrong": list(result.wrong),
    }  # fmt: skip


def _print_checked(results: "Sequence[Checked]", packs: int) -> None:
    rows = [
        (
            one.rule, one.effect, str(one.examples), str(one.counterexamples),
            "FAILED" if one.wrong else "ok",
        )
        for one in results
    ]  # fmt: skip
    _table(("rule", "effect", "for", "against", "result"), rows)
    for one in results:
        for line in one.wrong:
            print(f"{one.rule}: {safe_text(line, limit=_WIDEST)}")
    failed = sum(bool(one.wrong) for one in results)
    examples = sum(one.examples + one.counterexamples for one in results)
    print(f"{len(results)} rules in {packs} packs, {examples} examples, {failed} rules failed")


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
