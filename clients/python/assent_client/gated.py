"""`@gated`: a function that is only run when the node allows this very call."""

import functools
import inspect
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ParamSpec, TypeVar, cast

from assent_client.canonical import Malformed, canonical
from assent_client.client import Assent, AsyncAssent
from assent_client.permission import Denied, Permission

P = ParamSpec("P")
R = TypeVar("R")


def gated(
    tool: str | None = None,
    *,
    assent: Assent | AsyncAssent | None = None,
    agent: str | None = None,
    request: str | Callable[[], str] | None = None,
    consume: bool = False,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Have every call of a function, sync or async, asked about before it is run.

    The action is the `tool` (default: the function's name) with the call's arguments, defaults
    included. They must be JSON: else `TypeError`, and nothing is asked. A call that is not allowed
    raises `Denied`. The function runs with the permission's arguments, which the operator may have
    changed, and what came of it is reported. `request` is what the user asked for, or a function
    that tells. With `consume` the one use is claimed first: for what cannot be undone.

    Without an `assent` there is one for each `agent` at the node of this machine.
    """
    if callable(tool):
        raise TypeError("write @gated(), with parentheses")
    if assent is not None and agent is not None:
        raise TypeError("give an assent, which has its agent, or an agent")

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        call = _Call(function, tool, request, consume)
        client: Callable[[], Assent | AsyncAssent] = lambda: assent or _shared(agent or "agent")  # noqa: E731
        if _is_async(function):

            @functools.wraps(function)
            async def awaited(*args: P.args, **kwargs: P.kwargs) -> Any:
                return await call.awaited(AsyncAssent.sharing(client()), args, kwargs)

            return cast("Callable[P, R]", awaited)

        @functools.wraps(function)
        def waited(*args: P.args, **kwargs: P.kwargs) -> R:
            return cast("R", call.waited(Assent.sharing(client()), args, kwargs))

        return waited

    return decorate


def _is_async(function: Callable[..., Any]) -> bool:
    """Whether a call is to be awaited; also where an object is called."""
    return any(map(inspect.iscoroutinefunction, (function, getattr(function, "__call__", None))))  # noqa: B004


@functools.cache
def _shared(agent: str) -> Assent:
    return Assent(agent=agent)


class _Call:
    """How a gated function is asked about and run."""

    def __init__(
        self,
        function: Callable[..., Any],
        tool: str | None,
        request: str | Callable[[], str] | None,
        consume: bool,
    ) -> None:
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError("a generator runs after its call: gate what it does instead")
        self._function = function
        self._signature = inspect.signature(function)
        name = tool or getattr(function, "__name__", None)
        if name is None:
            raise TypeError("it has no name: name the tool, @gated('name')")
        self._tool: str = name
        self._request = request
        self._consume = consume

    def waited(self, assent: Assent, args: Any, kwargs: Any) -> Any:
        permission = assent.ask(self._tool, self._bound(args, kwargs), request=self._asked_for())
        _check(permission, not self._consume or assent.consume(permission))
        since = time.perf_counter_ns()
        try:
            result = self._run(permission)
            self._refuse_later(result)
        except BaseException as error:
            assent.outcome(permission, False, _us(since), _told(error))
            raise
        assent.outcome(permission, True, _us(since))
        return result

    async def awaited(self, assent: AsyncAssent, args: Any, kwargs: Any) -> Any:
        arguments = self._bound(args, kwargs)
        permission = await assent.ask(self._tool, arguments, request=self._asked_for())
        _check(permission, not self._consume or await assent.consume(permission))
        since = time.perf_counter_ns()
        try:
            result = await self._run(permission)
        except BaseException as error:
            await assent.outcome(permission, False, _us(since), _told(error))
            raise
        await assent.outcome(permission, True, _us(since))
        return result

    def _bound(self, args: Any, kwargs: Any) -> dict[str, Any]:
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        try:
            canonical(bound.arguments)
        except Malformed as error:
            raise TypeError(f"{self._tool} cannot be asked about: {error}") from None
        return bound.arguments

    def _asked_for(self) -> str:
        return self._request() if callable(self._request) else self._request or ""

    def _refuse_later(self, result: Any) -> None:
        """What is done only when the result is used would not be what was asked about."""
        if inspect.isawaitable(result) or inspect.isgenerator(result) or inspect.isasyncgen(result):
            if end := getattr(result, "close", None) or getattr(result, "cancel", None):
                end()
            raise TypeError(f"{self._tool} returns what runs later: gate an async function")

    def _run(self, permission: Permission) -> Any:
        bound = self._signature.bind_partial()
        bound.arguments.update(permission.arguments)
        if bound.arguments.keys() != self._signature.parameters.keys():
            # A name that no parameter has would be left out silently, a missing one defaulted.
            raise TypeError(f"{self._tool} does not take the operator's arguments")
        return self._function(*bound.args, **bound.kwargs)


def _check(permission: Permission, claimed: bool) -> None:
    if not permission.allowed:
        raise Denied(permission)
    if permission.until and time.time_ns() // 1000 >= permission.until:
        reasons = (*permission.reasons, "it had lapsed before it was used")
        raise Denied(replace(permission, verdict="expired", reasons=reasons))
    if not claimed:
        reasons = (*permission.reasons, "its one use could not be claimed")
        raise Denied(replace(permission, verdict="deny", reasons=reasons))


def _us(since: int) -> int:
    return (time.perf_counter_ns() - since) // 1000


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
