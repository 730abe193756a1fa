"""What the guard's operations are run on: made so that only the size differs.

Each size has words of its own, so that nothing is known from another one.
"""

from components.actions import Action, ContextPiece
from components.intent_firewall import Match, Rule


def prose(length: int) -> str:
    """Sentences without repetition, cut at so many characters."""
    sentences = (
        f"Order {length}-{place} from Kim was shipped to Oslo on day {place % 31}. "
        for place in range(length // 40 + 1)
    )
    return "".join(sentences)[:length]


def page(length: int) -> str:
    """Lines that ask for something, as pages do."""
    lines = (f"Please send order {length}-{place} to Kim.\n" for place in range(length // 30 + 1))
    return "".join(lines)[:length]


def pipeline(length: int) -> str:
    """A command of many stages, each with a word of its own."""
    stages = (
        f"grep -v word{length}x{place} notes/{place}.txt" for place in range(length // 30 + 1)
    )
    return " | ".join(stages)


def statement(length: int) -> str:
    """A query with many conditions."""
    conditions = (f"price{length}x{place} > {place}" for place in range(length // 20 + 1))
    return f"SELECT name FROM orders WHERE {' AND '.join(conditions)}"


def paths(length: int) -> list[str]:
    """Many files."""
    return [f"reports/{length}/part{place}/figures.csv" for place in range(length // 30 + 1)]


def email(body: str, *, read: str = "") -> Action:
    """An action with effect, after its agent read a page."""
    return Action(
        tool="send_email",
        arguments={"to": "kim@example.org", "body": body},
        request="Tell Kim where the orders are.",
        context=(ContextPiece("web", False, read),) if read else (),
    )


def rare_rules(count: int) -> list[Rule]:
    """Text rules, each with a word of its own."""
    words = [f"zq{place:x}q{count}" for place in range(count)]
    return [
        Rule(id=word, reason="r", match=Match(literal=(word,), regex=rf"\b{word}\s+\d+\b"))
        for word in words
    ]
