"""What the commands of `assent audit` take and give: files, keys, texts."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.beside import replace_whole
from app.cli.audit_text import emit, print_json
from app.cli.saying import why
from app.home import NODE_PUB_NAME, home
from components.keys import KeyProblem


class Usage(Exception):  # noqa: N818 - the person's error, not the program's
    """The command line cannot be used; the text says why."""


def put(args: argparse.Namespace, name: str, text: str) -> int:
    """Write a text to the file that was asked for, else to standard output."""
    if args.output:
        with writing():
            put_file(args.output, text)
        tell(args, {"ok": True, "file": str(args.output)}, f"{name} written to {args.output}")
    elif args.json:
        print_json({"ok": True, name: text})
    else:
        emit(text)
    return 0


def put_file(path: Path, text: str) -> None:
    """Write a text; what a file held before stands until the new content is whole."""
    if path.is_file() and not path.is_relative_to("/dev"):
        replace_whole(path.resolve(), text.encode())
    else:  # a new file, a device, a pipe
        path.write_text(text, "utf-8", newline="\n")


def tell(args: argparse.Namespace, data: dict[str, Any], words: str) -> None:
    """Tell a result: as JSON for a program, in words for a person."""
    if args.json:
        print_json(data)
    else:
        print(words)


def key(args: argparse.Namespace) -> str:
    """The verifier key to trust: what was given, else what this home publishes."""
    given = getattr(args, "key", None)
    if given is None:
        path = home() / NODE_PUB_NAME
        try:
            return path.read_text("utf-8").strip()
        except (OSError, UnicodeError) as error:
            reason = f"no public key at {path} ({why(error, name=False)})"
            raise KeyProblem(f"{reason}: give one with --key, or set ASSENT_HOME") from None
    return file_or_text(given, "--key")


def file_or_text(given: str, option: str) -> str:
    """What stands in the file that was named, else what was given itself. Raises `Usage`."""
    try:
        path = Path(given)
        return (path.read_text("utf-8") if path.is_file() else given).strip()
    except (OSError, UnicodeError, ValueError) as error:
        raise Usage(f"{option}: {why(error)}") from None


def read(path: Path) -> bytes:
    """A file's bytes. Raises `Usage`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Usage(f"{path} cannot be read: {error.strerror}") from None


@contextmanager
def writing() -> Iterator[None]:
    """Take an output that cannot be written for wrong usage."""
    try:
        yield
    except OSError as error:
        raise Usage(f"cannot write {error.filename or 'the output'}: {error.strerror}") from None
