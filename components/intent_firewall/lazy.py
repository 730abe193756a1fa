"""An attribute that is computed when it is first asked for.

`functools.cached_property` of Python 3.11 takes a lock at each first look, which costs more than
most of what is computed here; nothing that uses this is shared between threads.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class lazy(Generic[Value]):  # noqa: N801 - it is used as a decorator, like property
    """Like `cached_property`, without a lock."""

    def __init__(self, compute: Callable[[Any], Value]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __get__(self, instance: Any, owner: Any) -> Value:
        value = instance.__dict__[self._compute.__name__] = self._compute(instance)
        return value
