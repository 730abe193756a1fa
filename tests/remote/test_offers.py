"""What consoles elsewhere are offered: the most urgent, and nothing that no message can hold."""

from types import SimpleNamespace
from typing import Any

import pytest

from app.remote import offers
from app.remote.offers import LESS_URGENT, TOO_LONG, Offers
from app.remote.sealing import TooLong
from app.remote.wire import Offered, Withdrawn
from components.actions import Action
from tests.remote.harness import DROP, Remote
from tests.support import until


class World:
    """Decisions that wait, by name, and what is made of them."""

    def __init__(self, *waiting: str) -> None:
        self.versions = dict.fromkeys(waiting, 1)
        self.offers = Offers(self, self)  # type: ignore[arg-type]

    def get(self, name: str) -> Any:
        version = self.versions.get(name)
        return version and SimpleNamespace(id=name, version=version)

    def decision(self, name: str) -> Any:
        return SimpleNamespace(id=name)

    def fate(self, name: str) -> str:
        return "it ended"

    def news(self, *first: str) -> list[tuple[str, str]]:
        wanted = [SimpleNamespace(id=name) for name in first]
        told = self.offers.news(wanted, "p", 100)  # type: ignore[arg-type]
        return [
            (one.view.id, "") if isinstance(one, Offered) else (one.id, one.why) for one in told
        ]


def test_the_most_urgent_take_the_place_of_what_is_less_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offers, "MOST_OFFERED", 2)
    world = World("a", "b", "c", "urgent")
    assert world.news("a", "b") == [("a", ""), ("b", "")]
    assert world.news("a", "b") == []
    assert world.offers.one("c", "p") is None
    assert world.news("urgent", "a") == [("b", LESS_URGENT), ("urgent", "")]
    del world.versions["a"]
    assert world.news("urgent", "b") == [("a", "it ended"), ("b", "")]


def test_what_was_too_long_is_offered_again_only_when_it_has_changed() -> None:
    world = World("long")
    assert world.news("long") == [("long", "")]
    assert world.offers.too_long("long") == Withdrawn("long", TOO_LONG)
    assert world.news("long") == []
    world.offers.have({})
    assert world.news("long") == []
    world.versions["long"] += 1
    assert world.news("long") == [("long", "")]


def test_one_decision_that_is_too_long_holds_up_no_other(
    remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    consoles = remote.consoles
    say = consoles._say

    def narrow(operator: str, stream: Any, message: Any) -> None:
        if isinstance(message, Offered) and message.view.tool == "query":
            raise TooLong("100,000,000 characters")
        say(operator, stream, message)

    monkeypatch.setattr(consoles, "_say", narrow)
    with remote.attached("ada") as ada:
        remote.running.ask(DROP)
        long = remote.running.waiting("query")
        until(lambda: ada.desk.fate(long.id) == TOO_LONG, "the reason why it is not shown")
        remote.running.ask(Action(tool="shell", arguments={"command": "shutdown -h now"}))
        assert ada.waiting("shell").tool == "shell"
