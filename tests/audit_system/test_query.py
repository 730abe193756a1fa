import io
import json

import pytest

from components.audit_system import (
    AuditProblem,
    Entry,
    Query,
    Stopped,
    entry,
    export,
    query,
    verify,
)
from components.audit_system.merkle import leaf_hash
from storage import open_reader
from tests.audit_system.making import VKEY, an_entry


@pytest.fixture
def seqs(reader):
    def find(before=None, limit=1000, **wanted):
        return [found.seq for found in query(reader, Query(**wanted), before, limit)]

    return find


def _which(condition):
    return [number for number in range(699, -1, -1) if condition(an_entry(number))]


def test_pages_are_newest_first_and_follow_each_other(seqs):
    pages, before = [], None
    while page := seqs(before, 90):
        assert len(page) <= 90
        pages += page
        before = page[-1]
    assert pages == list(range(699, -1, -1))
    assert seqs(0) == []


def test_each_filter_finds_what_it_says_and_nothing_else(seqs):
    assert seqs(agent="agent-2") == _which(lambda e: e.agent == "agent-2")
    assert seqs(kind="verdict") == _which(lambda e: e.kind == "verdict")
    assert seqs(tool="sql") == _which(lambda e: e.tool == "sql")
    assert seqs(verdict="allow") == _which(lambda e: e.verdict == "allow")
    assert seqs(request_id="request-33") == [33]
    assert seqs(operator="nobody") == []
    assert seqs(tool="sql", agent="agent-2") == _which(
        lambda e: e.tool == "sql" and e.agent == "agent-2"
    )


def test_times_bound_from_since_up_to_until(seqs, reader):
    time = entry(reader, 100).time
    assert seqs(since=time) == list(range(699, 99, -1))
    assert seqs(until=time) == list(range(99, -1, -1))
    assert seqs(since=time, until=time + 1) == list(range(149, 99, -1))


def test_text_is_looked_for_in_strings_not_in_names(home):
    texts = [
        "plain",
        'quo"ted',
        "back\\slash",
        "per%cent",
        "under_score",
        "caret^",
        "new\nline",
        "☃",
    ]
    home.fill(len(texts), make=lambda n: Entry(kind="note", detail={"said": {"deep": [texts[n]]}}))
    reader = open_reader(home.folder)
    for number, text in enumerate(texts):
        assert [e.seq for e in query(reader, Query(text=text))] == [number]
    assert [e.seq for e in query(reader, Query(text="PLAIN"))] == [0]
    assert query(reader, Query(text="deep")) == []
    assert query(reader, Query(text="prev")) == []
    assert query(reader, Query(text="0000")) == []  # the first leaf's prev
    assert query(reader, Query(text="p_ain")) == []
    assert len(query(reader, Query(text="note"))) == len(texts)
    reader.close()


def test_hostile_filters_are_values_not_sql(seqs):
    assert seqs(agent="' OR 1=1 --") == []
    assert seqs(text="%' OR 1=1 --") == []
    assert seqs(tool='sql"} --') == []


def test_an_entry_in_full(reader):
    found = entry(reader, 42)
    assert found.entry == an_entry(42)
    assert found.leaf_hash == leaf_hash(found.leaf.encode()).hex()
    assert found.prev == entry(reader, 41).leaf_hash
    for seq in (700, -1, 2**70):
        with pytest.raises(AuditProblem, match=f"there is no entry {seq}"):
            entry(reader, seq)


@pytest.mark.parametrize(
    "damage", ["'nonsense'", "'{}'", "replace(leaf, '\"seq\":5,', '\"seq\":6,')"]
)
def test_a_damaged_entry_is_named_and_its_neighbours_stay_readable(filled, damage):
    filled.sql(f"UPDATE audit_entries SET leaf = {damage} WHERE seq = 5")
    reader = open_reader(filled.folder)
    with pytest.raises(AuditProblem, match="entry 5 is damaged"):
        entry(reader, 5)
    with pytest.raises(AuditProblem, match="entry 5 is damaged"):
        query(reader, Query(), before=8, limit=5)
    assert entry(reader, 6).seq == 6
    assert [e.seq for e in query(reader, Query(request_id="request-6"))] == [6]
    reader.close()


def test_an_export_holds_the_leaves_as_hashed_and_the_checkpoint(filled, reader):
    out, seen = io.StringIO(), []
    assert export(reader, Query(), out.write, lambda *done: seen.append(done) or True) == 700
    *lines, last = out.getvalue().splitlines()
    assert [leaf_hash(line.encode()).hex() for line in lines] == [
        entry(reader, seq).leaf_hash for seq in range(700)
    ]
    assert json.loads(last) == {"checkpoint": filled.notes[-1]}
    assert seen == [(700, 700)]


def test_an_export_of_some_entries_and_of_none(reader, home):
    out = io.StringIO()
    assert export(reader, Query(request_id="request-7"), out.write) == 1
    assert json.loads(out.getvalue().splitlines()[0])["request_id"] == "request-7"
    home.open()
    home.close()
    empty, out = open_reader(home.folder), io.StringIO()
    assert export(empty, Query(), out.write) == 0
    assert out.getvalue() == '{"checkpoint":null}\n'
    empty.close()


def test_long_work_can_be_watched_and_stopped(home):
    home.fill(2500, batch=2500, make=lambda number: Entry(kind="x"))
    reader = open_reader(home.folder)
    seen = []
    assert verify(reader, VKEY, None, lambda *done: seen.append(done) or True).ok
    assert seen == [(min(done, 2500), 2500) for done in range(256, 2561, 256)]
    with pytest.raises(Stopped, match="stopped after 512 of 2,500 entries"):
        verify(reader, VKEY, None, lambda done, total: done < 512)
    assert not reader.in_transaction
    with pytest.raises(Stopped):
        export(reader, Query(), len, lambda done, total: False)
    assert not reader.in_transaction
    reader.close()
