"""What was asked of the desk and is not answered yet; looked at when the console pulls."""

from collections.abc import Callable
from concurrent.futures import CancelledError, Future

from app.desk import DeskError
from widgets import Tone

Say = Callable[[str, Tone], None]
Done = Callable[[bool], None]


class Outbox:
    """Futures from the desk. Their results are said; failures never end the console."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._waiting: list[tuple[Future[str], Done | None]] = []

    def add(self, future: Future[str], done: Done | None = None) -> None:
        """Follow a future; `done` hears whether it went well."""
        self._waiting.append((future, done))

    def poll(self) -> None:
        """Say what has come back since the last time."""
        ready = [item for item in self._waiting if item[0].done()]
        if not ready:
            return
        self._waiting = [item for item in self._waiting if item not in ready]
        for future, done in ready:
            went_well = self._report(future)
            if done is not None:
                done(went_well)

    def _report(self, future: Future[str]) -> bool:
        try:
            self._say(future.result(), "ok")
        except DeskError as error:
            self._say(str(error), "bad")
        except CancelledError:
            self._say("It was cancelled before it was done.", "bad")
        except Exception as error:  # whatever failed, the operator hears of it
            self._say(f"It failed: {type(error).__name__}: {error}", "bad")
        else:
            return True
        return False
