"""What `assent hook AGENT install`, `uninstall` and `status` do; imported only when one runs."""

import argparse
import difflib
import json
import os
import sys
from pathlib import Path

from app.home import home
from app.hooks import settings_file
from app.hooks.agents import CONTRACTS
from app.hooks.contract import Contract
from app.hooks.json_text import BadText
from app.hooks.settings import (
    Wanted,
    installed,
    left_over,
    new,
    ours,
    uninstalled,
)
from components.text import safe_text

_PROGRAM = "assent"


class Usage(Exception):  # noqa: N818 - the person's error, not the program's
    """The command line or the file cannot be used; the text says why."""


def _install(args: argparse.Namespace) -> int:
    contract, path, before = _found(args)
    wanted = Wanted(_words(contract, args), args.matcher, args.timeout)
    try:
        after = new(contract, wanted) if before is None else installed(before, contract, wanted)
    except BadText as error:
        raise Usage(f"{path}:{error}") from None
    if args.dry_run:
        return _tell_change(path, before, after, as_json=args.json)
    changed = _change(path, before, after)
    if args.json:
        print(json.dumps({"ok": True, "file": str(path), "changed": changed}))
    else:
        print(f"{path}: {'installed' if changed else 'installed already'}")
        if changed and contract.after_install:
            print(contract.after_install)
    return 0


def _uninstall(args: argparse.Namespace) -> int:
    contract, path, before = _found(args)
    try:
        after = None if before is None else uninstalled(before, contract)
        if before is not None and after != before and left_over(before, after or ""):
            after = None
    except BadText as error:
        raise Usage(f"{path}:{error}") from None
    if args.dry_run:
        return _tell_change(path, before, after, as_json=args.json)
    changed = _change(path, before, after)
    if args.json:
        print(json.dumps({"ok": True, "file": str(path), "changed": changed}))
    else:
        print(f"{path}: {'uninstalled' if changed else 'nothing of ours in it'}")
    return 0


def _status(args: argparse.Namespace) -> int:
    contract, path, text = _found(args)
    try:
        groups = {} if text is None else ours(text, contract)
    except BadText as error:
        raise Usage(f"{path}:{error}") from None
    missing = [one.event for one in contract.settings if one.event not in groups]
    if args.json:
        told = {"installed": not missing, "file": str(path), "missing": missing, "hooks": groups}
        print(json.dumps(told))
    elif groups:
        for event, found in groups.items():
            for group in found:
                matcher = safe_text(str(group.get("matcher", "*")))
                commands = "; ".join(str(one.get("command")) for one in group["hooks"])
                print(f"{event} ({matcher}): {safe_text(commands)}")
        if missing:
            print(f"missing: {', '.join(missing)}; `install` puts all in")
    else:
        print(f"{path}: not installed")
    return 1 if missing else 0


def _found(args: argparse.Namespace) -> tuple[Contract, Path, str | None]:
    contract = CONTRACTS[args.contract]
    if args.project is not None and not args.project.is_dir():
        raise Usage(f"{args.project} is not a folder")
    path = settings_file.settings_path(contract, args.project)
    try:
        return contract, path, settings_file.read(path)
    except UnicodeDecodeError:
        raise Usage(f"{path}: not UTF-8") from None


def _tell_change(path: Path, before: str | None, after: str | None, *, as_json: bool) -> int:
    """Tell what would be changed, as a unified diff; nothing is."""
    old, new_ = ((text or "").splitlines(keepends=True) for text in (before, after))
    lines = [line.rstrip("\r\n") for line in difflib.unified_diff(old, new_, str(path), str(path))]
    if as_json:
        told = {"ok": True, "file": str(path), "changed": False, "diff": "\n".join(lines)}
        print(json.dumps(told))
    else:
        print("\n".join(map(safe_text, lines)) or "no change")
    return 0


def _change(path: Path, before: str | None, after: str | None) -> bool:
    """Bring the file from one text to another, None being no file; whether that changed it."""
    if before != after and after is None:
        path.resolve().unlink()
    elif after is not None and before != after:
        settings_file.write(path, after)
    return before != after


def _words(contract: Contract, args: argparse.Namespace) -> tuple[str, ...]:
    """The command that runs the hook, from anywhere, on the home in use."""
    chosen = os.environ.get("ASSENT_HOME")
    place = ("env", f"ASSENT_HOME={home()}") if chosen else ()
    hook = ("hook", contract.name, "--agent", args.agent, "--timeout", f"{args.timeout:g}")
    return (*place, str(_program()), *hook)


def _program() -> Path:
    """The program that runs, as a file that agents can start."""
    running = Path(sys.argv[0]).absolute()
    beside = Path(sys.executable).absolute().with_name(_PROGRAM)
    for path in (running, beside):
        if path.name == _PROGRAM and os.access(path, os.X_OK) and path.is_file():
            return path
    raise Usage(f"there is no `{_PROGRAM}` beside {sys.executable}; install the program first")


ACTIONS = {"install": _install, "uninstall": _uninstall, "status": _status}
