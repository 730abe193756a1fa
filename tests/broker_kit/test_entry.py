"""Who gets in at a broker with the configuration that was written, and who does not."""

import json
import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.broker import folder as brokers
from app.broker.passwords import hashed
from app.cli import main
from components.clock import SystemClock
from tests.broker import Mosquitto, as_made, mosquitto, program, secured, settings_of
from tests.broker_kit.peer import Peer, enters, mistrusts
from tests.support import until

YEAR_US = 365 * 86_400 * 1_000_000


def now() -> int:
    return SystemClock().now()


def test_whoever_has_a_credential_gets_in(broker: Mosquitto) -> None:
    assert enters(settings_of(broker, "node"))
    assert enters(settings_of(broker, "watcher"))


@pytest.mark.fault(54)
def test_plaintext_is_refused(broker: Mosquitto) -> None:
    secure = settings_of(broker, "alice")
    plain = replace(secure, url=secure.url.replace("mqtts", "mqtt"), ca="", cert="", key="")
    assert not enters(plain)
    assert not enters(replace(plain, username="alice", password_file=secure.password_file))


@pytest.mark.fault(54)
def test_a_certificate_of_another_authority_is_refused(tmp_path: Path, broker: Mosquitto) -> None:
    auth = brokers.read(broker.folder).auth
    foreign = tmp_path / "foreign"
    brokers.make(foreign, hosts=("127.0.0.1",), auth=auth, node="alice", now=now())
    theirs = brokers.settings_of(foreign, brokers.read(foreign), "alice")
    own = settings_of(broker, "alice")
    assert mistrusts(replace(theirs, url=broker.url))
    assert not enters(replace(theirs, url=broker.url, ca=own.ca))


def test_without_a_credential_nobody_gets_in(broker: Mosquitto) -> None:
    own = settings_of(broker, "alice")
    assert not enters(replace(own, cert="", key="", username="", password_file=""))
    assert not enters(replace(own, cert="", key="", username="nobody"))


@pytest.mark.fault(54)
def test_an_expired_certificate_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "broker"
    brokers.make(folder, hosts=("127.0.0.1",), auth="certificate", node="node", now=now())
    brokers.add(folder, "late", "agent", now() - 3 * YEAR_US)
    brokers.add(folder, "alice", "agent", now() - YEAR_US)
    with as_made(folder) as broker:
        assert enters(settings_of(broker, "alice"))
        assert not enters(settings_of(broker, "late"))


@pytest.mark.fault(54)
def test_an_expired_certificate_of_the_broker_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "broker"
    brokers.make(folder, hosts=("127.0.0.1",), auth="password", node="node", now=0)
    with as_made(folder) as broker:
        assert mistrusts(settings_of(broker, "node"))


@pytest.mark.fault(54)
@pytest.mark.parametrize("auth", ["certificate", "password"])
def test_a_revocation_holds_from_the_next_reload(tmp_path: Path, auth: brokers.Auth) -> None:
    with secured(tmp_path / "broker", auth=auth, principals=[("alice", "agent")]) as broker:
        theirs = kept(broker, "alice", tmp_path / "kept")
        with Peer(theirs) as alice:
            brokers.revoke(broker.folder, "alice", now())
            broker.reload()
            assert not enters(theirs)
            assert alice.publish("assent/1/node/req/alice") not in {
                "Success",
                "No matching subscribers",
            }
        brokers.add(broker.folder, "alice", "agent", now())
        brokers.add(broker.folder, "bob", "agent", now())
        brokers.revoke(broker.folder, "bob", now())
        broker.reload()
        assert enters(settings_of(broker, "alice"))
        assert not enters(theirs)
        broker.restart()
        assert enters(settings_of(broker, "alice"))
        assert not enters(theirs)


def kept(broker: Mosquitto, name: str, folder: Path) -> brokers.MqttSettings:
    """A principal's settings, with copies of its files that no revocation reaches."""
    made = settings_of(broker, name)
    own = brokers.client_folder(broker.folder, name)
    own.rename(folder)
    own.mkdir()
    files = ("ca", "cert", "key", "password_file")
    moved = {f: str(folder / Path(getattr(made, f)).name) for f in files if getattr(made, f)}
    return replace(made, **moved)


def test_the_command_that_is_told_reloads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with secured(tmp_path / "the broker") as broker:
        where = ["--dir", str(broker.folder), "--json"]
        assert main(["broker", "add", "alice", "--role", "agent", *where]) == 0
        told = json.loads(capsys.readouterr().out)
        with Peer(settings_of(broker, "alice")) as alice:
            topic = "assent/1/node/req/alice"
            assert alice.publish(topic) == "Not authorized"
            subprocess.run(told["reload"], shell=True, check=True)
            until(lambda: alice.publish(topic) != "Not authorized", "a reload")


def test_mosquitto_takes_our_hashes_and_we_write_as_it_does(tmp_path: Path) -> None:
    words = {"ann": "correct horse", "bea": "ünï çödé", "cat": "x" * 200}
    with mosquitto(tmp_path / "broker", passwords=words) as broker:
        for name, word in words.items():
            (tmp_path / name).write_text(f"{word}\n")
            own = brokers.MqttSettings(broker.url, name, str(tmp_path / name))
            assert enters(own)
            assert not enters(replace(own, username="ann" if name != "ann" else "bea"))
    theirs = tmp_path / "theirs"
    theirs.touch(mode=0o600)
    subprocess.run([program("mosquitto_passwd"), "-b", str(theirs), "ann", "a"], check=True)
    written = theirs.read_text().strip().partition(":")[2].split("$")
    assert written[:3] == hashed("a").split("$")[:3]
    assert [len(part) for part in written] == [len(part) for part in hashed("a").split("$")]
