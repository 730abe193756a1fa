"""How commands say what went wrong: a sentence for a person, one JSON object for a program."""

import argparse
import json
import os
import sys
from typing import TextIO

from components.text import safe_text


def why(error: BaseException, *, name: bool = True) -> str:
    """What is wrong, in words: for what the system refuses, the file (by `name`) and the reason.

    A reader who went away is nothing that a command can tell: that error is raised again.
    """
    if isinstance(error, BrokenPipeError):
        raise error
    if isinstance(error, OSError) and error.strerror:
        reason = error.strerror[:1].lower() + error.strerror[1:]
        return f"{error.filename}: {reason}" if name and error.filename else reason
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    return str(error)


def refuse(command: str, reason: str, status: int, *, as_json: bool = False) -> int:
    """Say why a command did not do its work, and return the exit status.

    A sentence on standard error, or with `as_json` one object on standard output.
    """
    if as_json:
        print(json.dumps({"ok": False, "why": reason}), flush=True)
    else:
        print(f"{command}: {safe_text(reason)}", file=sys.stderr)
    return status


def number_above_zero(text: str) -> float:
    """A number from the command line: finite and above 0, or `argparse.ArgumentTypeError`."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e8:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0 and below 100 million")
    return value


def open_standard_streams() -> None:
    """Put the null device where a standard stream was closed by whoever started the program.

    Else the next file to be opened, such as the store, would take its place.
    """
    for name, flags in (("stdin", os.O_RDONLY), ("stdout", os.O_WRONLY), ("stderr", os.O_WRONLY)):
        if getattr(sys, name) is None:
            mode = "r" if flags == os.O_RDONLY else "w"
            setattr(sys, name, os.fdopen(os.open(os.devnull, flags), mode, encoding="utf-8"))


def give_up(stream: TextIO) -> None:
    """Turn a stream that takes nothing more to the null device, so that no later flush fails."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)
