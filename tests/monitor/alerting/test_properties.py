"""Whatever the figures do: no alert fires early, each firing ends once, and the phases chain."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.monitor.alerting import RuleFile, Transition
from tests.monitor.alerting.world import World, rule

WAIT, KEEP = 5, 7
RULES = (
    rule("slow", for_=f"{WAIT}s", keep_firing_for=f"{KEEP}s"),
    rule("quick", keep_firing_for="2s", inhibits=("slow",), inhibits_scope="series"),
)

figures = st.dictionaries(st.sampled_from("ab"), st.sampled_from([0.0, 1.0]), max_size=2)
steps = st.lists(
    st.tuples(
        figures,
        st.integers(1, 4),
        st.sampled_from([0, 0, 0, -3_600_000_000, 3_600_000_000]),
        st.sampled_from(["", "", "", "", "reload", "silence", "acknowledge"]),
    ),
    max_size=60,
)


def play(script) -> tuple[World, list[tuple[int, Transition]], list[tuple[int, set[str]]]]:
    """Run a script: the world, what was told at which second, which series held when."""
    world, second = World(*RULES), 0
    told: list[tuple[int, Transition]] = []
    held: list[tuple[int, set[str]]] = []
    for values, seconds, shift, act in script:
        world.clock.set_wall(world.clock.now() + shift)
        world.samples.clear()
        for series, value in values.items():
            world.set(series, value)
        if act == "reload":
            told += [(second, one) for one in world.book.exchange(RuleFile(RULES))]
        elif act == "silence":
            told.append((second, world.book.silence("s*", world.clock.now() + 5_000_000, "ann")))
        elif act and (active := world.book.active()):
            told.append((second, world.book.acknowledge(active[0].id, "ann")))
        for _ in range(seconds):
            held.append((second, {name for name, value in values.items() if value > 0}))
            told += [(second, one) for one in world.look()]
            world.clock.advance(1)
            second += 1
    return world, told, held


# A thread that an earlier test left behind may draw from `random` while a script is drawn.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module")
@given(steps)
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
def test_every_life_is_in_order(script) -> None:
    world, told, held = play(script)
    by_id: dict[str, list[tuple[int, Transition]]] = {}
    for second, one in told:
        if one.series:
            by_id.setdefault(one.id, []).append((second, one))
    for lives in by_id.values():
        phase = "inactive"
        for second, one in lives:
            assert one.before == ("inactive" if phase == "resolved" else phase)
            assert (one.before == one.after) == (one.kind != "phase")
            if one.kind == "phase" and one.after == "firing" and one.rule == "slow":
                assert _held_throughout(held, one.series, second - WAIT, second)
            phase = one.after
        firings = sum(one.kind == "phase" and one.after == "firing" for _, one in lives)
        ends = sum(one.kind == "phase" and one.after == "resolved" for _, one in lives)
        assert firings - ends == (phase == "firing")
        active = {one.id: one.phase for one in world.book.active()}
        assert active.get(lives[0][1].id, "inactive") == (
            phase if phase in {"pending", "firing"} else "inactive"
        )


@given(steps)
@settings(max_examples=50, deadline=None, derandomize=True, database=None)
def test_once_all_is_quiet_everything_resolves(script) -> None:
    world, _, _ = play(script)
    world.set("a", 0)
    world.set("b", 0)
    world.run(KEEP + 1)
    assert world.book.active() == ()


def _held_throughout(held: list[tuple[int, set[str]]], series: str, since: int, until: int) -> bool:
    return since >= 0 and all(series in names for at, names in held if since <= at <= until)
