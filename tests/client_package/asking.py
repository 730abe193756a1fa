"""A question that waits in a thread of its own, and what agents of these tests propose."""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from tests.support import PATIENCE_S

T = TypeVar("T")

HARMLESS: tuple[str, dict[str, Any]] = ("get_weather", {"city": "Oslo"})
ASKED: tuple[str, dict[str, Any]] = ("query", {"sql": "DROP TABLE t"})
BLOCKED: tuple[str, dict[str, Any]] = ("shell", {"command": ":(){ :|:& };:"})


class Under(Generic[T]):
    """A call under way."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._outcome: list[Any] = []
        self._thread = threading.Thread(target=self._run, args=(call,), daemon=True)
        self._thread.start()

    def _run(self, call: Callable[[], T]) -> None:
        try:
            self._outcome = [call(), None]
        except BaseException as error:  # handed to the test
            self._outcome = [None, error]

    def result(self) -> T:
        self._thread.join(PATIENCE_S)
        assert self._outcome, "no answer came"
        value, error = self._outcome
        if error:
            raise error
        return value
