"""One line of JSON in, its assessment as a line of JSON out; nothing is recorded."""

from pathlib import Path
from typing import Any

import msgspec

from app.node.policy import PolicyFiles
from app.settings import load
from components.actions import Action
from components.canonical import MAX_BYTES, Malformed, parse
from components.clock import SystemClock
from components.gate import Screens, read_passage
from components.intent_firewall import Firewall, Sequences
from components.love_engine import LoveEngine
from components.monitor.timer import Ignoring
from components.passages import Passage

ACTION = "action"


class Screener:
    """Both screens, for actions and for texts."""

    def __init__(self, firewall: Firewall, love: LoveEngine) -> None:
        clock = SystemClock()
        self._firewall = firewall
        self._love = love
        self._screens = Screens(firewall, love, Sequences(clock), clock, Ignoring)

    @classmethod
    def at(cls, home: Path) -> "Screener":
        """The screens with the policy of a home. Raises what reading its settings and packs does.

        Raises `OSError`, `BadSettings` or `BadPack`.
        """
        return cls(PolicyFiles(home, load(home)).load(), LoveEngine())

    def line(self, raw: bytes) -> tuple[bytes, bool]:
        """The answer to one line, and whether that says that the line could not be read."""
        body: Any = None
        try:
            body = parse(raw, MAX_BYTES)
            told, bad = self._told(body), False
        except (Malformed, msgspec.ValidationError) as error:
            known = body.get("id") if isinstance(body, dict) else None
            told = {**({"id": known} if isinstance(known, str) else {}), "error": str(error)}
            bad = True
        return msgspec.json.encode(told), bad

    def _told(self, body: Any) -> dict[str, Any]:
        kind = body.get("kind", ACTION) if isinstance(body, dict) else ACTION
        if kind != ACTION:
            return self._passage(msgspec.convert(body, Passage))
        action = msgspec.convert(body, Action)
        assessed = self._screens.assess_alone(action)
        return {
            "id": action.id,
            "disposition": assessed.ruling.disposition,
            "safety": assessed.safety,
            "ethics": assessed.ethics,
        }

    def _passage(self, passage: Passage) -> dict[str, Any]:
        found = read_passage(passage, self._firewall, self._love)
        told = {
            "id": passage.id,
            "kind": passage.__struct_config__.tag,
            "disposition": found.disposition,
            "safety": found.safety,
            "ethics": found.ethics,
        }
        grounding = found.grounding
        if grounding is None:
            return told
        return {**told, **msgspec.structs.asdict(grounding)}
