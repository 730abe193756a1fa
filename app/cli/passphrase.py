"""Where a command gets a passphrase from: a file's first line, or the terminal."""

import sys
from pathlib import Path


def passphrase(name: str, file: Path | None, *, new: bool) -> str:
    """The passphrase of `name`'s key; a `new` one is asked for twice. Raises `KeyProblem`."""
    from getpass import getpass

    from components.keys import KeyProblem

    if file is not None:
        try:
            text = file.read_text("utf-8")
        except UnicodeDecodeError:
            raise KeyProblem(f"{file} is not UTF-8") from None
        return text.partition("\n")[0].removesuffix("\r")
    if not sys.stdin.isatty():
        raise KeyProblem("no terminal to ask for the passphrase: use --passphrase-file")
    first = getpass(f"Passphrase for {name}: ")
    if new and getpass("The same again: ") != first:
        raise KeyProblem("the two passphrases differ; nobody was added")
    return first
