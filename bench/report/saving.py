"""A run on the disk: NAME.json, NAME.html, NAME.csv, and NAME-points.csv where there are charts."""

from pathlib import Path

import msgspec

from bench.figures import Run
from bench.report.csv import csv, points
from bench.report.page import page


def save(run: Run, folder: Path, name: str) -> list[str]:
    """Write all forms; sentences for a person: where each is, or why it could not be written."""
    forms = {
        f"{name}.json": msgspec.json.encode(run).decode() + "\n",
        f"{name}.html": page(run),
        f"{name}.csv": csv(run),
    }
    if run.charts:
        forms[f"{name}-points.csv"] = points(run)
    return [_written(folder / form, text) for form, text in forms.items()]


def read(path: Path) -> Run:
    """A run that was saved. Raises `OSError`, or `msgspec.DecodeError` where it is none."""
    return msgspec.json.decode(path.read_bytes(), type=Run)


def _written(path: Path, text: str) -> str:
    """Whole or not at all, so that an interrupted run leaves nothing half-written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        try:
            part.write_text(text, "utf-8")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        return f"{path} could not be written: {error.strerror or error}"
    return f"{path} is written."
