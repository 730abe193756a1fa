"""What `assent report` does; imported only when it runs."""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Literal

from app.cli.saying import refuse, why
from app.home import home
from app.report.as_json import as_json
from app.report.html import html
from app.report.making import BadPeriod, make_report, period
from app.report.markdown import markdown
from app.settings import load
from app.trials import remembered, try_out
from components.advisor import Trial
from components.clock import SystemClock
from storage import StoreError, open_reader

Format = Literal["md", "html", "json"]
_FORMS = {"md": markdown, "html": html, "json": as_json}
_QUIET_S = 1.0  # work that takes longer shows how far it is


class Usage(Exception):  # noqa: N818 - the person's error, not the program's
    """The command line cannot be used; the text says why."""


def write(args: argparse.Namespace) -> int:
    """Make the report and write it where it was asked for."""
    form = _form(args)
    now = SystemClock().now()
    try:
        since, until = period(args.kind, args.since, args.until, now)
    except BadPeriod as error:
        raise Usage(str(error)) from None
    progress = _Progress()
    try:
        set_now = load(home()).performance
        trials = _trials(now, progress) if args.tried else remembered(home(), now, set_now)
        report = make_report(
            home(), args.kind, since, until, now=now, progress=progress, trials=trials
        )
    finally:
        progress.end()
    text = _FORMS[form](report)
    if args.output is None:
        sys.stdout.write(text)
        return 0
    try:
        _put(args.output, text)
    except OSError as error:
        reason = f"{args.output}: {why(error, name=False)}"
        return refuse("assent report", reason, 1, as_json=form == "json")
    print(f"written to {args.output}", file=sys.stderr)
    return 0


def _trials(now: int, progress: "_Progress") -> tuple[Trial, ...]:
    open_reader(home()).close()  # raises where there is no store to make recommendations for
    try:
        return try_out(home(), now, progress)
    except OSError as error:
        raise StoreError(f"the trials cannot be made: {why(error)}") from error


def _form(args: argparse.Namespace) -> Format:
    if args.json and args.format not in {None, "json"}:
        raise Usage(f"--json and --format {args.format} exclude each other")
    form: Format = "json" if args.json else args.format or "md"
    return form


def _put(file: Path, text: str) -> None:
    """Write a file whole or not at all; what is no ordinary file (a pipe) is written to."""
    if file.exists() and not file.is_file():
        file.write_text(text, "utf-8")
        return
    target = file.resolve()
    handle, name = tempfile.mkstemp(prefix=".report-", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


class _Progress:
    """One line on standard error, rewritten; only at a terminal, and only when it takes long."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._written = False

    def __call__(self, what: str, done: int, of: int) -> None:
        if not sys.stderr.isatty() or time.monotonic() - self._begun < _QUIET_S:
            return
        share = done / of if of else 1.0
        sys.stderr.write(f"\r\x1b[K{what}: {share:.0%}")
        sys.stderr.flush()
        self._written = True

    def end(self) -> None:
        """Take the line away."""
        if self._written:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
