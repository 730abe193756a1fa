"""Two homes that witness each other by files, as `assent audit` does it."""

import json

import pytest

from components.audit_system import read_checkpoint
from components.keys import publish_verifier_key, verifier_key
from components.keys.encoding import encode
from tests.audit_system.making import KEY, OTHER_KEY, VKEY, Home
from tests.audit_system.test_cli import run as _run

OTHER_VKEY = verifier_key("node-2", OTHER_KEY)
run = _run


@pytest.fixture
def other(tmp_path):
    """The witness: a home of its own, with a log of its own."""
    made = Home(tmp_path / "other")
    made.fill(20, key=OTHER_KEY, origin="node-2")
    (made.folder / "node.key").write_text(encode(OTHER_KEY.encode()) + "\n")
    (made.folder / "node.key").chmod(0o600)
    publish_verifier_key(made.folder / "node.pub", OTHER_VKEY)
    yield made
    made.close()


def test_one_node_cosigns_another_by_files(run, filled, other, tmp_path, monkeypatch):
    note, proof, cosigned = (tmp_path / name for name in ("note", "proof", "cosigned"))
    witness = other.folder / "node.pub"
    assert run("verify", "--witness", witness)[0] == 1
    assert run("checkpoint", "--cosigned")[0] == 1

    def carry(size):
        """Ask, cosign with the other's home, and keep."""
        monkeypatch.setenv("ASSENT_HOME", str(filled.folder))
        assert run("checkpoint", "-o", note, "--since", size, "--proof", proof)[0] == 0
        monkeypatch.setenv("ASSENT_HOME", str(other.folder))
        done = run(
            "cosign", note, proof, "--origin", filled.folder / "node.pub", "-o", cosigned, "--json"
        )
        monkeypatch.setenv("ASSENT_HOME", str(filled.folder))
        return done

    assert carry(0)[0] == 0
    assert cosigned.read_text().startswith(note.read_text())
    assert run("keep", cosigned, "--witness", witness)[0] == 0
    assert run("checkpoint")[1] == cosigned.read_text()
    status, out, _ = run("verify", "--witness", OTHER_VKEY, "--json")
    found = json.loads(out)
    assert (status, found["cosigned"]) == (0, 700)
    assert [one["name"] for one in found["witnesses"]] == ["node-2"]

    filled.fill(50)
    assert read_checkpoint(run("checkpoint")[1]).size == 750
    assert run("checkpoint", "--cosigned")[1] == cosigned.read_text()
    status, out, _ = run("verify", "--witness", witness)
    assert (status, "750 entries hold" in out, "the first 700 cosigned by node-2" in out) == (
        0, True, True,
    )  # fmt: skip
    status, out, _ = carry(0)
    assert (status, json.loads(out)["size"]) == (1, 700)
    assert carry(700)[0] == 0
    assert run("verify", "--witness", witness, "--against", cosigned)[0] == 0
    assert run("verify", "--witness", witness, "--against", note)[0] == 1


@pytest.mark.fault(14)
def test_fault_14_a_rolled_back_log_no_longer_verifies_against_its_witness(
    run, filled, other, tmp_path, monkeypatch
):
    note, cosigned = tmp_path / "note", tmp_path / "cosigned"
    run("checkpoint", "-o", note)
    monkeypatch.setenv("ASSENT_HOME", str(other.folder))
    run("cosign", note, "--origin", VKEY, "-o", cosigned)
    monkeypatch.setenv("ASSENT_HOME", str(filled.folder))
    run("keep", cosigned, "--witness", OTHER_VKEY)
    filled.sql("DELETE FROM audit_entries WHERE seq >= 650")
    filled.sql("DELETE FROM checkpoints WHERE size > 650")
    filled.sql("INSERT OR IGNORE INTO checkpoints VALUES (650, ?)", (filled.notes[-2],))
    assert run("verify")[0] == 0
    status, out, _ = run("verify", "--witness", OTHER_VKEY, "--json")
    assert (status, json.loads(out)["first_bad"]) == (1, 650)
    run("checkpoint", "-o", note)
    monkeypatch.setenv("ASSENT_HOME", str(other.folder))
    status, _, err = run("cosign", note, "--origin", VKEY)
    assert (status, "650 entries with a root never seen, after 700" in err) == (1, True)


def test_so_many_witnesses_are_demanded(run, filled, tmp_path):
    third = verifier_key("node-3", KEY)
    for words in (
        ("--witness", VKEY),
        ("--witness", third),
        ("--witness", OTHER_VKEY, "--witness", OTHER_VKEY),
        ("--witness", OTHER_VKEY, "--witnesses", 2),
        ("--witness", OTHER_VKEY, "--witnesses", 0),
        ("--witnesses", 1),
    ):
        assert run("verify", *words)[0] == 2, words
    assert run("verify", "--witness", "nonsense")[0] == 1
    assert run("cosign", tmp_path / "missing", "--origin", OTHER_VKEY)[0] in {1, 2}
    assert run("cosign", tmp_path / "missing")[0] == 2
    assert run("keep", tmp_path / "missing", "--witness", OTHER_VKEY)[0] == 2
