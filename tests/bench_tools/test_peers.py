"""What is said of peers, how two sides take turns, and what happens where one is not installed."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from bench.figures import Figure
from bench.measuring import Beside
from bench.peers.__main__ import BENCHES, ROOM, absent
from bench.peers.known import COMPARISONS
from bench.peers.peer import GET, Peer, Sides, compare, installed, lacking
from bench.targets import limits

PLAIN = Peer(
    figure="peer.walk.plain", name="the plain way", on="A walk", theirs="does nothing",
    ours="looks around", unit="µs", rounds=4,
)  # fmt: skip
ABSENT = replace(PLAIN, figure="peer.walk.absent", package="no-such-package-of-walks")
PRESENT = replace(PLAIN, figure="peer.walk.pytest", package="pytest", name="pytest")
GOAL = "goal.decisions_vs_langgraph_memory"


class Rounds:
    """Calls what is measured as often as it is asked to."""

    def pedantic(self, work: Callable[[], Any], *, rounds: int) -> None:
        for _ in range(rounds):
            work()


class Asked:
    """A side that always gives one figure, and notes when it was asked."""

    def __init__(self, figure: float, order: list[float]) -> None:
        self.figure, self.order = figure, order

    def __call__(self) -> float:
        self.order.append(self.figure)
        return self.figure


def compared(peer: Peer, ours: float, theirs: float) -> tuple[list[Figure], list[float]]:
    beside, order = Beside(Rounds(), peer.figure, quick=False), list[float]()
    sides = Sides(Asked(ours, order), Asked(theirs, order), {"a limit": lambda: 5.0})
    compare(beside, peer, sides)
    return beside.found, order


def test_each_side_is_as_often_first_as_last_after_a_round_that_does_not_count() -> None:
    (figure,), order = compared(PLAIN, 2.0, 8.0)
    assert order == [2.0, 8.0, *[2.0, 8.0, 8.0, 2.0] * 2]
    assert figure.count == PLAIN.rounds


def test_a_figure_has_both_sides_in_their_unit_and_says_what_each_does_besides() -> None:
    (figure,), _ = compared(PLAIN, 2.0, 8.0)
    assert (figure.kind, figure.unit, figure.at_least) == ("peer", "µs", False)
    assert (figure.value, figure.reference_value, figure.ratio) == (2.0, 8.0, 0.25)
    assert figure.reference == PLAIN.name
    assert all(said in figure.note for said in (PLAIN.on, PLAIN.theirs, PLAIN.ours))
    assert figure.met == "no target"
    assert figure.extra == {"a limit": 5.0}


@pytest.mark.parametrize(("ours", "theirs", "unit"), [(600.0, 3.0, "/s"), (3.0, 600.0, "µs")])
def test_a_goal_is_how_many_times_better_ours_is(ours: float, theirs: float, unit: str) -> None:
    peer = replace(PLAIN, goal=GOAL, unit=unit)
    (figure, held), _ = compared(peer, ours, theirs)
    assert figure.at_least is (unit == "/s")
    assert (held.name, held.value, held.met) == (GOAL, 200.0, "met")
    assert compared(peer, theirs, ours)[0][1].met == "missed"


def test_the_reference_is_named_with_the_version_that_is_installed() -> None:
    assert PRESENT.called == f"pytest {pytest.__version__}"
    assert PLAIN.called == PLAIN.name
    assert installed("") == installed(ABSENT.package) == ""


def test_what_is_not_installed_is_told_once_with_how_to_get_it() -> None:
    peers = [PLAIN, PRESENT, ABSENT, ABSENT]
    assert lacking(peers) == [ABSENT.package]
    said = "\n".join(absent(peers))
    assert said.count(ABSENT.package) == 1
    assert GET in said
    assert absent([PLAIN, PRESENT]) == []


def test_a_peer_that_is_not_installed_has_a_reason_to_be_skipped() -> None:
    assert PLAIN.absence == PRESENT.absence == ""
    assert ABSENT.package in ABSENT.absence
    assert GET in ABSENT.absence


def test_every_peer_says_what_is_measured_and_what_either_side_does_besides() -> None:
    names = [peer.figure for peer in COMPARISONS]
    assert len(names) == len(set(names))
    assert all(name.startswith("peer.") for name in names)
    for peer in COMPARISONS:
        assert all(text and not text.endswith(".") for text in (peer.on, peer.theirs, peer.ours))


def test_the_goals_of_decisions_are_measured_by_one_peer_each() -> None:
    goals = [peer.goal for peer in COMPARISONS if peer.goal]
    assert sorted(goals) == [GOAL, "goal.decisions_vs_langgraph_sqlite"]
    assert set(goals) <= set(limits())


@pytest.mark.parametrize(("bench", "file"), BENCHES.items())
def test_benches_elsewhere_that_are_taken_along_exist(bench: str, file: str) -> None:
    assert f"def {bench}(" in (ROOM.parent / file).read_text("utf-8")
