"""ASSENT_HOME: the folder that holds the store, the keys, the socket and the settings."""

import os
import warnings
from pathlib import Path

SOCKET_NAME = "assent.sock"
SETTINGS_NAME = "assent.toml"
NODE_KEY_NAME = "node.key"
NODE_PUB_NAME = "node.pub"
WITNESS_FOLDER = "witness"
LEARNED_PACK = "rules/learned.toml"
"""The rules that this home's operators accepted from what its node proposed."""

_LONGEST_SOCKET_PATH = 100  # bytes; the kernel takes 104 (macOS) or 108 (Linux) with the final NUL


def home() -> Path:
    """The folder in use: `ASSENT_HOME`, or the platform's data folder."""
    chosen = os.environ.get("ASSENT_HOME")
    if chosen:
        return Path(chosen).absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("assent"))


class BadHome(OSError):  # noqa: N818 - named as its fellows BadSettings and BadPack
    """The folder cannot be the home; the text names it, says why and what to do."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"{folder} cannot be the home: {reason}. Choose another with ASSENT_HOME.")


def prepare(folder: Path) -> Path:
    """Make the folder, private to its owner, and return it. Raises `BadHome`."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except FileExistsError:
        raise BadHome(folder, "it is not a folder") from None
    except OSError as error:
        raise BadHome(folder, (error.strerror or str(error)).lower()) from None
    return folder


def socket_path(folder: Path) -> Path:
    """Where the node listens: in the home, or in a short runtime folder when that path is too long.

    Both ends compute it alike, from the home's absolute path.
    """
    path = folder / SOCKET_NAME
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        return path
    import hashlib

    import platformdirs

    name = hashlib.sha256(os.fsencode(folder.absolute())).hexdigest()[:16]
    with warnings.catch_warnings():
        # Without XDG_RUNTIME_DIR there is a fallback, and a warning that helps nobody here.
        warnings.simplefilter("ignore")
        runtime = Path(platformdirs.user_runtime_dir("assent"))
    return runtime / f"{name}.sock"
