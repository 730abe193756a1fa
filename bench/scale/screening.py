"""The screens: the firewall by its rules, the love engine by the length of what it reads."""

from itertools import count

from bench.inputs import rare_rules, unseen_texts
from bench.scale.rows import Book, Rows, each_timed, sizes, told_sizes
from bench.stress.running import Work
from bench.stress.weighing import PATTERNS, grown_mb, weigh
from components.actions import Action
from components.intent_firewall import Firewall, PackHead, RulePack
from components.love_engine import LoveEngine

FIREWALL, LOVE = "intent_firewall", "love_engine"
TEXTS, READ = 128, 8


def measure_firewall(most: int, book: Book, work: Work) -> None:
    """Against so many rules; and what these hold, each size in a process of its own."""
    rows = Rows(FIREWALL, most, work, book)
    try:
        for size in told_sizes(work, sizes(FIREWALL, most)):
            _validate(rows, size)
            first, last = weigh(f"{PATTERNS}{size}", [1])
            held = grown_mb(first, last)
            rows.take("memory", size, [held], "The rules, and what is compiled of them")
    finally:
        rows.finish()


def _validate(rows: Rows, size: int) -> None:
    """Texts never seen before, behind half as many that warm it up."""
    rules = rare_rules(size)
    firewall = Firewall([RulePack(pack=PackHead("bench"), rules=tuple(rules))])
    texts = unseen_texts(rules, TEXTS)
    actions = [Action(tool="note", arguments={"text": one}) for one in texts]
    if not all(firewall.validate(action).reasons for action in actions[: TEXTS // 2]):
        raise AssertionError("no rule was met where one had to be")
    rows.take(
        "validate", size,
        each_timed(lambda at: firewall.validate(actions[at]), range(TEXTS // 2, TEXTS)),
        "Texts of 2,000 characters, one rule's word in each",
    )  # fmt: skip


def measure_love(most: int, book: Book, work: Work) -> None:
    """Texts of so many characters, each another."""
    rows, engine, numbers = Rows(LOVE, most, work, book), LoveEngine(), count(1)
    try:
        for size in told_sizes(work, sizes(LOVE, most)):
            _ethics(rows, engine, [text(size, next(numbers)) for _ in range(READ)])
            _ground(rows, engine, [text(max(size // 2, 1), next(numbers)) for _ in range(READ)])
    finally:
        rows.finish()


def _ethics(rows: Rows, engine: LoveEngine, texts: list[str]) -> None:
    asked = "Send the report"
    actions = [
        Action(tool="send_email", arguments={"body": one}, request=asked) for one in texts
    ]  # fmt: skip
    taken = each_timed(lambda at: engine.check_ethics(actions[at]), range(len(actions)))
    rows.take("check_ethics", len(texts[0]), taken)


def _ground(rows: Rows, engine: LoveEngine, texts: list[str]) -> None:
    taken = each_timed(
        lambda at: engine.detect_hallucination(texts[at], [texts[at]]), range(len(texts))
    )
    rows.take("detect_hallucination", 2 * len(texts[0]), taken,
              "Output and evidence have that length together")  # fmt: skip


def text(characters: int, number: int) -> str:
    """A text of that length, unlike that of another number."""
    parts: list[str] = []
    length = 0
    while length < characters:
        place = len(parts)
        parts.append(f"Order {number}-{place} from Kim was shipped to Oslo on day {place % 31}. ")
        length += len(parts[-1])
    return "".join(parts)[:characters]
