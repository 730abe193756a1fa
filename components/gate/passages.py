"""Screening texts that are no actions: the same screens, on one text and its surroundings. Pure."""

from msgspec import Struct

from components.actions import Disposition, EthicsAssessment, SafetyAssessment
from components.gate.policy import join
from components.intent_firewall import Firewall
from components.love_engine import THRESHOLDS, Grounding, LoveEngine
from components.passages import Message, Output, Passage, Request, ToolOutput

_SAFE = SafetyAssessment(1.0, "other", "allow")


class Reading(Struct, frozen=True):
    """What was found in a text. `grounding` is there for outputs only."""

    disposition: Disposition
    safety: SafetyAssessment
    ethics: EthicsAssessment
    grounding: Grounding | None = None


def read_passage(passage: Passage, firewall: Firewall, love: LoveEngine) -> Reading:
    """Screen a text by its kind. Never raises on any text."""
    match passage:
        case ToolOutput():
            safety = firewall.read_tool_output(passage.text, passage.tool, passage.request)
            return _joined(safety, love.no_concern)
        case Request():
            return _joined(firewall.read_request(passage.text), love.check_request(passage.text))
        case Message():
            return _joined(_SAFE, love.check_message(passage.text))
        case Output():
            return _grounded(passage, love)


def _joined(safety: SafetyAssessment, ethics: EthicsAssessment) -> Reading:
    return Reading(join(safety, ethics, ()).disposition, safety, ethics)


def _grounded(output: Output, love: LoveEngine) -> Reading:
    """An output is held to its evidence, and read as the message that it will be."""
    found = love.detect_hallucination(output.text, output.evidence, output.type)
    ethics = love.check_output(output.text, output.evidence)
    disposition = join(_SAFE, ethics, ()).disposition
    if found.grounded < THRESHOLDS[output.type] and not found.advisory:
        disposition = "ask"
    return Reading(disposition, _SAFE, ethics, found)
