"""Running the console to its end."""

from collections.abc import Callable, Mapping

from app.console import themes
from app.console.app import Console
from app.console.notify import Notify
from app.desk import Desk
from components.clock import Clock, SystemClock


def run_console(
    desk: Desk,
    clock: Clock | None = None,
    *,
    theme: str = themes.DEFAULT,
    plain: bool | None = None,
    keymap: Mapping[str, str] | None = None,
    seconds: float | None = None,
    notify: Notify = "title",
    frame: Callable[[int], None] = lambda _: None,
    begin: Callable[[], bool] | None = None,
) -> int:
    """Run the console until the operator leaves, a SIGTERM comes, or `seconds` are over: 0 then.

    `GONE` means that the terminal went away: what waits may go on waiting. After anything else
    the console broke, and the node has to deny what waits. Raises `BadKeymap`.
    """
    console = Console(
        desk,
        clock or SystemClock(),
        theme=theme,
        plain=plain,
        keymap=keymap,
        seconds=seconds,
        notify=notify,
        frame=frame,
        begin=begin,
    )
    result = console.run()
    return 0 if result == 0 and not console.return_code else console.return_code or 1
