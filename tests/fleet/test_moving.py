"""Homes copied under load, put back, and moved: nothing is lost, and only one of two starts."""

import json
import os
import shutil
import threading

import pytest

from app.cli.node_actions import exchange, status
from app.epoch import Epochs
from app.intake import wire
from app.moving import backup, restore
from app.startable import MoveProblem
from components.audit_system import Query, query, verify
from components.clock import SystemClock
from storage import open_reader
from tests.fleet.test_drain import DESTRUCTIVE, submit
from tests.support import running_node, until

CLOCK = SystemClock()


def verified(folder):
    reader = open_reader(folder)
    try:
        return verify(reader, (folder / "node.pub").read_text())
    finally:
        reader.close()


def stored_verdict(folder, request_id):
    reader = open_reader(folder)
    try:
        (found,) = reader.execute(
            "SELECT verdict FROM requests WHERE request_id = ?", (request_id,)
        ).fetchone()
    finally:
        reader.close()
    return found


def asked_again(node, request_id):
    return exchange(node.home, wire.Query(agent="raw", request_id=request_id))


def a_home(folder):
    """A home that has run: settings, a baseline, an operator, a decision in its log."""
    with running_node(folder) as node:
        reply = submit(node)
    (folder / "assent.toml").write_text("[limits]\nburst = 900\n")
    (folder / "baselines").mkdir(exist_ok=True)
    (folder / "baselines" / "calm.json").write_text("{}")
    (folder / "witness").mkdir(exist_ok=True)
    (folder / "witness" / "cosigned").write_text("x")
    return reply


@pytest.mark.fault(31)
def test_fault_31_a_backup_under_load_verifies(assent, tmp_path):
    home = tmp_path / "home"
    with running_node(home) as node:
        stop = threading.Event()
        sent = []

        def load():
            while not stop.is_set():
                sent.append(submit(node))

        threads = [threading.Thread(target=load) for _ in range(3)]
        for thread in threads:
            thread.start()
        until(lambda: len(sent) > 50)
        before = node.node.audit.head
        said, out, err = assent(home, "backup", tmp_path / "copy", "--json")
        after = node.node.audit.head.size
        stop.set()
        for thread in threads:
            thread.join()
    found = json.loads(out)
    assert (said, err, found["moved"]) == (0, "", False)
    assert before.size <= found["entries"] <= after
    result = verified(tmp_path / "copy")
    assert (result.ok, result.entries, result.root) == (True, found["entries"], found["root"])
    assert sent
    # What had been answered when the copy began is in it.
    for name in ("node.key", "node.pub", "operators/keyring"):
        assert (tmp_path / "copy" / name).read_bytes() == (home / name).read_bytes()
    assert not list(tmp_path.glob("copy.partial*"))
    assert verified(home).entries >= after


def test_a_copy_holds_all_of_the_home_and_only_its_owner_may_read_it(assent, tmp_path):
    home, copy, new = (tmp_path / name for name in ("home", "copy", "new"))
    a_home(home)
    assert assent(home, "backup", copy)[0] == 0
    assert assent(new, "restore", copy)[0] == 0
    left_out = {"lock", "store.db", "store.db-wal", "store.db-shm", "assent.sock"}
    for path in home.rglob("*"):
        place = path.relative_to(home)
        if path.is_file() and str(place) not in left_out:
            assert (copy / place).read_bytes() == path.read_bytes()
            assert (new / place).read_bytes() == path.read_bytes()
            assert (new / place).stat().st_mode == path.stat().st_mode
    for folder in (copy, new):
        assert folder.stat().st_mode & 0o077 == 0
        assert (folder / "store.db").stat().st_mode & 0o077 == 0
    assert not (new / "backup.json").exists()


def test_folders_that_are_links_are_copied_too(assent, tmp_path):
    home, copy = tmp_path / "home", tmp_path / "copy"
    a_home(home)
    (home / "baselines").rename(tmp_path / "elsewhere")
    (home / "baselines").symlink_to(tmp_path / "elsewhere")
    (home / "back").symlink_to(home)
    assert assent(home, "backup", copy)[0] == 0
    assert (copy / "baselines" / "calm.json").read_text() == "{}"
    assert not (copy / "back").exists()


def test_a_restored_node_answers_old_requests_with_the_same_bytes(assent, tmp_path):
    home, copy, new = (tmp_path / name for name in ("home", "copy", "new"))
    with running_node(home) as node:
        first = submit(node)
        before = asked_again(node, first.request_id)
        waiting = node.ask(DESTRUCTIVE, timeout_s=3600)
        decision = node.waiting()
        old_epoch = status(home).epoch
        assert assent(home, "backup", copy)[0] == 0
        node.answer(decision, "reject")
        assert not waiting.result().allowed
    assert assent(new, "restore", copy)[0] == 0
    with running_node(new) as node:
        again = asked_again(node, first.request_id)
        assert bytes(again.envelope) == bytes(before.envelope) == bytes(first.envelope)
        assert stored_verdict(new, first.request_id) == stored_verdict(home, first.request_id)
        # What waited when the copy was made waits on, to the same moment.
        found = node.waiting()
        assert (found.id, found.deadline) == (decision.id, decision.deadline)
        node.answer(found, "approve")
        known = Epochs()
        assert known.accept("n", old_epoch)
        assert known.accept("n", status(new).epoch)
        assert not known.accept("n", old_epoch)
        (entry,) = query(node.node.store.reader(), Query(kind="node.restored"), None, 10)
        assert entry.entry.detail["home"] == str(home)
    # The old one, started again later, is behind all the same.
    with running_node(home):
        assert not known.accept("n", status(home).epoch)


def test_a_home_that_moved_refuses_to_start_and_says_where_it_went(assent, tmp_path):
    home, copy, new = (tmp_path / name for name in ("home", "copy", "new"))
    a_home(home)
    said, out, _ = assent(home, "backup", copy, "--move")
    assert (said, f"assent restore {copy}" in out) == (0, True)
    said, _, err = assent(home, "run", "--for", "1")
    assert said == 2
    assert f"to {copy}" in err
    assert "@" in err
    assert "assent restore --undo" in err
    with pytest.raises(MoveProblem):
        running_node(home).__enter__()
    assert assent(home, "backup", tmp_path / "second")[0] == 1
    said, _, err = assent(home, "audit", "cosign", "note", "--origin", home / "node.pub")
    assert (said, "has moved" in err) == (1, True)
    assert verified(home).ok
    assert assent(new, "restore", copy)[0] == 0
    assert verified(new).entries == verified(home).entries + 1
    with running_node(new) as node:
        assert isinstance(submit(node), wire.VerdictReply)


def test_a_move_can_be_taken_back(assent, tmp_path):
    home = tmp_path / "home"
    a_home(home)
    assert assent(home, "restore", "--undo")[0] == 1
    assert assent(home, "backup", tmp_path / "copy", "--move")[0] == 0
    said, out, _ = assent(tmp_path, "restore", "--undo", "--home", home, "--json")
    assert (said, str(tmp_path / "copy") in json.loads(out)["was_moved"]) == (0, True)
    with running_node(home) as node:
        assert isinstance(submit(node), wire.VerdictReply)


def test_a_running_home_is_not_moved(assent, tmp_path):
    home = tmp_path / "home"
    with running_node(home) as node:
        said, _, err = assent(home, "backup", tmp_path / "copy", "--move")
        assert (said, str(os.getpid()) in err) == (1, True)
        assert isinstance(submit(node), wire.VerdictReply)
    assert not (home / "moved").exists()
    assert list(tmp_path.iterdir()) == [home]


def test_a_copy_that_cannot_be_verified_is_not_left_and_the_home_not_moved(assent, tmp_path):
    home = tmp_path / "home"
    a_home(home)
    other = tmp_path / "other"
    a_home(other)
    shutil.copy(other / "node.pub", home / "node.pub")
    said, _, err = assent(home, "backup", tmp_path / "copy", "--move")
    assert (said, "public half" in err) == (1, True)
    assert not (home / "moved").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"home", "other"}


@pytest.mark.parametrize("where", ["home/copy", "missing/copy", "there"])
def test_a_bad_place_for_a_copy_is_refused(assent, tmp_path, where):
    home = tmp_path / "home"
    a_home(home)
    (tmp_path / "there").mkdir()
    assert assent(home, "backup", tmp_path / where)[0] == 1
    assert not (home / "copy").exists()


def test_wrong_use_is_told(assent, tmp_path):
    assert assent(tmp_path, "backup", tmp_path / "copy")[0] == 1
    assert assent(tmp_path, "restore")[0] == 2
    assert assent(tmp_path, "restore", "x", "--undo")[0] == 2
    assert assent(tmp_path / "new", "restore", tmp_path / "missing")[0] == 1
    assert not (tmp_path / "new").exists()


def test_a_home_with_something_in_it_is_not_restored_into(assent, tmp_path):
    home, copy = tmp_path / "home", tmp_path / "copy"
    a_home(home)
    assert assent(home, "backup", copy)[0] == 0
    said, _, err = assent(home, "restore", copy)
    assert (said, "not empty" in err) == (1, True)


@pytest.mark.parametrize("damage", ["operators/keyring", "store.db", "backup.json", "node.key"])
def test_a_damaged_copy_is_refused_and_what_was_restored_does_not_start(assent, tmp_path, damage):
    home, copy, new = (tmp_path / name for name in ("home", "copy", "new"))
    a_home(home)
    assert assent(home, "backup", copy)[0] == 0
    raw = bytearray((copy / damage).read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    (copy / damage).write_bytes(raw)
    said, out, _ = assent(new, "restore", copy, "--json")
    assert (said, json.loads(out)["ok"]) == (1, False)
    if new.exists():
        assert assent(new, "run", "--for", "1")[0] == 2


def test_a_copy_of_another_log_than_it_says_is_refused(tmp_path):
    home, other = tmp_path / "home", tmp_path / "other"
    for folder in (home, other):
        a_home(folder)
        backup(folder, folder.with_suffix(".copy"), CLOCK)
    manifest = tmp_path / "home.copy" / "backup.json"
    changed = json.loads(manifest.read_text()) | {"entries": 1}
    manifest.write_text(json.dumps(changed))
    with pytest.raises(MoveProblem, match="another log"):
        restore(tmp_path / "home.copy", tmp_path / "new", CLOCK)
    for place in ("../outside", "/etc/outside", "lock", "moved"):
        changed["files"] = {place: "00"}
        manifest.write_text(json.dumps(changed))
        with pytest.raises(MoveProblem, match="no backup of ours"):
            restore(tmp_path / "home.copy", tmp_path / "newer", CLOCK)


def test_progress_is_told_for_each_stage(tmp_path):
    home = tmp_path / "home"
    a_home(home)
    told = []
    backup(home, tmp_path / "copy", CLOCK, progress=lambda *one: told.append(one))
    assert {stage for stage, _, _ in told} == {"copying", "copying files", "verifying"}
    assert all(0 <= done <= of for _, done, of in told)


def test_what_is_no_copy_is_told_in_words_and_nothing_is_made(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("text")
    for name, told in (("away", "no folder"), ("file", "no folder"), ("empty", "backup.json in")):
        with pytest.raises(MoveProblem, match=told) as refused:
            restore(tmp_path / name, tmp_path / "home", CLOCK)
        assert "Errno" not in str(refused.value)
    assert not (tmp_path / "home").exists()
