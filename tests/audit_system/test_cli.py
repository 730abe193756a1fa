"""`assent audit` as a person and a script meet it."""

import argparse
import json
import os
import pty
import random
import subprocess
import sys

import msgspec
import pytest

from app.cli import audit
from app.intake.wire import VERDICT_TYPE
from components.actions import Receipt, Verdict
from components.audit_system import Entry, entry
from components.keys import key_id, publish_verifier_key, sign_dsse, verifier_key
from storage import STORE_NAME, open_reader
from tests.audit_system.making import KEY, ORIGIN, OTHER_KEY, VKEY


@pytest.fixture
def run(filled, monkeypatch, capsys):
    """Run `assent audit …` in the filled home: exit status, output, errors."""
    publish_verifier_key(filled.folder / "node.pub", VKEY)
    monkeypatch.setenv("ASSENT_HOME", str(filled.folder))

    def call(*words):
        parser = argparse.ArgumentParser()
        audit.add(parser.add_subparsers())
        try:
            args = parser.parse_args(["audit", *map(str, words)])
            status = args.run(args)
        except SystemExit as end:
            status = end.code
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return status, out, err

    return call


def test_verify_tells_entries_root_and_checkpoint(run, filled):
    status, out, err = run("verify", "--json")
    found = json.loads(out)
    assert (status, err, found["ok"], found["entries"]) == (0, "", True, 700)
    assert found["checkpoint"] == filled.notes[-1]
    assert len(found["root"]) == 64
    status, out, _ = run("verify")
    assert (status, "700 entries hold" in out, found["root"] in out) == (0, True, True)


@pytest.mark.fault(1)
def test_fault_01_verify_names_the_entry_and_exits_with_1(run, filled):
    filled.sql("UPDATE audit_entries SET leaf = replace(leaf, 'shell', 'sjell') WHERE seq = 123")
    status, out, _ = run("verify", "--json")
    found = json.loads(out)
    assert (status, found["ok"], found["first_bad"]) == (1, False, 123)
    assert "entry 123 was altered" in found["why"]
    status, out, err = run("verify")
    assert (status, out) == (1, "")
    assert "entry 123 was altered" in err


@pytest.mark.fault(4)
def test_fault_04_verify_against_a_checkpoint_kept_elsewhere(run, filled, tmp_path):
    kept = tmp_path / "kept"
    assert run("checkpoint", "-o", kept)[0] == 0
    assert kept.read_text() == filled.notes[-1]
    assert run("verify", "--against", kept)[0] == 0
    filled.sql("DELETE FROM audit_entries WHERE seq >= 650")
    filled.sql("DELETE FROM checkpoints WHERE size > 650")
    filled.sql("INSERT OR IGNORE INTO checkpoints VALUES (650, ?)", (filled.notes[-2],))
    assert run("verify")[0] == 0
    status, out, _ = run("verify", "--json", "--against", kept)
    assert (status, json.loads(out)["first_bad"]) == (1, 650)
    kept.write_text("nonsense")
    status, out, _ = run("verify", "--json", "--against", kept)
    assert (status, json.loads(out)["ok"]) == (1, False)
    status, out, _ = run("verify", "--json", "--against", tmp_path / "missing")
    assert (status, json.loads(out)["ok"]) == (2, False)


def test_a_proof_is_checked_without_any_store(run, filled, tmp_path, monkeypatch):
    proof, pub = tmp_path / "proof", tmp_path / "node.pub"
    assert run("prove", 321, "-o", proof)[0] == 0
    status, out, _ = run("prove", 321)
    assert (status, out) == (0, proof.read_text())
    assert json.loads(run("prove", 321, "--json")[1]) == {"ok": True, "proof": out}
    publish_verifier_key(pub, VKEY)
    monkeypatch.setenv("ASSENT_HOME", str(tmp_path / "nowhere"))
    for key in (pub, VKEY):
        status, out, _ = run("check", proof, "--key", key)
        assert (status, "entry 321 of the 700" in out) == (0, True)
    found = json.loads(run("check", proof, "--key", pub, "--json")[1])
    assert (found["ok"], found["seq"], found["leaf"]["request_id"]) == (True, 321, "request-321")
    status, _, err = run("check", proof)
    assert (status, "--key" in err) == (1, True)
    assert run("check", proof, "--key", verifier_key(ORIGIN, OTHER_KEY))[0] == 1
    assert run("check", proof, "--key", "nonsense")[0] == 1
    proof.write_text(proof.read_text().replace("index 321", "index 320"))
    status, out, _ = run("check", proof, "--key", pub, "--json")
    assert (status, json.loads(out)["ok"]) == (1, False)
    assert run("check", tmp_path / "missing", "--key", pub)[0] == 2


def _verdict(found, seq, key=KEY, **changes):
    made = Verdict(
        verdict_id="v",
        node=ORIGIN,
        request_id=found.entry.request_id,
        agent=found.entry.agent,
        action_digest=found.entry.digest,
        verdict="allow",
        reasons=(),
        rule=found.entry.rule,
        stages=(),
        policy_version=found.entry.policy_version,
        issued_at=0,
        not_after=1,
        audit=Receipt(seq, found.leaf_hash),
    )
    payload = msgspec.json.encode(msgspec.structs.replace(made, **changes))
    return sign_dsse(VERDICT_TYPE, payload, key, key_id(KEY.verify_key.encode()))


@pytest.mark.fault(8)
def test_fault_08_verdict_with_another_entrys_proof_is_refused(run, filled, tmp_path):
    reader = open_reader(filled.folder)
    two, four = entry(reader, 2), entry(reader, 4)
    reader.close()
    proof, verdict = tmp_path / "proof", tmp_path / "verdict"
    run("prove", 2, "-o", proof)

    def check(envelope):
        verdict.write_bytes(envelope)
        return run("check", proof, "--verdict", verdict)

    assert check(_verdict(two, 2))[0] == 0
    assert check(_verdict(four, 4))[0] == 1
    assert "records another verdict" in check(_verdict(two, 2, request_id="other"))[2]
    assert "records another verdict" in check(_verdict(two, 2, verdict="deny"))[2]
    for other in ({"action_digest": "0" * 64}, {"rule": "x"}, {"policy_version": "x"}):
        assert "records another verdict" in check(_verdict(two, 2, **other))[2]
    assert "does not hold" in check(_verdict(two, 2, OTHER_KEY))[2]
    assert "does not hold" in check(b"nonsense")[2]


@pytest.mark.fault(21)
def test_fault_21_a_checkpoint_that_is_kept_stands_until_the_next_is_written(
    run, tmp_path, monkeypatch
):
    kept = tmp_path / "kept"
    assert run("checkpoint", "-o", kept)[0] == 0
    before = kept.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.beside.os.fsync", full)
    assert run("checkpoint", "-o", kept)[0] == 2
    assert kept.read_bytes() == before
    assert list(tmp_path.glob(".kept*")) == []


def test_query_lists_and_filters(run):
    status, out, _ = run("query", "--limit", 3)
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()] == ["699", "698", "697"]
    status, out, _ = run("query", "--agent", "agent-1", "--before", 100, "--limit", 2, "--json")
    found = json.loads(out)
    assert [row["seq"] for row in found["entries"]] == [97, 93]
    assert found["before"] == 93
    assert found["entries"][0]["leaf"]["agent"] == "agent-1"
    status, out, _ = run("query", "--request-id", "request-5", "--json")
    assert (len(json.loads(out)["entries"]), json.loads(out)["before"]) == (1, None)
    status, out, _ = run(
        "query", "--since", "2023-11-14T22:13:20Z", "--until", "2023-11-14T22:13:21Z"
    )
    assert len(out.splitlines()) == 50


def test_export_writes_a_file_or_the_output(run, filled, tmp_path):
    target = tmp_path / "log.jsonl"
    status, out, _ = run("export", "-o", target, "--json")
    assert (status, json.loads(out)) == (0, {"ok": True, "entries": 700})
    lines = target.read_text().splitlines()
    assert [json.loads(line)["seq"] for line in lines[:-1]] == list(range(700))
    assert json.loads(lines[-1])["checkpoint"] == filled.notes[-1]
    assert [p.name for p in tmp_path.iterdir() if "log" in p.name] == ["log.jsonl"]
    status, out, _ = run("export", "--agent", "agent-1")
    assert (status, len(out.splitlines())) == (0, 176)
    assert run("export", "-o", tmp_path / "missing" / "log")[0] == 2


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nonsense"],
        ["prove"],
        ["prove", "-1"],
        ["prove", "x"],
        ["prove", "9" * 30],
        ["check"],
        ["query", "--limit", "many"],
        ["query", "--since", "yesterday"],
        ["query", "--agent", "\udcff"],
    ],
)
def test_wrong_usage_exits_with_2(run, words):
    assert run(*words)[0] == 2


def test_an_entry_that_is_not_there_is_told(run):
    status, _, err = run("prove", 700)
    assert (status, "there is no entry 700" in err) == (1, True)


def test_a_home_without_a_store_or_key_is_told(run, filled, tmp_path, monkeypatch):
    (filled.folder / "node.pub").unlink()
    status, out, _ = run("verify", "--json")
    assert (status, json.loads(out)["ok"]) == (1, False)
    assert run("verify", "--key", VKEY)[0] == 0
    monkeypatch.setenv("ASSENT_HOME", str(tmp_path / "nowhere"))
    status, out, _ = run("verify", "--json", "--key", VKEY)
    assert (status, json.loads(out)["ok"]) == (1, False)
    assert run("query")[0] == 1


@pytest.mark.fault(24)
def test_fault_24_whatever_is_broken_ends_in_a_sentence(run, filled):
    path = filled.folder / STORE_NAME
    whole = path.read_bytes()
    broken = [
        b"",
        b"nonsense" * 1000,
        whole[: len(whole) // 2],
        whole[:4096],
        whole[:5000],
        bytes(100) + whole[100:],
        whole[:100] + bytes(4000) + whole[4100:],
        whole[:4096] + bytes(len(whole) - 4096),
    ]
    for content in broken:
        path.write_bytes(content)
        status, out, _ = run("verify", "--json")
        assert (status, json.loads(out)["ok"]) == (1, False)
        for words in (["query"], ["prove", 5], ["export"], ["checkpoint"]):
            assert run(*words)[0] in {0, 1}
    for table in ("audit_entries", "merkle_tiles", "checkpoints"):
        path.write_bytes(whole)
        filled.sql(f"DROP TABLE {table}")
        status, out, _ = run("verify", "--json")
        assert (status, json.loads(out)["ok"]) == (1, False)
        for words in (["query"], ["prove", 5], ["export"], ["checkpoint"]):
            assert run(*words)[0] in {0, 1}


@pytest.mark.fault(24)
def test_fault_24_whatever_bytes_are_overwritten_it_ends_in_a_sentence(run, filled):
    path = filled.folder / STORE_NAME
    whole = path.read_bytes()
    dice = random.Random(24)
    for _ in range(60):
        spoilt = bytearray(whole)
        for _ in range(dice.choice([1, 1, 5, 50])):
            start = dice.randrange(len(whole) // 4096) * 4096
            spoilt[start + dice.randrange(dice.choice([100, 4096]))] = dice.randrange(256)
        path.write_bytes(spoilt)
        status, out, _ = run("verify", "--json")
        assert status == (0 if json.loads(out)["ok"] else 1)
        for words in (["query"], ["query", "--text", "agent-1"], ["prove", 5], ["checkpoint"]):
            assert run(*words)[0] in {0, 1}


HOSTILE = "\x1b]52;c;aGk=\x07\x9b31m\u202e\u200b\x7f\r"


@pytest.fixture
def hostile(home, monkeypatch):
    home.fill(1, make=lambda n: Entry(kind="verdict", agent=HOSTILE, tool=HOSTILE, rule=HOSTILE))
    publish_verifier_key(home.folder / "node.pub", VKEY)
    return home


PROGRAM = """
import argparse, sys
from app.cli import audit
parser = argparse.ArgumentParser()
audit.add(parser.add_subparsers())
args = parser.parse_args(["audit", *sys.argv[1:]])
sys.exit(args.run(args))
"""


def _on_terminal(home, stream, *words):
    """Run the command with one stream a terminal: what reached it, and the other stream."""
    main, end = pty.openpty()
    other = "stdout" if stream == "stderr" else "stderr"
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words],
        env={**os.environ, "ASSENT_HOME": str(home.folder), "PYTHONUTF8": "1", "TERM": "xterm"},
        **{stream: end, other: subprocess.PIPE},
    )
    said = process.communicate(timeout=60)[other == "stderr"]
    seen = os.read(main, 65536) if process.returncode == 0 else b""
    os.close(end)
    os.close(main)
    assert process.returncode == 0, said
    return seen.decode(), said


@pytest.mark.fault(71, 74, 77, 78)
@pytest.mark.parametrize("words", [["query"], ["query", "--json"], ["export"]])
def test_fault_71_74_77_78_no_escape_of_an_agent_reaches_a_terminal(hostile, words):
    seen, _ = _on_terminal(hostile, "stdout", *words)
    assert "verdict" in seen
    assert not set(seen.replace("\r\n", "")) & (set(HOSTILE) - set("]52;caGk=31m"))


def test_an_export_into_a_pipe_is_not_escaped(hostile, monkeypatch, capsys):
    monkeypatch.setenv("ASSENT_HOME", str(hostile.folder))
    parser = argparse.ArgumentParser()
    audit.add(parser.add_subparsers())
    args = parser.parse_args(["audit", "export"])
    assert args.run(args) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["agent"] == HOSTILE


def test_verification_shows_a_bar_on_a_terminal_and_not_elsewhere(filled):
    publish_verifier_key(filled.folder / "node.pub", VKEY)
    seen, said = _on_terminal(filled, "stderr", "verify", "--json")
    assert json.loads(said)["ok"]
    assert "verifying" in seen
    seen, said = _on_terminal(filled, "stdout", "verify", "--json")
    assert json.loads(seen)["ok"]
    assert said == b""
