"""Text rules by the hundred and the thousand, on texts that no side has seen before."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter

from bench.inputs import rare_rules, unseen_texts
from bench.peers.peer import Peer, Side, Sides
from components.intent_firewall import Rule
from components.intent_firewall.matcher import TextMatcher
from components.intent_firewall.normalise import fold

SIZES = (10, 1_000, 10_000)
Find = Callable[[str], list[int]]
"""The numbers of the rules that hold in a text, ascending."""


def _peers(what: str, name: str, theirs: str, rounds: int, package: str = "") -> tuple[Peer, ...]:
    return tuple(
        Peer(
            figure=f"peer.patterns.{what}_{size}", name=name, package=package, theirs=theirs,
            on=f"A text of 2,000 characters that was not seen before, {size:,} patterns",
            ours="undoes disguises such as look-alike letters, and says where each match stands",
            unit="µs", rounds=rounds,
        )
        for size in SIZES
    )  # fmt: skip


RE = _peers("re", "a loop of re", "does nothing: it searches for one pattern after another", 30)
EASED = _peers(
    "re_eased", "a loop of re, eased",
    "does nothing, and less than is asked: its patterns begin with their literal, which re is far "
    "quicker to find, and so hold within longer words as well", 30,
)  # fmt: skip
HYPERSCAN = _peers(
    "hyperscan", "hyperscan", "finds all in one pass of machine code, but not where they begin",
    300, "hyperscan",
)  # fmt: skip
PEERS = (*RE, *EASED, *HYPERSCAN)


@contextmanager
def sides(peer: Peer, _quick: bool) -> Iterator[Sides]:
    """The same rules and the same texts; what ours finds they find, too."""
    ways = ((RE, loop), (EASED, eased), (HYPERSCAN, hyperscan))
    way, size = next((way, SIZES[of.index(peer)]) for of, way in ways if peer in of)
    rules = rare_rules(size)
    ours, theirs = matcher(rules), way(rules)
    *texts, last = unseen_texts(rules, peer.rounds + 2)
    assert set(ours(last)) <= set(theirs(last))
    yield Sides(_walk(ours, texts), _walk(theirs, texts))


def matcher(rules: Sequence[Rule]) -> Find:
    """Ours, with what makes a text comparable before."""
    compiled = TextMatcher(rules)
    return lambda text: sorted(hit.index for hit in compiled.find(fold(text)))


def loop(rules: Sequence[Rule]) -> Find:
    """One compiled pattern after another."""
    return _search([rule.match.regex for rule in rules])


def eased(rules: Sequence[Rule]) -> Find:
    """The same, but not bound to the start of a word."""
    return _search([rule.match.regex.removeprefix(r"\b") for rule in rules])


def _search(texts: Sequence[str]) -> Find:
    patterns = list(map(re.compile, texts))
    return lambda text: [at for at, pattern in enumerate(patterns) if pattern.search(text)]


def hyperscan(rules: Sequence[Rule]) -> Find:
    """All patterns in one database; each is told once."""
    import hyperscan as hs

    database = hs.Database()
    database.compile(
        expressions=[rule.match.regex.encode() for rule in rules],
        ids=list(range(len(rules))),
        flags=[hs.HS_FLAG_SINGLEMATCH] * len(rules),
    )

    def find(text: str) -> list[int]:
        found: list[int] = []
        database.scan(text.encode(), match_event_handler=lambda at, *_: found.append(at))
        return sorted(found)

    return find


def _walk(find: Find, texts: Sequence[str]) -> Side:
    """µs for the next of the texts, at each call."""
    following = iter(texts)

    def once() -> float:
        text, started = next(following), perf_counter()
        find(text)
        return 1e6 * (perf_counter() - started)

    return once
