"""The socket under hostile or clumsy agents: every answer is an error that means deny."""

import json
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.home import socket_path
from app.intake import server
from app.intake.client import new_request_id
from components.actions import Action
from components.canonical import MAX_BYTES, canonical, digest
from tests.support import PATIENCE_S, RunningNode, running_node, until


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    with running_node(tmp_path_factory.mktemp("home")) as running:
        yield running


class Raw:
    """A bare connection."""

    def __init__(self, node: RunningNode) -> None:
        self.link = socket.socket(socket.AF_UNIX)
        self.link.settimeout(PATIENCE_S)
        self.link.connect(str(socket_path(node.home)))
        self.lines = self.link.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.lines.close()
        self.link.close()

    def say(self, raw: bytes) -> dict[str, Any]:
        self.link.sendall(raw + b"\n")
        answer: dict[str, Any] = json.loads(self.lines.readline())
        return answer


def submit(running: RunningNode, /, **changes: Any) -> dict[str, Any]:
    now = time.time_ns() // 1000
    name = running.node.identity.node
    action = {"tool": "read_file", "arguments": {"path": "a.txt"}}
    body = {
        "v": 1, "kind": "submit", "node": name, "agent": "raw", "attempt": 1,
        "request_id": new_request_id(now), "nonce": "n" * 22, "issued_at": now,
        "expires_at": now + 30_000_000, "action": action,
        "action_digest": digest(name, "raw", "read_file", {"path": "a.txt"}),
    }  # fmt: skip
    return body | changes


def encoded(body: dict[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


def test_a_good_submission_is_answered_with_a_signed_verdict(node: RunningNode) -> None:
    with Raw(node) as raw:
        answer = raw.say(encoded(submit(node)))
    assert answer["kind"] == "verdict"
    assert answer["envelope"]["payloadType"] == "application/vnd.assent.verdict.v1+json"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"node": "elsewhere"}, 404),
        ({"action_digest": "0" * 64}, 422),
        ({"action": {"tool": "read_file", "arguments": {"path": "b.txt"}}}, 422),
        ({"expires_at": 1}, 408),
        ({"v": 2}, 426),
        ({"kind": "nonsense"}, 400),
        ({"agent": "a/b"}, 400),
        ({"agent": "a\u0000b"}, 400),
        ({"request_id": "1"}, 400),
        ({"attempt": 0}, 422),
        ({"surprise": True}, 422),
        ({"context": [{"source": "x"}]}, 422),
        ({"action": {"tool": "", "arguments": {}}}, 422),
    ],
)
def test_what_does_not_fit_is_refused_by_its_code(
    node: RunningNode, changes: dict[str, Any], code: int
) -> None:
    with Raw(node) as raw:
        answer = raw.say(encoded(submit(node, **changes)))
        assert (answer["kind"], answer["code"]) == ("error", code)
        assert raw.say(encoded({"v": 1, "kind": "status"}))["state"] == "open"


@pytest.mark.parametrize(
    "line", [b"", b"{", b"[]", b"null", b'{"v":1,"v":1}', b"\xff\xfe", b"[" * 5000, b"NaN"]
)
def test_what_is_no_message_is_refused_and_the_line_stays_open(
    node: RunningNode, line: bytes
) -> None:
    with Raw(node) as raw:
        assert raw.say(line)["kind"] == "error"
        assert raw.say(encoded({"v": 1, "kind": "status"}))["kind"] == "status"


def test_a_line_too_long_is_refused_with_413(node: RunningNode) -> None:
    with Raw(node) as raw:
        raw.link.sendall(b'"' + b"a" * (MAX_BYTES + 10) + b'"\n')
        assert json.loads(raw.lines.readline())["code"] == 413


def test_a_question_about_an_unknown_request_is_404(node: RunningNode) -> None:
    ask = {"v": 1, "kind": "query", "agent": "raw", "request_id": new_request_id(1_700_000_000)}
    with Raw(node) as raw:
        assert raw.say(encoded(ask))["code"] == 404


def test_another_agents_request_is_unknown(node: RunningNode) -> None:
    with Raw(node) as raw:
        body = submit(node)
        raw.say(encoded(body))
        ask = {"v": 1, "kind": "query", "agent": "other", "request_id": body["request_id"]}
        assert raw.say(encoded(ask))["code"] == 404


@pytest.mark.parametrize("name", ["assent", "Assent"])
def test_the_name_of_the_node_itself_is_refused_to_agents(node: RunningNode, name: str) -> None:
    place = node.node.identity.node
    path = {"path": "a.txt"}
    body = submit(node, agent=name, action_digest=digest(place, name, "read_file", path))
    request = {"v": 1, "agent": name, "request_id": body["request_id"]}
    before = node.node.engine.audit.head.size
    with Raw(node) as raw:
        for line in (
            body,
            request | {"kind": "query"},
            request | {"kind": "cancel"},
            request | {"kind": "consume", "action_digest": body["action_digest"]},
            request | {"kind": "outcome", "status": "ok"},
        ):
            answer = raw.say(encoded(line))
            assert (answer["kind"], answer["code"]) == ("error", 403)
            assert (answer["request_id"], answer["field"]) == (body["request_id"], "agent")
    assert node.node.engine.audit.head.size == before


def test_figures_are_told_to_whoever_may_talk_to_the_node(node: RunningNode) -> None:
    ask = {"v": 1, "kind": "metrics", "request_id": new_request_id(time.time_ns() // 1000)}
    with Raw(node) as raw:
        answer = raw.say(encoded(ask))
        assert (answer["kind"], answer["request_id"]) == ("metrics", ask["request_id"])
        assert answer["text"].endswith("# EOF\n")
        assert raw.say(encoded({"v": 1, "kind": "metrics"}))["code"] == 422


def test_half_a_line_and_a_hang_up_hurt_nobody(node: RunningNode) -> None:
    with Raw(node) as raw:
        raw.link.sendall(b'{"v":1,"kind":"sub')
    with Raw(node) as raw:
        assert raw.say(encoded({"v": 1, "kind": "status"}))["kind"] == "status"


@pytest.mark.parametrize("end", [b"\n", b""])
def test_who_ends_what_it_says_is_answered_all_the_same(node: RunningNode, end: bytes) -> None:
    with Raw(node) as raw:  # as `nc -N` does
        raw.link.sendall(encoded(submit(node)) + end)
        raw.link.shutdown(socket.SHUT_WR)
        assert json.loads(raw.lines.readline())["kind"] == "verdict"
        assert raw.lines.readline() == b""


def test_who_hangs_up_while_a_person_is_asked_is_waited_for_no_longer(node: RunningNode) -> None:
    connections = node.node.engine._server._connections
    before = len(connections)
    with Raw(node) as raw:
        asking = {"tool": "query", "arguments": {"sql": "DROP TABLE t"}}
        arguments = asking["arguments"]
        named = digest(node.node.identity.node, "raw", "query", arguments)
        raw.link.sendall(encoded(submit(node, action=asking, action_digest=named)) + b"\n")
        raw.link.shutdown(socket.SHUT_WR)
        assert json.loads(raw.lines.readline())["kind"] == "pending"
        assert len(connections) == before + 1
    until(lambda: len(connections) == before, "the end of the connection")
    node.answer(node.waiting("query"), "reject")


def test_answers_come_in_their_own_time_on_one_connection(node: RunningNode) -> None:
    drop = {"tool": "query", "arguments": {"sql": "DROP TABLE t"}}
    name = node.node.identity.node
    slow = submit(node, action=drop, action_digest=digest(name, "raw", "query", drop["arguments"]))
    with Raw(node) as raw:
        assert raw.say(encoded(slow))["kind"] == "pending"
        quick = submit(node)
        assert raw.say(encoded(quick))["request_id"] == quick["request_id"]
        node.answer(node.waiting("query"), "reject")
        last = json.loads(raw.lines.readline())
        assert (last["kind"], last["request_id"]) == ("verdict", slow["request_id"])


def test_those_who_wait_for_a_person_keep_no_other_from_being_answered(
    node: RunningNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MAX_IN_FLIGHT", 2)
    drop = {"tool": "query", "arguments": {"sql": "DROP TABLE t"}}
    asked = digest(node.node.identity.node, "raw", "query", drop["arguments"])
    with Raw(node) as raw:
        waiting = [submit(node, action=drop, action_digest=asked) for _ in range(6)]
        for one in waiting:
            assert raw.say(encoded(one))["kind"] == "pending"
        assert raw.say(encoded(waiting[0] | {"attempt": 2}))["kind"] == "pending"
        assert raw.say(encoded({"v": 1, "kind": "status"}))["kind"] == "status"
        for _ in waiting:
            node.answer(node.waiting("query"), "reject")
        told = [json.loads(raw.lines.readline()) for _ in waiting]
        assert sorted(one["request_id"] for one in told) == sorted(
            one["request_id"] for one in waiting
        )
        assert raw.say(encoded({"v": 1, "kind": "status"}))["kind"] == "status"


def test_the_socket_is_private(node: RunningNode) -> None:
    assert stat.S_IMODE(socket_path(node.home).stat().st_mode) == 0o600


def test_a_very_deep_home_still_gets_a_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    (tmp_path / "run").mkdir(mode=0o700)
    deep = tmp_path.joinpath(*("deep-folder-name",) * 8)
    with running_node(deep) as there:
        assert there.ask(Action(tool="read_file", arguments={"path": "a"})).result().allowed


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=10,
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    tool=st.text(min_size=1, max_size=40),
    arguments=st.dictionaries(st.text(max_size=12), anything, max_size=4),
    narrative=st.text(max_size=60),
    request=st.text(max_size=60),
)
def test_whatever_is_proposed_gets_a_verdict_a_question_or_a_refusal(
    node: RunningNode, tool: str, arguments: dict[str, Any], narrative: str, request: str
) -> None:
    name = node.node.identity.node
    body = submit(
        node, action={"tool": tool, "arguments": arguments}, narrative=narrative,
        request=request, action_digest=digest(name, "raw", tool, arguments),
    )  # fmt: skip
    with Raw(node) as raw:
        answer = raw.say(canonical(body))
    assert answer["kind"] in {"verdict", "pending", "error"}
    assert answer.get("code") != 500, answer


def test_who_never_reads_their_errors_is_not_read_for_ever(node: RunningNode) -> None:
    with Raw(node) as raw:
        raw.link.settimeout(0.5)
        # 25 MB: far beyond what sockets and streams hold by themselves.
        with pytest.raises(TimeoutError):
            raw.link.sendall(b'{"v":1,"kind":"nonsense"}\n' * 1_000_000)
    with Raw(node) as raw:
        assert raw.say(encoded({"v": 1, "kind": "status"}))["kind"] == "status"
