"""Where an agent keeps its hooks, and changing that file whole or not at all."""

import os
import tempfile
from pathlib import Path

from app.hooks.contract import Contract

_DEFAULT_MODE = 0o644


def settings_path(contract: Contract, project: Path | None) -> Path:
    """The file with the hooks of a project, or without one those of the user."""
    if project is not None:
        return project.absolute() / contract.folder / contract.file
    chosen = os.environ.get(contract.folder_variable)
    folder = Path(chosen).absolute() if chosen else Path.home() / contract.folder
    return folder / contract.file


def read(path: Path) -> str | None:
    """The file's text; None where there is none. Raises `OSError`, `UnicodeDecodeError`."""
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return None


def write(path: Path, text: str) -> None:
    """Put the text in the file's place, at once and for good; a link stays one. `OSError`."""
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o7777 if path.exists() else _DEFAULT_MODE
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            file.write(text.encode())
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
