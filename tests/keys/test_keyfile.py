import os

import pytest
from nacl.signing import SigningKey

from components.keys import (
    KeyProblem,
    load_or_create_key,
    parse_verifier_key,
    publish_verifier_key,
    verifier_key,
)
from components.keys.private import create_private, replace_private


def test_a_key_is_made_once_and_read_again(tmp_path):
    path = tmp_path / "node.key"
    made = load_or_create_key(path, may_create=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_or_create_key(path, may_create=True) == made
    assert load_or_create_key(path, may_create=False) == made


@pytest.mark.fault(15)
def test_fault_15_missing_key_is_refused_and_told_how_to_mend(tmp_path):
    path = tmp_path / "node.key"
    with pytest.raises(KeyProblem, match=r"missing.*put it back from a backup"):
        load_or_create_key(path, may_create=False)
    assert not path.exists()


@pytest.mark.fault(15)
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o601])
def test_fault_15_key_open_to_others_is_refused_and_told_how_to_mend(tmp_path, mode):
    path = tmp_path / "node.key"
    load_or_create_key(path, may_create=True)
    path.chmod(mode)
    with pytest.raises(KeyProblem, match=f"chmod 600 {path}"):
        load_or_create_key(path, may_create=True)


@pytest.mark.parametrize("content", [b"", b"x" * 32, b"AAAA\n", b"\xff\xfe", b"A" * 5000])
def test_a_file_without_a_key_is_refused_and_kept(tmp_path, content):
    path = tmp_path / "node.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyProblem, match="holds no key"):
        load_or_create_key(path, may_create=True)
    assert path.read_bytes() == content


def test_what_the_disk_takes_in_parts_is_written_whole(tmp_path, monkeypatch):
    write, path = os.write, tmp_path / "ring"
    monkeypatch.setattr(os, "write", lambda file, content: write(file, bytes(content)[:3]))
    create_private(path, b"first of all")
    replace_private(path, b"and then another")
    assert path.read_bytes() == b"and then another"


@pytest.mark.fault(21)
def test_fault_21_a_file_that_cannot_be_written_whole_leaves_the_old_one(tmp_path, monkeypatch):
    write, path = os.write, tmp_path / "ring"
    create_private(path, b"first of all")
    room = [4]

    def full(file, content):
        if not room[0]:
            raise OSError(28, "No space left on device")
        room[0] -= 2
        return write(file, bytes(content)[:2])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(KeyProblem, match="No space left"):
        replace_private(path, b"and then another")
    assert path.read_bytes() == b"first of all"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_in_the_keys_place_is_not_followed(tmp_path):
    load_or_create_key(tmp_path / "real", may_create=True)
    (tmp_path / "node.key").symlink_to(tmp_path / "real")
    with pytest.raises(KeyProblem):
        load_or_create_key(tmp_path / "node.key", may_create=True)


def test_a_folder_in_the_keys_place_is_no_key(tmp_path):
    (tmp_path / "node.key").mkdir(mode=0o700)
    with pytest.raises(KeyProblem, match="not a regular file"):
        load_or_create_key(tmp_path / "node.key", may_create=True)


def test_a_key_that_cannot_be_made_is_a_key_problem(tmp_path):
    with pytest.raises(KeyProblem, match="cannot be made"):
        load_or_create_key(tmp_path / "missing" / "node.key", may_create=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_key_of_another_user_is_refused(tmp_path):
    path = tmp_path / "node.key"
    load_or_create_key(path, may_create=True)
    os.chown(path, 65534, 65534)
    with pytest.raises(KeyProblem, match="another user"):
        load_or_create_key(path, may_create=True)


def test_the_public_key_is_published_for_everybody(tmp_path):
    vkey = verifier_key("node-1", SigningKey.generate())
    path = tmp_path / "node.pub"
    publish_verifier_key(path, vkey)
    before = path.stat().st_mtime_ns
    publish_verifier_key(path, vkey)
    assert path.stat().st_mtime_ns == before
    assert path.stat().st_mode & 0o777 == 0o644
    assert str(parse_verifier_key(path.read_text())) == vkey
    assert [p.name for p in tmp_path.iterdir()] == ["node.pub"]


def test_a_public_key_that_cannot_be_written_is_a_key_problem(tmp_path):
    with pytest.raises(KeyProblem, match="cannot be written"):
        publish_verifier_key(tmp_path / "missing" / "node.pub", "x")
