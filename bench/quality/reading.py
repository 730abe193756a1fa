"""What an answer of `assent screen` says, as one number that grows with suspicion."""

from typing import Any

Result = dict[str, Any]


def caught(result: Result) -> float:
    """1 where a person is asked or the thing is blocked."""
    return float(result["disposition"] != "allow")


def blocked(result: Result) -> float:
    """1 where it is blocked without asking."""
    return float(result["disposition"] == "block")


def concerned(result: Result) -> float:
    """1 where there is any ethical concern."""
    return float(bool(result["ethics"]["concerns"]))


def suspicion(result: Result) -> float:
    """How far the worse of both scores is from 1."""
    return 1.0 - float(min(result["safety"]["score"], result["ethics"]["score"]))


def ungrounded(result: Result) -> float:
    """How far the output is from its evidence."""
    return 1.0 - float(result["grounded"])
