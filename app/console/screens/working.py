"""Screens that ask the desk for what takes a while: in threads, the newest work of a group wins."""

from collections.abc import Callable
from typing import TypeVar

from textual.worker import get_current_worker

from app.console.outbox import Say
from app.console.screens.base import Base
from app.desk import DeskError

_T = TypeVar("_T")


class Working(Base):
    """A screen with workers; `tell` says to the operator what went wrong."""

    def __init__(self, tell: Say) -> None:
        super().__init__()
        self._tell = tell

    def forget(self) -> None:
        """Another node is looked at: show nothing of the one before, not even what comes late."""
        self.workers.cancel_node(self)

    def work(
        self,
        group: str,
        job: Callable[[], _T],
        done: Callable[[_T], None],
        failed: Callable[[], object] = lambda: None,
        *,
        exclusive: bool = True,
    ) -> None:
        """Run `job` in a thread; `done` or `failed` follow here, unless newer work replaced it."""

        def run() -> None:
            worker = get_current_worker()
            try:
                result = job()
            except (DeskError, OSError) as error:
                self.app.call_from_thread(self._failed, str(error), failed)
                return
            except Exception as error:  # a question that failed must not end the console
                said = f"It failed: {type(error).__name__}: {error}"
                self.app.call_from_thread(self._failed, said, failed)
                return
            if not worker.is_cancelled:
                self.app.call_from_thread(done, result)

        self.run_worker(run, thread=True, group=group, exclusive=exclusive, exit_on_error=True)

    def _failed(self, text: str, then: Callable[[], object]) -> None:
        then()
        self._tell(text, "bad")
