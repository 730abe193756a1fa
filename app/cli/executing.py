"""Running an approved command and reporting its outcome."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Self

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
_FROM_TERMINAL = (signal.SIGINT, signal.SIGQUIT)
_PASSED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)


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
    status, detail, problem = _run(command)
    duration_us = (time.perf_counter_ns() - started) // 1000
    recorded = _report(leave, reach, "ok" if status == 0 else "failed", duration_us, detail)
    # The status is the command's from here on, whatever becomes of what is said of it.
    with suppress(OSError):
        if want_json:
            why_not = {"why": problem} if problem else {}
            told = {"exit": status, "duration_us": duration_us, "recorded": recorded, **why_not}
            print(as_json(leave, **told), file=sys.stderr, flush=True)
        else:
            _say(problem, recorded)
    return status


def _say(problem: str, recorded: bool) -> None:
    if problem:
        refuse(_NAME, problem, 0)
    if not recorded:
        refuse(_NAME, "the node did not record the outcome", 0)


def _run(command: _Command) -> tuple[int, str, str]:
    """Run the command on this program's own standard streams.

    The exit status, a word on it, and what kept the command from being started, if anything did.
    """
    try:
        with (
            _Signals() as signals,
            subprocess.Popen(command.argv, cwd=command.cwd) as process,
        ):
            signals.pass_to(process)
            code = process.wait()
    except FileNotFoundError as error:
        return _NOT_FOUND, "not found", f"{error.filename}: not found"
    except (OSError, ValueError) as error:
        return _NOT_EXECUTABLE, "could not be started", why(error)
    if code < 0:
        return _BY_SIGNAL - code, f"ended by signal {-code}", ""
    return code, f"exit status {code}", ""


class _Signals:
    """Outlives what the command may outlive: signals are the command's, from before it begins.

    Ctrl-C and Ctrl-\\ reach it from the terminal by themselves, where this program is in front.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in (*_PASSED_ON, *_FROM_TERMINAL):
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._take)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def pass_to(self, process: "subprocess.Popen[bytes]") -> None:
        """The command has begun: what came before goes to it, and what comes from now on."""
        self._process = process
        for number in self._early:
            process.send_signal(number)

    def _take(self, number: int, _: FrameType | None) -> None:
        if number in _FROM_TERMINAL and _in_front():
            return
        if self._process is None:
            self._early.append(number)
        else:
            self._process.send_signal(number)


def _in_front() -> bool:
    """Whether this program is in the foreground of its terminal."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _report(
    leave: Permission, reach: _Reach, status: OutcomeStatus, duration_us: int, detail: str
) -> bool:
    """Whether the node has recorded what came of it."""

    async def use(client: Client) -> bool:
        return await client.outcome(leave, status, duration_us, detail)

    try:
        return reach(use)
    except (NoNode, KeyboardInterrupt):
        return False
