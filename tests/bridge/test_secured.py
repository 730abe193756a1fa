"""Over TLS with what `assent init --broker` makes: the node's bridge, and agents' commands."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.broker.settings import MqttSettings
from app.home import NODE_PUB_NAME, SETTINGS_NAME
from tests.bridge.real_node import RealNode
from tests.broker import Mosquitto, secured, settings_of
from tests.support import until

NODE = "office"
WEATHER = ["--tool", "get_weather", "--arguments", '{"city": "Oslo"}']


def write_settings(home: Path, mqtt: MqttSettings, more: str = "") -> None:
    home.mkdir(exist_ok=True)
    fields = {name: getattr(mqtt, name) for name in ("url", "ca", "cert", "key")}
    lines = [f"{name} = {json.dumps(value)}" for name, value in fields.items()]
    (home / SETTINGS_NAME).write_text("\n".join([more, "[mqtt]", *lines]) + "\n")


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    folder = tmp_path_factory.mktemp("secured") / "broker"
    with secured(folder, node=NODE, principals=[("mailer", "agent")]) as running:
        yield running


@pytest.fixture(scope="module")
def agents_home(broker: Mosquitto, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of an agent elsewhere, while a node runs."""
    base = tmp_path_factory.mktemp("homes")
    home, elsewhere = base / "node", base / "agent"
    write_settings(home, settings_of(broker, NODE), f'[node]\nname = "{NODE}"')
    write_settings(elsewhere, settings_of(broker, "mailer"))
    node = RealNode(home, broker)
    node.start()
    until((home / NODE_PUB_NAME).exists, "the node")
    shutil.copy(home / NODE_PUB_NAME, elsewhere)
    yield elsewhere
    node.stop()


def assent(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "app", *words],
        env=os.environ | {"ASSENT_HOME": str(home)}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_an_agent_asks_over_the_broker(agents_home: Path) -> None:
    ended = assent(agents_home, "ask", "--mqtt", "--agent", "mailer", "--json", *WEATHER)
    found: dict[str, Any] = json.loads(ended.stdout)
    assert (ended.returncode, found["verdict"]) == (0, "allow"), ended.stderr


def test_a_command_runs_over_the_broker(agents_home: Path) -> None:
    ended = assent(agents_home, "exec", "--mqtt", "--agent", "mailer", "--", "echo", "hello")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "hello\n", "")


@pytest.mark.fault(44)
def test_the_broker_lets_nobody_ask_in_anothers_name(agents_home: Path) -> None:
    ended = assent(agents_home, "ask", "--mqtt", "--agent", "other", "--timeout", "20", *WEATHER)
    assert ended.returncode == 3
    assert "the broker refuses what other sends" in ended.stdout


@pytest.mark.fault(54)
@pytest.mark.parametrize("wrong", ["ca", "cert", "plain"])
def test_a_wrong_certificate_or_none_reaches_no_node(
    agents_home: Path, broker: Mosquitto, tmp_path: Path, wrong: str
) -> None:
    shutil.copy(agents_home / NODE_PUB_NAME, tmp_path)
    own = settings_of(broker, "mailer")
    other = tmp_path / "other"
    with secured(other, node=NODE, principals=[("mailer", "agent")]) as another:
        theirs = settings_of(another, "mailer")
        changed = {
            "ca": {"ca": theirs.ca}, "cert": {"cert": theirs.cert, "key": theirs.key},
            "plain": {"url": own.url.replace("mqtts", "mqtt"), "ca": "", "cert": "", "key": ""},
        }[wrong]  # fmt: skip
        fields = {name: getattr(own, name) for name in ("url", "ca", "cert", "key")}
        write_settings(tmp_path, MqttSettings(**(fields | changed)))
    ended = assent(tmp_path, "ask", "--mqtt", "--agent", "mailer", *WEATHER)
    assert ended.returncode == 5
    assert ended.stdout == ""


@pytest.mark.parametrize(
    ("url", "why"), [("ftp://x", "no address of a broker"), ("", "no `[mqtt] url`")]
)
def test_an_address_that_is_none_is_told(tmp_path: Path, url: str, why: str) -> None:
    ended = assent(tmp_path, "ask", "--mqtt", url, *WEATHER)
    assert ended.returncode == 2
    assert why in ended.stderr


def test_a_node_whose_certificates_are_missing_does_not_start(tmp_path: Path) -> None:
    write_settings(
        tmp_path, MqttSettings(url="mqtts://127.0.0.1:1", ca="no.pem", cert="no.pem", key="no.key")
    )
    ended = assent(tmp_path, "run", "--headless", "--for", "1")
    assert ended.returncode == 2
    assert "[mqtt]" in ended.stderr
