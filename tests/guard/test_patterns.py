"""Texts made to have a pattern look back: they take as long as they are, not as their square."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from components.actions import Action, ContextPiece
from components.intent_firewall import Firewall, builtin_packs
from components.love_engine import LoveEngine

FIREWALL, LOVE = Firewall(builtin_packs()), LoveEngine()
SIZE = 2_000
TIMES = 8
MOST = 24
"""Eight times as much text takes eight times as long; by its square it would be sixty-four."""


def called(tool: str, request: str = "", read: str = "", **arguments: Any) -> object:
    context = (ContextPiece(source="web", text=read, trusted=False),) if read else ()
    action = Action(tool=tool, arguments=arguments, request=request, context=context)
    return FIREWALL.validate(action)


CASES: dict[str, Callable[[int], object]] = {
    "orders": lambda n: called(
        "http_get", "Read the page", f"See https://x.test/a1\n{' ' * n}order foo",
        url="https://x.test/a1",
    ),
    "orders, lines": lambda n: called(
        "http_get", "Read the page", "See https://x.test/a1" + "\n" * n + "order foo",
        url="https://x.test/a1",
    ),
    "joined": lambda n: called("write_note", text="[char]" + " " * n),
    "joined numbers": lambda n: called("write_note", text="[char[]]" + " " * n + "x"),
    "joined read": lambda n: called("write_note", "Go on", "[char]" + " " * n, text="x"),
    "system calls": lambda n: called("python", code="run" + " " * n),
    "escapes": lambda n: called("shell", argv=["psql", "-c", "\n" * n]),
    "sentences": lambda n: FIREWALL.read_tool_output("." * n + "a"),
    "clock": lambda n: called("update_note", "1" + " " * n, time="13:00"),
    "tells": lambda n: called("send_email", "let" + "\n" * n, to="a@b.test", body="x"),
    "comments": lambda n: called("execute_sql", sql="SELECT 1 " + "/*!" * n),
    "statements": lambda n: called("x", **{f"a{k}": "grant" + " " * 1_900 for k in range(n // 80)}),
    "quoted": lambda n: called("shell", command='"' + '\\"' * n),
    "substitute": lambda n: called("shell", command=f"echo x | sed 's{',' * n}!' | sh"),
    "options": lambda n: called("shell", command=f"echo x | base64 -{'d' * n}! | sh"),
    "make": lambda n: called("shell", argv=["make", "--eval", "$(shell a" * (n // 9)]),
    "question": lambda n: LOVE.check_output("The old one.", ["\n" * n]),
    "request": lambda n: LOVE.check_request("a, " * n),
}  # fmt: skip


def took(call: Callable[[int], object], size: int) -> float:
    """The least of three: seconds of this process."""
    least = float("inf")
    for _ in range(3):
        started = time.process_time()
        call(size)
        least = min(least, time.process_time() - started)
    return least


@pytest.mark.parametrize("name", CASES)
def test_a_text_takes_as_long_as_it_is(name: str) -> None:
    call = CASES[name]
    call(SIZE)
    assert took(call, SIZE * TIMES) <= MOST * took(call, SIZE) + 0.02
