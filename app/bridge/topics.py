"""The topics of `assent/1`."""

import re
from typing import Literal

from msgspec import Struct

ROOT = "assent/1"
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")

Kind = Literal["req", "ans"]


class Origin(Struct, frozen=True):
    """Where a message came in: what kind it is, and by the topic whose. `named` is whether that
    is an identifier of the protocol.
    """

    kind: Kind
    principal: str
    named: bool


class Topics:
    """The topics of one node."""

    def __init__(self, node: str) -> None:
        self._base = f"{ROOT}/{node}"
        self.requests = f"{self._base}/req/+"
        self.answers = f"{self._base}/op/+/ans"
        self.status = f"{self._base}/status"
        self.checkpoint = f"{self._base}/checkpoint"

    def origin(self, topic: str) -> Origin | None:
        """What a topic says of who wrote there; None for one that is not for the node."""
        match topic.removeprefix(self._base + "/").split("/"):
            case ["req", agent]:
                return Origin("req", agent, is_name(agent))
            case ["op", operator, "ans"]:
                return Origin("ans", operator, is_name(operator))
        return None

    def request(self, agent: str) -> str:
        """Where an agent asks."""
        return f"{self._base}/req/{agent}"

    def response(self, agent: str) -> str:
        """Where an agent hears of its requests."""
        return f"{self._base}/res/{agent}"

    def answer(self, operator: str) -> str:
        """Where an operator's console writes."""
        return f"{self._base}/op/{operator}/ans"

    def item(self, operator: str) -> str:
        """Where a console hears of decisions."""
        return f"{self._base}/op/{operator}/item"

    def result(self, operator: str) -> str:
        """Where a console hears what became of what it sent."""
        return f"{self._base}/op/{operator}/res"

    def events(self, component: str) -> str:
        """The feed of a component's events."""
        return f"{self._base}/events/{component}"

    def metrics(self, component: str) -> str:
        """The newest figures of a component."""
        return f"{self._base}/metrics/{component}"

    def alert(self, name: str) -> str:
        """The state of the alerts of a rule."""
        return f"{self._base}/alerts/{name}"

    def cosign(self, log: str) -> str:
        """What this node, as a witness, says of the log of another."""
        return f"{self._base}/cosign/{log}"


def is_name(text: str) -> bool:
    """Whether a text is an identifier of the protocol."""
    return _NAME.fullmatch(text) is not None
