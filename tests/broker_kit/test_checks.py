"""What `assent doctor` says of the bridge, with a real broker at the other end."""

import shutil
import socket
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from msgspec.structs import replace

from app.broker import folder as brokers
from app.broker import knock
from app.broker.checks import checks
from app.broker.settings import BadBrokerUrl, BrokerAddress, MqttSettings, parsed
from components.clock import SystemClock
from tests.broker import Mosquitto, as_made, mosquitto, settings_of

DAY_US = 86_400 * 1_000_000
NOW = SystemClock().now()


def bad(settings: MqttSettings, folder: Path, now: int = NOW) -> str:
    return "\n".join(check.text for check in checks(settings, folder, now) if check.result == "bad")


def test_all_is_well_with_a_broker_as_it_was_made(broker: Mosquitto) -> None:
    found = checks(settings_of(broker, "node"), broker.folder, NOW)
    assert {check.result for check in found} == {"ok"}
    assert "lets us in, over TLS" in found[-1].text


def test_relative_paths_begin_in_the_home(broker: Mosquitto) -> None:
    made = settings_of(broker, "node")
    near = {
        name: str(Path(value).relative_to(broker.folder))
        for name in ("ca", "cert", "key", "password_file")
        if (value := getattr(made, name))
    }
    assert bad(replace(made, **near), broker.folder) == ""


def test_nothing_is_said_where_no_bridge_is_set(tmp_path: Path) -> None:
    assert checks(MqttSettings(), tmp_path, NOW) == []


def test_without_tls_a_note_is_made(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "broker", passwords={"ann": "right"}) as plain:
        (tmp_path / "word").touch(mode=0o600)
        (tmp_path / "word").write_text("right\n")
        own = MqttSettings(plain.url, "ann", "word")
        assert [check.result for check in checks(own, tmp_path, NOW)] == ["note", "ok"]
        (tmp_path / "word").write_text("wrong\n")
        assert "it refuses us" in bad(own, tmp_path)
        assert "of no use" in bad(replace(own, ca=str(tmp_path / "word")), tmp_path)
        secure = replace(own, url=plain.url.replace("mqtt:", "mqtts:"))
        assert "broke the connection off" in bad(secure, tmp_path)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"url": ""}, "is no address of a broker"),
        ({"url": "http://x"}, "is no address of a broker"),
        ({"key": ""}, "cert is set, but key is not"),
        ({"cert": ""}, "key is set, but cert is not"),
        ({"password_file": "x"}, "password_file is set, but username is not"),
        ({"ca": "nowhere.pem"}, "nowhere.pem: no such file"),
        ({"key": "open.key"}, "is open to others (0644): chmod 600 it"),
        ({"key": "other.key"}, "key values mismatch"),
        ({"key": "locked.key"}, "ca, cert and key do not go together"),
        ({"ca": "other.key"}, "ca, cert and key do not go together"),
        ({"cert": "broken.pem"}, "ca, cert and key do not go together"),
        ({"ca": "foreign.pem"}, "its certificate does not hold"),
    ],
)
def test_what_is_not_in_order_is_named(
    tmp_path: Path, change: dict[str, str], why: str, once_made: Mosquitto
) -> None:
    foreign = tmp_path / "foreign"
    brokers.make(foreign, hosts=("x",), auth="certificate", node="node", now=NOW)
    shutil.copy(foreign / "ca.pem", tmp_path / "foreign.pem")
    shutil.copy(foreign / "ca.key", tmp_path / "other.key")
    shutil.copy(foreign / "ca.key", tmp_path / "open.key")
    (tmp_path / "open.key").chmod(0o644)
    (tmp_path / "broken.pem").write_text("no certificate")
    own = settings_of(once_made, "node")
    lock(Path(own.key), tmp_path / "locked.key")
    assert bad(own, tmp_path) == ""
    assert why in bad(replace(own, **change), tmp_path)


def lock(key: Path, locked: Path) -> None:
    """Write a key again so that only a passphrase opens it."""
    read = load_pem_private_key(key.read_bytes(), None)
    form = (Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word"))
    locked.touch(mode=0o600)
    locked.write_bytes(read.private_bytes(*form))


@pytest.fixture(scope="module")
def once_made(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("made") / "broker"
    brokers.make(folder, hosts=("127.0.0.1",), auth="certificate", node="node", now=NOW)
    brokers.add(folder, "late", "agent", NOW - 735 * DAY_US)
    brokers.add(folder, "gone", "agent", NOW)
    own = brokers.client_folder(folder, "gone")
    shutil.copytree(own, folder.parent / "gone")
    brokers.revoke(folder, "gone", NOW)
    with as_made(folder) as running:
        yield running


def test_dates_are_told_before_they_come(once_made: Mosquitto) -> None:
    own, home = settings_of(once_made, "node"), once_made.folder
    assert "expired on" in bad(settings_of(once_made, "late"), home)
    soon = checks(own, home, NOW + 705 * DAY_US)
    assert [check.result for check in soon] == ["ok", "note", "ok"]
    assert "in 24 days" in soon[1].text
    assert "cert expired on" in bad(own, home, NOW + 731 * DAY_US)
    assert "ca is not valid yet" in bad(own, home, NOW - 2 * DAY_US)


def test_a_revoked_certificate_is_told_by_the_broker(once_made: Mosquitto) -> None:
    gone = once_made.folder.parent / "gone"
    own = replace(settings_of(once_made, "node"), cert=f"{gone}/cert.pem", key=f"{gone}/key.pem")
    assert "certificate revoked" in bad(own, once_made.folder)


def test_a_certificate_must_match_the_host(once_made: Mosquitto) -> None:
    own = settings_of(once_made, "node")
    elsewhere = replace(own, url=own.url.replace("127.0.0.1", "localhost"))
    assert "Hostname mismatch" in bad(elsewhere, once_made.folder)


def test_nobody_there_and_somebody_else_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knock, "LIMIT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        own = MqttSettings(f"mqtt://127.0.0.1:{silent.getsockname()[1]}")
        assert "no answer within" in bad(own, tmp_path)
    assert "cannot be reached" in bad(own, tmp_path)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("mqtt://h", BrokerAddress("h", 1883, False)),
        ("mqtts://broker.example", BrokerAddress("broker.example", 8883, True)),
        ("mqtts://10.0.0.1:9999/", BrokerAddress("10.0.0.1", 9999, True)),
        ("mqtts://[::1]:8883", BrokerAddress("::1", 8883, True)),
    ],
)
def test_addresses(url: str, address: BrokerAddress) -> None:
    assert parsed(url) == address


@pytest.mark.parametrize(
    "url",
    ["", "h", "h:1883", "tcp://h", "mqtt://", "mqtt://h:0", "mqtt://h:65536", "mqtt://u:p@h",
     "mqtt://h/path", "mqtt://h?x", "mqtt://h ", "mqtts://::1", "mqtt://h\n", "MQTT://h"],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_a_sentence(url: str) -> None:
    with pytest.raises(BadBrokerUrl, match="write mqtts://HOST"):
        parsed(url)
