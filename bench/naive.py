"""What ours is held against: the same question, answered the plain way on the same input.

Each of these is what somebody would write in an afternoon, in a library's words where there is one.
What ours does besides stands with each.
"""

import re
from collections.abc import Iterable, Sequence

from bench.inputs import strings
from bench.measuring import Reference
from components.actions import Action
from components.intent_firewall import Rule, builtin_packs
from components.love_engine.lexicon import load

_WORD = re.compile(r"\w+")


def re_loop(rules: Iterable[Rule] | None = None, *, eased: bool = False) -> Reference:
    """Every text rule compiled by `re`, one after another over all of an action's text.

    `eased`, patterns begin with their literal, which `re` is far quicker to find, and are no longer
    bound to the start of a word.
    """
    taken = _text_rules() if rules is None else list(rules)
    patterns = [compiled for rule in taken if (compiled := _compiled(rule, eased))]

    def loop(action: Action) -> list[re.Pattern[str]]:
        text = strings(action).lower()  # once, which is quicker than IGNORECASE
        return [one for one in patterns if one.search(text)]

    besides = "" if rules else (
        "Ours also undoes disguises, parses shell and SQL, looks at paths, hosts and amounts, and "
        "asks where arguments came from"
    )  # fmt: skip
    return Reference(f"a loop of {len(patterns):,} compiled re", loop, besides)


def keyword_scan() -> Reference:
    """All phrases of the ethics lexicons in one alternation of `re`."""
    phrases = sorted({phrase for group in load().words.values() for phrase in group})
    scan = re.compile(r"\b(?:" + "|".join(map(re.escape, phrases)) + r")\b")

    def search(action: Action) -> list[str]:
        return scan.findall(strings(action).lower())

    return Reference(
        f"one re of {len(phrases):,} keywords", search,
        "Ours also reads sequences, negations and who is meant, and scores five dimensions",
    )  # fmt: skip


def common_words() -> Reference:
    """The share of an output's words that its evidence has."""

    def share(row: tuple[str, Sequence[str]]) -> float:
        said = _WORD.findall(row[0].lower())
        known = set(_WORD.findall(" ".join(row[1]).lower()))
        return sum(word in known for word in said) / max(len(said), 1)

    return Reference(
        "the share of common words", share,
        "Ours also takes sentences apart, compares numbers and names, and says what is unsupported",
    )  # fmt: skip


def _text_rules() -> list[Rule]:
    return [rule for pack in builtin_packs() for rule in pack.rules if rule.match.kind == "text"]


def _compiled(rule: Rule, eased: bool) -> re.Pattern[str] | None:
    """The rule for `re`; none where it does not know RE2's words."""
    text = rule.match.regex or "|".join(map(re.escape, rule.match.literal))
    try:
        return re.compile(text.removeprefix(r"\b") if eased else text)
    except re.error:
        return None
