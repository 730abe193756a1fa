"""A peer: what is compared with it, on what, and what each side does that the other does not."""

from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from statistics import median

from msgspec import Struct

from bench.figures import Limits, measured
from bench.measuring import Beside

GET = ".venv/bin/python -m pip install -c constraints.txt -e '.[peers]'"
"""What installs all peers."""

Side = Callable[[], float]
"""One round of a side: decisions or rows a second, or a time of one of them."""


class Peer(Struct, frozen=True, kw_only=True):
    """One comparison.

    `package` is what has to be installed, as pip knows it; nothing where it is empty. `on` is what
    was measured, on what; `theirs` and `ours` are a sentence each on what that side does besides.
    `unit` is that of a round: of rates (`/s`) more is better, of anything else less. Where there
    is a `goal`, the ratio of the two is held against it as well.
    """

    figure: str
    name: str
    package: str = ""
    on: str
    theirs: str
    ours: str
    unit: str
    rounds: int
    goal: str = ""

    @property
    def called(self) -> str:
        """The name, with the version that is installed."""
        return f"{self.name} {found}" if (found := installed(self.package)) else self.name

    @property
    def told(self) -> str:
        """The whole of it in sentences."""
        return f"{self.on}. Besides, theirs {self.theirs}. Besides, ours {self.ours}."

    @property
    def absence(self) -> str:
        """Why it cannot be measured, and what helps; empty where it can."""
        return f"{self.package} is not installed: {GET}" if lacking([self]) else ""


class Sides(Struct, frozen=True):
    """How both are asked for a round. `more` is looked up once afterwards, for the figure."""

    ours: Side
    theirs: Side
    more: Mapping[str, Side] = {}


def installed(package: str) -> str:
    """The version of a package that is installed; empty where it is not, or none is named."""
    try:
        return version(package) if package else ""
    except PackageNotFoundError:
        return ""


def lacking(peers: Iterable[Peer]) -> list[str]:
    """The packages of these that are not installed, each once."""
    wanted = dict.fromkeys(peer.package for peer in peers if peer.package)
    return [package for package in wanted if not installed(package)]


def compare(beside: Beside, peer: Peer, sides: Sides) -> None:
    """Both sides in turns, each as often first as last, after one round that does not count."""
    rate = peer.unit == "/s"
    found: tuple[list[float], list[float]] = ([], [])
    sides.ours(), sides.theirs()

    def turn() -> None:
        both = ((found[0], sides.ours), (found[1], sides.theirs))
        for kept, side in both if len(found[0]) % 2 == 0 else both[::-1]:
            kept.append(side())

    beside.benchmark.pedantic(turn, rounds=beside.rounds(peer.rounds))
    beside.found.append(
        measured(
            peer.figure, found[0], Limits(kind="peer", unit=peer.unit, at_least=rate),
            value=median(found[0]), reference=peer.called, reference_values=found[1],
            note=peer.told,
        )
    )  # fmt: skip
    if peer.goal:
        beside.ratio(*found, peer.called, name=peer.goal, unit=peer.unit, over=rate, note=peer.told)
    for name, side in sides.more.items():
        beside.extra(name, side())
