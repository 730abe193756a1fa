"""Whether a home may start: not one that has moved, nor one that is only half restored."""

from pathlib import Path

MOVED_NAME = "moved"
RESTORING_NAME = "restoring"


class MoveProblem(OSError):  # noqa: N818 - it says what is in the way
    """The home cannot be copied, restored or started; the text says why and what to do."""


def check_startable(home: Path) -> None:
    """Refuse a home that has moved or is only half restored. Hold its lock when you ask.

    Raises `MoveProblem`.
    """
    if (home / RESTORING_NAME).exists():
        raise MoveProblem(f"{home} is not wholly restored: empty it, and restore it again")
    if not (home / MOVED_NAME).exists():
        return
    try:
        left = (home / MOVED_NAME).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        left = "nobody can read when"
    raise MoveProblem(
        f"{home} has moved: {left}. Run the copy; or, if it never ran anywhere, take the move "
        "back with `assent restore --undo`"
    )
