import json

import pytest

from components.keys import KeyProblem, WrongPassphrase, create_locked_key, unlock_key

WORDS = "correct horse battery"


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "grace.locked"
    return path, create_locked_key(path, WORDS)


def test_the_passphrase_opens_the_key_and_the_file_is_private(locked):
    path, key = locked
    assert unlock_key(path, WORDS) == key
    assert path.stat().st_mode & 0o777 == 0o600
    content = path.read_bytes()
    assert key.encode() not in content
    assert WORDS.encode() not in content


@pytest.mark.parametrize(
    "words", ["", "Correct horse battery", WORDS + " ", "\udcff", "x" * 10_000]
)
def test_another_passphrase_is_told_in_constant_words(locked, words):
    with pytest.raises(WrongPassphrase) as told:
        unlock_key(locked[0], words)
    assert str(told.value) == "the passphrase is wrong, or the key file was changed"


@pytest.mark.parametrize("field", ["salt", "box"])
def test_a_changed_file_does_not_open(locked, tmp_path, field):
    content = json.loads(locked[0].read_text())
    first = content[field][0]
    content[field] = ("B" if first == "A" else "A") + content[field][1:]
    path = tmp_path / "grace.locked"
    path.write_text(json.dumps(content))
    path.chmod(0o600)
    with pytest.raises(WrongPassphrase):
        unlock_key(path, WORDS)


def test_words_typed_composed_or_decomposed_are_the_same(tmp_path):
    path = tmp_path / "key"
    key = create_locked_key(path, "caf\u00e9 au lait")
    assert unlock_key(path, "cafe\u0301 au lait") == key


def test_a_short_passphrase_makes_no_file(tmp_path):
    with pytest.raises(KeyProblem, match="too short: it takes 8"):
        create_locked_key(tmp_path / "key", "1234567")
    assert not list(tmp_path.iterdir())


def test_a_key_is_never_made_over_another(locked):
    before = locked[0].read_bytes()
    with pytest.raises(KeyProblem, match="cannot be made"):
        create_locked_key(locked[0], WORDS)
    assert locked[0].read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"A" * 44 + b"\n",
        b'{"v":2,"salt":"","box":""}',
        b'{"v":1,"salt":"AAAA","box":"AAAA"}',
        b'{"v":1,"salt":"AAAAAAAAAAAAAAAAAAAAAA==","box":"*"}',
        b'{"v":1,"salt":"AAAAAAAAAAAAAAAAAAAAAA==","box":"","memlimit":1e12}',
        b"[" * 5000,
    ],
)
def test_a_file_without_a_locked_key_is_refused(tmp_path, content):
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyProblem, match="holds no locked key"):
        unlock_key(path, WORDS)


def test_an_empty_box_is_no_key(tmp_path):
    path = tmp_path / "key"
    path.write_bytes(b'{"v":1,"salt":"AAAAAAAAAAAAAAAAAAAAAA==","box":""}')
    path.chmod(0o600)
    with pytest.raises(WrongPassphrase):
        unlock_key(path, WORDS)


def test_a_file_open_to_others_or_missing_is_refused(locked, tmp_path):
    path = tmp_path / "key"
    with pytest.raises(KeyProblem, match="cannot be read"):
        unlock_key(path, WORDS)
    path.write_bytes(locked[0].read_bytes())
    path.chmod(0o640)
    with pytest.raises(KeyProblem, match=f"chmod 600 {path}.*revoke it"):
        unlock_key(path, WORDS)
