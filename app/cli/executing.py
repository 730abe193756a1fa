"""Running an approved command and reporting its outcome."""

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from app.cli.asking import (
    DENIED,
    INTERRUPTED,
    NO_NODE,
    UNREACHABLE,
    USAGE,
    as_json,
    ask,
    describe,
    exit_status,
    no_node_hint,
)
from app.cli.saying import refuse, why
from app.cli.where import where
from app.intake.client import Client, NoNode, Permission, call
from components.actions import Action, OutcomeStatus

_NAME = "assent exec"
_Reach = Callable[[Callable[[Client], Awaitable[bool]]], bool]
_NOT_EXECUTABLE, _NOT_FOUND, _BY_SIGNAL = 126, 127, 128


class _Command(Struct, frozen=True, forbid_unknown_fields=True):
    """The arguments of an approved call: what to run and where."""

    argv: Annotated[list[str], Meta(min_length=1)]
    cwd: str


def run_exec(args: argparse.Namespace) -> int:
    """`assent exec`: gate, run, report, and return the exit status."""
    argv = args.argv[1:] if args.argv[:1] == ["--"] else args.argv
    if not argv:
        return _not_run("no command: assent exec -- CMD …", USAGE, args.json)
    cwd = Path(args.cwd).resolve()
    if not cwd.is_dir():
        return _not_run(f"{cwd} is not a folder", USAGE, args.json)
    action = Action(tool="shell", arguments={"argv": argv, "cwd": str(cwd)})
    try:
        place = where(args)
        leave = ask(action, place, args.agent, args.timeout)
        if not leave.allowed:
            return _refused(leave, args.json)
        if not call(place, args.agent, lambda client: client.consume(leave)):
            return _not_run(
                "the verdict no longer holds: it was used or has lapsed", DENIED, args.json
            )
    except ValueError as error:
        return _not_run(str(error), USAGE, args.json)
    except UNREACHABLE as error:
        return _not_run(why(error), USAGE, args.json)
    except NoNode as error:
        hint = no_node_hint(error, elsewhere=args.mqtt is not None)
        return _not_run(hint, NO_NODE, args.json)
    except KeyboardInterrupt:
        return _not_run("withdrawn", INTERRUPTED, args.json)
    return _carry_out(leave, partial(call, place, args.agent), args.json)


def _not_run(reason: str, status: int, want_json: bool) -> int:
    """Say why nothing was run: standard output is the command's, so on standard error."""
    if want_json:
        print(json.dumps({"ok": False, "why": reason}), file=sys.stderr)
        return status
    return refuse(_NAME, reason, status)


def _refused(leave: Permission, want_json: bool) -> int:
    print(as_json(leave) if want_json else describe(leave), file=sys.stderr)
    return exit_status(leave)


def _carry_out(leave: Permission, reach: _Reach, want_json: bool) -> int:
    try:
        command = msgspec.convert(leave.arguments, _Command)
    except msgspec.ValidationError:
        _report(leave, reach, "skipped", 0, "the approved arguments are no command line")
        return _not_run("the approved arguments are no command line", DENIED, want_json)
    started = time.perf_counter_ns()
    status, detail = _run(command)
    duration_us = (time.perf_counter_ns() - started) // 1000
    _report(leave, reach, "ok" if status == 0 else "failed", duration_us, detail)
    if want_json:
        print(as_json(leave, exit=status, duration_us=duration_us), file=sys.stderr)
    return status


def _run(command: _Command) -> tuple[int, str]:
    """Run the command on this program's own standard streams: exit status and a word on it."""
    try:
        with (
            subprocess.Popen(command.argv, cwd=command.cwd) as process,
            _signals_passed_to(process),
        ):
            code = process.wait()
    except FileNotFoundError as error:
        return refuse(_NAME, f"{error.filename}: not found", _NOT_FOUND), "not found"
    except (OSError, ValueError) as error:
        return refuse(_NAME, why(error), _NOT_EXECUTABLE), "could not be started"
    if code < 0:
        return _BY_SIGNAL - code, f"ended by signal {-code}"
    return code, f"exit status {code}"


@contextmanager
def _signals_passed_to(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Leave ends to the command: the terminal signals it itself; a SIGTERM to us is passed on."""

    def pass_on(number: int, _: FrameType | None) -> None:
        process.send_signal(number)

    def leave_it(_: int, __: FrameType | None) -> None:
        """Ctrl-C reaches the command from the terminal: it decides."""

    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, leave_it),
        signal.SIGTERM: signal.signal(signal.SIGTERM, pass_on),
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _report(
    leave: Permission, reach: _Reach, status: OutcomeStatus, duration_us: int, detail: str
) -> None:
    async def use(client: Client) -> bool:
        return await client.outcome(leave, status, duration_us, detail)

    try:
        recorded = reach(use)
    except NoNode:
        recorded = False
    if not recorded:
        refuse(_NAME, "the node did not record the outcome", 0)
