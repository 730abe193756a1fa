"""What is said against a text that is no action: a tool's output, or what a user asks.

Nothing here blocks: a text does nothing by itself, and these are soft signals.
"""

import re
from collections.abc import Iterator

from components.actions import Reason, Severity
from components.intent_firewall.addressed import (
    ASKS_SECRETS,
    FORGES_ROLE,
    LIFTS_LIMITS,
    SETS_ASIDE,
)
from components.intent_firewall.globs import Pattern
from components.intent_firewall.instructions import RegionKind, addresses, instruction_regions
from components.intent_firewall.normalise import clean, decodings, encodable
from components.intent_firewall.task_model import Weights

WHERE = "text"
_EXCERPT = 200
_ENCODED = frozenset({"base64", "hex"})
_INVISIBLE = re.compile("[\U000e0020-\U000e007e]{12,}")  # flags of regions have seven at most
_TO_ASCII = 0xE0000

_IN_OUTPUT: dict[RegionKind, tuple[str, Severity, str]] = {
    "task": (
        "instructions.task-for-assistant", "medium",
        "Reads as a task for an assistant, in what a tool gave back",
    ),
    "addressed": (
        "instructions.addressed-to-assistant", "high",
        "Speaks to the assistant that reads it, or would set its instructions aside",
    ),
}  # fmt: skip
_IN_REQUEST: tuple[tuple[Pattern, str, str], ...] = (
    (SETS_ASIDE, "instructions.sets-aside", "Wants earlier instructions to be forgotten"),
    (FORGES_ROLE, "instructions.forged-role", "Passes itself off as the system or its operator"),
    (LIFTS_LIMITS, "instructions.lifts-limits", "Would free the assistant of its limits"),
    (ASKS_SECRETS, "instructions.asks-secrets", "Asks for what the assistant is to keep to itself"),
)


def against_output(text: str, request: str = "", model: Weights | None = None) -> Iterator[Reason]:
    """What speaks against a tool's output; `request` is what the user asked, if known.

    `model` finds the tasks: the one that ships unless another is given.
    """
    regions = instruction_regions(text, request, model)
    for region in regions:
        rule, severity, why = _IN_OUTPUT[region.kind]
        excerpt = text[region.start : region.end][:_EXCERPT]
        yield Reason(rule, severity, why, "ask", WHERE, (region.start, region.end), excerpt)
    for found in _INVISIBLE.finditer(text):
        said = "".join(chr(ord(letter) - _TO_ASCII) for letter in found.group())
        yield _hidden("in invisible characters", found.span(), said)
    for decoded in decodings(encodable(text)).found:
        # A run was encoded for a reason; a whole text holds one letter or other that is escaped.
        run = decoded.how in _ENCODED
        read = instruction_regions(decoded.text, "", model) if run else ()
        if read or (not run and not regions and addresses(decoded.text)):
            yield _hidden(f"in an encoding ({decoded.how})", decoded.origin, decoded.text)


def against_request(text: str) -> Iterator[Reason]:
    """What speaks against a request, by itself."""
    view = clean(encodable(text))
    for pattern, rule, why in _IN_REQUEST:
        if (found := pattern.first(view.text)) is not None:
            span = view.span(*found)
            yield Reason(rule, "high", why, "ask", WHERE, span, text[slice(*span)][:_EXCERPT])


def _hidden(how: str, span: tuple[int, int], said: str) -> Reason:
    why = f"Holds an instruction that people cannot read, {how}"
    return Reason("instructions.hidden", "high", why, "ask", WHERE, span, said[:_EXCERPT])
