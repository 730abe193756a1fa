"""The sides of the comparisons do what they are measured for: the same work, with the same end."""

import asyncio
from contextlib import closing
from pathlib import Path

import pytest

from bench.inputs import rare_rules, unseen_texts
from bench.peers import merkle, patterns, percentiles, rows
from bench.peers.answering import answering
from bench.peers.deferred import Deferring
from bench.peers.graphs import Asking
from storage import open_reader, open_store


def test_langgraph_asks_and_goes_on_with_the_answer() -> None:
    memory = pytest.importorskip("langgraph.checkpoint.memory")
    saver = memory.InMemorySaver()
    Asking(saver).decide(7)
    assert list(saver.storage) == ["7"]


def test_pydantic_ai_defers_a_call_and_runs_it_once_approved() -> None:
    pytest.importorskip("pydantic_ai")
    asyncio.run(Deferring().decide())


def test_a_node_is_asked_answers_and_records(tmp_path: Path) -> None:
    with answering(tmp_path) as node:
        assert node.rate(4) > 0
        assert node.recorded_rate(3) > 0
        with closing(open_reader(tmp_path)) as reader:
            found = reader.execute(
                "SELECT kind, verdict, count(*) FROM audit_entries "
                "WHERE kind IN ('asked', 'verdict') GROUP BY kind, verdict ORDER BY kind"
            ).fetchall()
    assert [tuple(row) for row in found] == [("asked", None, 7), ("verdict", "allow", 7)]


def test_ours_finds_what_a_loop_of_re_finds() -> None:
    rules = rare_rules(50)
    ours, theirs, more = (way(rules) for way in (patterns.matcher, patterns.loop, patterns.eased))
    texts = unseen_texts(rules, 20)
    found = [ours(text) for text in texts]
    assert all(found)
    assert found == [theirs(text) for text in texts]
    assert all(set(one) <= set(more(text)) for one, text in zip(found, texts, strict=True))


def test_our_percentiles_are_within_their_fineness() -> None:
    assert percentiles.worst(percentiles.OWN)() <= 100 * percentiles.FINENESS


def test_each_way_to_durable_rows_stores_them(tmp_path: Path) -> None:
    with closing(open_store(tmp_path)) as store:
        tables = rows.schema(store)
        rows.grouped(store)
        for way, count in ((rows.singly, 64), (rows.with_utils, 64), (rows.at_once, 1_024)):
            path = tmp_path / f"{way.__name__}.db"
            with way(path, tables) as theirs:
                assert theirs() > 0
            assert rows.stored(path) == count
        with closing(store.reader()) as reader:
            assert reader.execute("SELECT count(*) FROM audit_entries").fetchone()[0] == rows.ROWS


def test_a_log_and_a_tree_of_pymerkle_hold_as_many_leaves(tmp_path: Path) -> None:
    pytest.importorskip("pymerkle")
    with merkle.both(tmp_path, 8) as (_, log, tree):
        assert log.head.size == tree.get_size() == 8
