from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from components.keys import KeyProblem, Keyring, TrustedKey, Unauthorised, key_id, update_keyring
from components.keys.encoding import encode
from tests.keys.test_ed25519 import LOW_ORDER

NOW = 1_700_000_000_000_000
PUBLIC = SigningKey(b"a" * 32).verify_key.encode()
OTHER = SigningKey(b"b" * 32).verify_key.encode()


def _line(options: str = "", principal: str = "alice", public: bytes = PUBLIC) -> str:
    return " ".join(filter(None, [principal, options, "ed25519", encode(public)]))


def test_a_keyring_reads_names_windows_tiers_and_revocations():
    ring = Keyring.parse(
        "# the operators\n\n"
        + _line("valid-after=20230101Z,valid-before=20250101120000Z,tier=3")
        + "\n"
        + _line("revoked", "bob", OTHER)
        + "\n"
    )
    alice, bob = ring.keys
    assert (alice.principal, alice.tier, alice.revoked) == ("alice", 3, False)
    assert alice.valid_after == 1_672_531_200_000_000
    assert alice.valid_before == 1_735_732_800_000_000
    assert (bob.principal, bob.tier, bob.revoked) == ("bob", 1, True)
    assert ring.find(key_id(PUBLIC), NOW) == alice


@pytest.mark.parametrize(
    "line",
    [
        "alice",
        "alice ed25519",
        _line().replace("ed25519", "ssh-rsa"),
        _line() + " trailing words here",
        _line("unknown"),
        _line("tier=0"),
        _line("tier=x"),
        _line("tier=1,tier=9"),
        _line("revoked=no"),
        _line("observer=yes"),
        _line("observer,observer"),
        _line("observer,tier=2"),
        _line("valid-before=2025-01-01"),
        _line("valid-before=20251399Z"),
        _line("valid-before=20250101"),
        _line("valid-after=20250101Z,valid-before=20240101Z"),
        _line(principal="a/b"),
        _line(principal="x" * 65),
        _line()[:-1],
        _line(public=PUBLIC[:31]),
        _line() + "\n" + _line(principal="bob"),
        _line() + "\n" + _line("revoked"),
    ],
)
def test_a_keyring_that_is_not_understood_is_refused_naming_the_line(line):
    with pytest.raises(KeyProblem, match=r"^line [12]: "):
        Keyring.parse(line)


@pytest.mark.fault(68)
@pytest.mark.parametrize("point", LOW_ORDER, ids=lambda point: point.hex()[:8] + point.hex()[-2:])
def test_fault_68_low_order_key_is_refused_at_enrolment(point):
    with pytest.raises(KeyProblem, match="low order"):
        Keyring().enrol(TrustedKey(principal="mallory", public=point))
    with pytest.raises(KeyProblem, match=r"line 1: .*low order"):
        Keyring.parse(_line(principal="mallory", public=point))


@pytest.mark.fault(67)
def test_fault_67_revoked_key_is_unauthorised():
    ring = Keyring().enrol(TrustedKey(principal="alice", public=PUBLIC))
    name = key_id(PUBLIC)
    assert ring.find(name, NOW).principal == "alice"
    ring = ring.revoke(name)
    with pytest.raises(Unauthorised, match="is revoked") as refused:
        ring.find(name, NOW)
    assert refused.value.code == 401
    with pytest.raises(KeyProblem, match="stands twice"):
        ring.enrol(TrustedKey(principal="alice", public=PUBLIC))


@pytest.mark.fault(67)
def test_fault_67_key_is_valid_only_inside_its_window():
    start, end = NOW, NOW + 60_000_000
    key = TrustedKey(principal="alice", public=PUBLIC, valid_after=start, valid_before=end)
    ring = Keyring().enrol(key)
    assert ring.find(key.key_id, start) == ring.find(key.key_id, end - 1) == key
    with pytest.raises(Unauthorised, match="not valid yet"):
        ring.find(key.key_id, start - 1)
    with pytest.raises(Unauthorised, match="has expired") as refused:
        ring.find(key.key_id, end)
    assert refused.value.code == 401


def test_an_unknown_key_is_unauthorised_and_cannot_be_revoked():
    with pytest.raises(Unauthorised, match="not in the keyring"):
        Keyring().find(key_id(PUBLIC), NOW)
    with pytest.raises(KeyProblem, match="no key"):
        Keyring().revoke(key_id(PUBLIC))


def test_a_window_of_half_seconds_would_not_survive_the_file_and_is_refused():
    with pytest.raises(KeyProblem, match="whole seconds"):
        Keyring().enrol(TrustedKey(principal="alice", public=PUBLIC, valid_before=NOW + 1))


def test_a_keyring_that_others_may_write_is_refused(tmp_path):
    path = tmp_path / "keyring"
    path.write_text(_line() + "\n")
    path.chmod(0o644)
    assert Keyring.load(path).keys[0].principal == "alice"
    path.chmod(0o664)
    with pytest.raises(KeyProblem, match="chmod go-w"):
        Keyring.load(path)


def test_a_keyring_that_cannot_be_read_is_a_key_problem(tmp_path):
    with pytest.raises(KeyProblem, match="cannot be read"):
        Keyring.load(tmp_path / "missing")
    (tmp_path / "bad").write_text("nonsense")
    (tmp_path / "bad").chmod(0o600)
    with pytest.raises(KeyProblem, match="bad, line 1"):
        Keyring.load(tmp_path / "bad")


seconds = st.integers(1, 4_000_000_000).map(lambda s: s * 1_000_000)


@given(
    names=st.lists(st.from_regex(r"\A[A-Za-z0-9_.-]{1,20}\Z"), min_size=1, max_size=3),
    tier=st.integers(1, 99),
    revoked=st.booleans(),
    window=st.tuples(seconds, seconds).filter(lambda w: w[0] < w[1]),
)
def test_what_a_keyring_writes_it_reads(names, tier, revoked, window):
    ring = Keyring()
    for number, name in enumerate(names):
        public = SigningKey(bytes([number]) * 32).verify_key.encode()
        key = TrustedKey(
            principal=name,
            public=public,
            tier=tier,
            revoked=revoked,
            valid_after=window[0] if number else 0,
            valid_before=window[1] if number != 1 else 0,
        )
        ring = ring.enrol(key)
    assert Keyring.parse(ring.render()).keys == ring.keys


def test_a_keyring_file_is_changed_whole_or_not_at_all(tmp_path):
    path = tmp_path / "keyring"
    key = TrustedKey(principal="ada", public=bytes(SigningKey.generate().verify_key), tier=2)
    update_keyring(path, lambda ring: ring.enrol(key))
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.stat().st_ino
    update_keyring(path, lambda ring: ring)
    assert path.stat().st_ino == before, "nothing changed, nothing written"
    with pytest.raises(KeyProblem):
        update_keyring(path, lambda ring: ring.enrol(key))
    (tmp_path / "keyring.new").write_text("cut short")
    update_keyring(path, lambda ring: ring.revoke(key.key_id))
    assert [known.revoked for known in Keyring.load(path).keys] == [True]
    assert [entry.name for entry in tmp_path.iterdir()] == ["keyring"]


def test_keyring_changes_at_once_are_none_lost(tmp_path):
    path = tmp_path / "keyring"
    public = [bytes(SigningKey.generate().verify_key) for _ in range(16)]

    def enrol(number):
        key = TrustedKey(principal=f"p{number}", public=public[number])
        update_keyring(path, lambda ring: ring.enrol(key))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(enrol, range(16)))
    assert {key.principal for key in Keyring.load(path).keys} == {f"p{n}" for n in range(16)}


def test_a_keyring_in_a_missing_folder_is_a_key_problem(tmp_path):
    with pytest.raises(KeyProblem, match="cannot be read"):
        update_keyring(tmp_path / "missing" / "keyring", lambda ring: ring)


def test_an_observer_is_known_and_may_change_nothing():
    ring = Keyring.parse(_line("observer") + "\n" + _line("", "bob", OTHER))
    eve, bob = ring.keys
    assert (eve.observer, bob.observer) == (True, False)
    assert Keyring.parse(ring.render()).keys == ring.keys
    assert ring.find(key_id(PUBLIC), NOW) == eve
    assert ring.find_answering(key_id(OTHER), NOW) == bob
    with pytest.raises(Unauthorised, match="alice is an observer"):
        ring.find_answering(key_id(PUBLIC), NOW)
    with pytest.raises(Unauthorised, match="not in the keyring"):
        Keyring().find_answering(key_id(PUBLIC), NOW)
