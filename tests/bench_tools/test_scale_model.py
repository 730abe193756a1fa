import pytest

from bench.scale.model import Demand, conclusions, figures, names

SIZES = (1_000, 10_000, 100_000)
BOOK = {
    "pipeline.capacity": [(0.0, 2_000.0)],
    "broker.node": [(0.0, 1_000.0)],
    "broker.alone": [(0.0, 40_000.0)],
    "hitl.memory": [(size, 0.0012 * size) for size in SIZES],
    "audit_system.disk": [(size, 0.2 + 0.0006 * size) for size in SIZES],
    "audit_system.verify_chain": [(size, 0.006 * size) for size in SIZES],
    "audit_system.query_history": [(size, 0.2) for size in SIZES],
    "audit_system.log_action": [(size, 0.5) for size in SIZES],
    "audit_system.merkle_root": [(size, 0.1) for size in SIZES],
    "audit_system.search": [(size, 0.001 * size) for size in SIZES],
}


def modelled(book=BOOK, **demand):
    return {one.name.removeprefix("scale.model."): one for one in figures(book, Demand(**demand))}


def test_a_whole_book_tells_everything():
    assert {f"scale.model.{name}" for name in modelled()} == set(names())


def test_a_node_is_full_before_it_can_do_no_more():
    found = modelled()
    assert found["node.full_at"].value == pytest.approx(1_600)
    assert found["node.agents"].value == pytest.approx(16_000)
    assert found["agents.share"].value == pytest.approx(100 * 100 / 1_600)


def test_more_is_asked_of_a_node_by_busier_agents():
    assert modelled(actions_a_minute=60.0)["agents.share"].value == pytest.approx(62.5)


def test_a_billion_entries_are_led_on_and_say_so():
    found = modelled()
    assert found["entries.disk"].value == pytest.approx(600, rel=0.01)
    assert found["entries.verify_chain"].value == pytest.approx(6e6, rel=0.01)
    assert found["entries.query_history"].value == pytest.approx(0.2, rel=0.01)
    assert "extrapolated ×10,000" in found["entries.disk"].note
    assert found["agents.days_to_entries"].value == pytest.approx(57.87, rel=0.001)


def test_decisions_wait_by_their_rate_and_their_time():
    found = modelled()
    assert found["decisions.waiting"].value == pytest.approx(10_000 / 86_400 * 10 * 300)
    assert found["decisions.people"].value == 4
    assert found["decisions.memory"].value == pytest.approx(0.0012 * 347.2, rel=0.01)


def test_brokers_become_many_where_one_is_full():
    found = modelled()
    assert found["broker.nodes"].value == pytest.approx(10)
    sentences = list(conclusions(BOOK, Demand()))
    assert "a further node comes in with 16,000 agents" in sentences[0]
    assert "a cluster of brokers comes in with 80,000 agents" in sentences[1]


def test_what_was_not_measured_is_not_told():
    found = modelled({key: BOOK[key] for key in ("audit_system.disk", "broker.node")})
    assert set(found) == {"decisions.waiting", "decisions.people", "entries.disk"}
    assert not list(conclusions({}, Demand()))
