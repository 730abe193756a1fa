"""The newest checkpoint of a log that witnesses have cosigned, kept with their cosignatures."""

from collections.abc import Sequence
from pathlib import Path

from components.audit_system.checkpoint import Checkpoint, open_checkpoint, read_checkpoint
from components.audit_system.cosignature import WitnessKey, cosignatures, merge, reduced
from components.audit_system.durable import alone, replace
from components.audit_system.errors import AuditProblem, UnknownSigner
from components.keys import VerifierKey

NAME = "cosigned"


class Cosigned:
    """Keeps it in a file of a folder. Any thread or process may call; `add` waits for the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / NAME

    def newest(self) -> Checkpoint | None:
        """The checkpoint with its cosignatures, unverified. Raises `AuditProblem`."""
        try:
            return read_checkpoint(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise AuditProblem(f"{self._path} cannot be read: {error.strerror}") from error

    def add(
        self, note: str | bytes, vkey: VerifierKey, witnesses: Sequence[WitnessKey]
    ) -> Checkpoint:
        """Keep what these witnesses cosigned of the log of `vkey`; the result is what is kept.

        A smaller checkpoint than the one that is kept changes nothing. Raises `AuditProblem`.
        """
        fresh = open_checkpoint(note, vkey)
        if not cosignatures(note, witnesses):
            raise UnknownSigner("no witness that is known has cosigned this checkpoint")
        clean = reduced(note, vkey, witnesses)
        with alone(self._folder):
            kept = self.newest()
            if kept is not None and kept.size > fresh.size:
                return kept
            if kept is not None and kept.size == fresh.size:
                clean = merge(kept.note, clean, witnesses)
            replace(self._path, clean.encode())
        return open_checkpoint(clean, vkey)
