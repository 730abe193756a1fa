"""What a well-formed rule must hold besides its schema, and the actions that its examples mean."""

import re
from typing import Any

import msgspec
import re2

from components.actions import Action, ContextPiece
from components.intent_firewall.classes import SIGNS
from components.intent_firewall.globs import Pattern
from components.intent_firewall.normalise import fold
from components.intent_firewall.rules import ClassMatch, Example, Match, Rule, ShellMatch

_ID = re.compile(r"^[a-z0-9]+(?:[.-][a-z0-9]+)*$")
_ACTION_KEYS = frozenset({"tool", "arguments", "request", "narrative", "context", "agent"})
_MATCHERS = ("shell", "sql", "path", "host", "amount", "deed")


def rule_problem(rule: Rule, seen: set[str]) -> tuple[str, str] | None:
    """The key and the reason why a well-formed rule cannot be used; None where it can."""
    match = rule.match
    if not _ID.match(rule.id):
        return "id", "use lower-case words joined by dots and dashes"
    if rule.id in seen:
        return "id", "this id is used twice"
    if not rule.reason.strip():
        return "reason", "a person reads this; it must not be empty"
    return _match_problem(match) or _example_problem(rule)


def _match_problem(match: Match) -> tuple[str, str] | None:
    given = [name for name in _MATCHERS if getattr(match, name) is not None]
    given += ["literal"] if match.literal or match.regex else []
    if len(given) > 1:
        return "match", f"one matcher a rule, not {' and '.join(given)}"
    if not given and not match.tool:
        return "match", "nothing to match by"
    if match.deed is not None and (why := _class_problem(match.deed)):
        return "match.class", why
    if match.shell is not None and (why := _together_problem(match.shell)):
        return "match.shell.together", why
    if match.regex and not match.literal:
        return "match.regex", "needs `literal`: words one of which must stand in the text"
    if any(not fold(one).text.strip() for one in match.literal):
        return "match.literal", "an empty literal matches everything"
    problems = ((key, _bad_regex(pattern)) for key, pattern in _regexes(match))
    return next(((key, why) for key, why in problems if why), None)


def _class_problem(match: ClassMatch) -> str:
    if match == ClassMatch():
        return "nothing to match by"
    told = {one for sign in match.sign for one in sign.split("|")}
    unknown = sorted(told - SIGNS)
    return f"no sign is called {unknown[0]!r}" if unknown else ""


def _together_problem(match: ShellMatch) -> str:
    if not match.together:
        return ""
    if any("*" in name or "?" in name for name in match.program):
        return "needs the names of programs, no globs"
    if not 2 <= match.together <= len(set(match.program)):
        return "from 2 to the number of programs that are named"
    return ""


def _example_problem(rule: Rule) -> tuple[str, str] | None:
    for key, examples in (("for", rule.examples), ("against", rule.counterexamples)):
        if not examples:
            return key, "give at least one example"
        for example in examples:
            if isinstance(example, dict) and (why := _bad_example(rule, example)):
                return key, why
    return None


def _regexes(match: Match) -> list[tuple[str, str]]:
    found = [("match.regex", match.regex), ("match.unless", match.unless)]
    if match.shell is not None:
        names = ("words", "operand", "redirect", "unless")
        found.extend((f"match.shell.{name}", getattr(match.shell, name)) for name in names)
    if match.sql is not None:
        found.append(("match.sql.words", match.sql.words))
    return [(key, pattern) for key, pattern in found if pattern]


def _bad_regex(pattern: str) -> str:
    try:
        Pattern(pattern)
    except re2.error as error:
        detail = error.args[0] if error.args else ""
        return f"not RE2: {detail.decode() if isinstance(detail, bytes) else detail}"
    return ""


def _bad_example(rule: Rule, example: dict[str, Any]) -> str:
    unknown = sorted(set(example) - _ACTION_KEYS)
    if unknown:
        return f"an example has no field {unknown[0]!r}"
    try:
        example_action(rule, example)
    except msgspec.ValidationError as error:
        return f"not an action: {error}"
    return ""


def example_action(rule: Rule, example: Example) -> Action:
    """The action that an example stands for; a bare text goes where the rule's matcher reads."""
    if isinstance(example, dict):
        context = example.get("context", [])
        pieces = [
            {"source": "example", "trusted": False, "text": one} if isinstance(one, str) else one
            for one in ([context] if isinstance(context, str) else context)
        ]
        fields = {"tool": "tool", **example, "context": pieces}
        return msgspec.convert(fields, Action, strict=True)
    scope = rule.match.fields[0] if rule.match.fields else "arguments"
    kind = rule.match.kind
    if kind == "tool" or scope == "tool":
        return Action(tool=example)
    if kind == "shell" or scope == "command":
        return Action(tool="shell", arguments={"command": example})
    if kind == "sql":
        return Action(tool="query", arguments={"sql": example})
    if kind == "path":
        return Action(tool="read_file", arguments={"path": example})
    if kind == "host":
        return Action(tool="http_get", arguments={"url": example})
    if scope == "request":
        return Action(tool="tool", request=example)
    if scope == "narrative":
        return Action(tool="tool", narrative=example)
    if scope == "context":
        return Action(tool="tool", context=(ContextPiece("example", False, example),))
    return Action(tool="tool", arguments={"text": example})
