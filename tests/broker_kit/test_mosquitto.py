"""The broker of the tests itself: what the tests rely on when they stop, kill and freeze it."""

from pathlib import Path

import pytest

from app.broker import knock
from app.broker.settings import MqttSettings, parsed
from tests.broker import mosquitto
from tests.broker_kit.peer import Peer, enters


def test_what_was_saved_is_there_after_a_restart_on_the_same_port(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker:
        own = MqttSettings(broker.url)
        with Peer(own) as peer:
            peer.publish("kept", b"1", retain=True)
        broker.restart()
        with Peer(own) as peer:
            peer.subscribe("kept")
            assert peer.next() == ("kept", b"1")
            peer.publish("kept", b"2", retain=True)
            broker.kill()
        assert not enters(own)
        broker.start()
        with Peer(own) as peer:
            peer.subscribe("kept")
            assert peer.next() == ("kept", b"1"), "a PUBACK is no promise"


def test_while_it_is_frozen_nothing_moves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knock, "LIMIT_S", 0.2)
    with mosquitto(tmp_path) as broker:
        broker.pause()
        assert "no answer within" in knock.knock(parsed(broker.url), None)
        broker.resume()
        monkeypatch.undo()
        assert knock.knock(parsed(broker.url), None) == ""
        broker.pause()  # and it ends from here


def test_names_passwords_and_lists(tmp_path: Path) -> None:
    acl = "user ann\ntopic read a\n\nuser bea\ntopic readwrite a\n"
    with mosquitto(tmp_path, passwords={"ann": "x", "bea": "x"}, acl=acl) as broker:
        (tmp_path / "word").write_text("x")
        ann = MqttSettings(broker.url, "ann", str(tmp_path / "word"))
        bea = MqttSettings(broker.url, "bea", str(tmp_path / "word"))
        assert not enters(MqttSettings(broker.url))
        with Peer(ann) as reader, Peer(bea) as writer:
            reader.subscribe("a")
            assert reader.publish("a") == "Not authorized"
            assert writer.publish("a", b"1") == "Success"
            assert reader.next() == ("a", b"1")
