"""The server: what it answers, where it listens, and that no client holds it up."""

import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from app.metrics import BadAddress, Exposed, MetricsServer, serve
from app.metrics.server import MAX_REQUESTS
from tests.metrics.made import exposed
from tests.support import PATIENCE_S, until

OPENMETRICS = "application/openmetrics-text;version=1.0.0"
Start = Callable[..., MetricsServer]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[MetricsServer] = []

    def start(source: Callable[[], Exposed] = exposed, **more: float) -> MetricsServer:
        started.append(serve("127.0.0.1:0", source, **more))
        return started[-1]

    yield start
    for server in started:
        server.close()


def get(server: MetricsServer, path: str = "/metrics", accept: str = "") -> tuple[int, str, str]:
    request = urllib.request.Request(f"http://{server.address}{path}", headers={"Accept": accept})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as reply:
            return reply.status, reply.headers["Content-Type"], reply.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get("Content-Type", ""), error.read().decode()


def connect(server: MetricsServer) -> socket.socket:
    host, _, port = server.address.rpartition(":")
    connection = socket.create_connection((host, int(port)))
    connection.settimeout(PATIENCE_S)
    return connection


def test_openmetrics_is_told_where_it_is_asked_for(start: Start) -> None:
    status, kind, told = get(start(), accept=OPENMETRICS)
    assert status == 200
    assert kind.startswith("application/openmetrics-text; version=1.0.0")
    assert told.endswith("# EOF\n")


def test_plain_text_is_told_else(start: Start) -> None:
    status, kind, told = get(start())
    assert status == 200
    assert kind.startswith("text/plain; version=0.0.4")
    assert "# EOF" not in told
    assert 'assent_operation_seconds_bucket{component="gate"' in told


def test_there_is_nothing_else(start: Start) -> None:
    server = start()
    assert get(server, "/-/healthy")[0] == 200
    for path in ("/", "/metrics/", "/../metrics", "/-/healthy/x", "/%6detrics"):
        assert get(server, path)[0] == 404, path
    assert get(server, "/metrics?name=x")[0] == 200


def test_only_get_is_answered(start: Start) -> None:
    with connect(start()) as client:
        client.sendall(b"POST /metrics HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
        assert b" 501 " in client.recv(1000)


def test_figures_that_fail_are_an_error_of_that_request_alone(start: Start) -> None:
    answers = iter([exposed()])
    server = start(lambda: next(answers))
    assert get(server)[0] == 200
    status, _, told = get(server)
    assert (status, told) == (500, "the figures cannot be told: StopIteration\n")
    assert get(server, "/-/healthy")[0] == 200


def test_silent_clients_hold_nobody_up_and_are_sent_away(start: Start) -> None:
    server = start(limit_s=0.5)
    silent = [connect(server) for _ in range(MAX_REQUESTS - 1)]
    assert get(server)[0] == 200
    for client in silent:
        assert client.recv(100) == b""
        client.close()


def test_clients_that_drip_are_sent_away_too(start: Start) -> None:
    with connect(start(limit_s=0.5)) as client:
        client.sendall(b"GET /metrics HTTP/1.1\r\n")

        def gone() -> bool:
            try:
                client.sendall(b"X: y\r\n")
            except OSError:
                return True
            time.sleep(0.02)
            return False

        until(gone, "the connection's end")


def test_a_client_that_reads_nothing_is_sent_away(start: Start) -> None:
    server = start(lambda: exposed(node="x" * 20_000_000), limit_s=0.5)
    with connect(server) as client:
        client.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        until(lambda: not _idle(), "the request's thread")
        until(_idle, "its end")


def test_who_comes_beyond_the_most_is_turned_away(start: Start) -> None:
    going, free = threading.Semaphore(0), threading.Event()

    def slow() -> Exposed:
        going.release()
        assert free.wait(PATIENCE_S)
        return exposed()

    server = start(slow)
    clients = [connect(server) for _ in range(MAX_REQUESTS)]
    for client in clients:
        client.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        assert going.acquire(timeout=PATIENCE_S)
    with connect(server) as late:
        assert late.recv(1000).startswith(b"HTTP/1.0 503 ")
    free.set()
    for client in clients:
        assert client.recv(15) == b"HTTP/1.0 200 OK"
        client.close()
    until(_idle, "the end of all requests")
    assert get(server, "/-/healthy")[0] == 200


def test_closing_ends_what_is_under_way_and_frees_the_port(start: Start) -> None:
    server = start()
    with connect(server) as silent:
        until(lambda: not _idle(), "a request under way")
        server.close()
        assert silent.recv(100) == b""
    assert _idle()
    server.close()
    again = serve(server.address, exposed)
    assert get(again)[0] == 200
    again.close()


def test_a_taken_port_is_refused_by_name(start: Start) -> None:
    taken = start().address
    with pytest.raises(BadAddress, match=f"{taken}: Address already in use"):
        serve(taken, exposed)


@pytest.mark.parametrize(
    "address",
    [
        "", ":9464", "9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
        "127.0.0.1:-1", "::1:9464", "[::1]", "[::1:9464", "[]:9464", "http://127.0.0.1:9464",
        "127.0.0.1:9464/metrics", "a b:1", "127.0.0.1:٩", "127.0.0.1:9464\n", "[127.0.0.1]x:1",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(BadAddress, match=r"is no address for metrics: write HOST:PORT"):
        serve(address, exposed)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(BadAddress, match=r"cannot tell metrics at 192\.0\.2\.1:9464: "):
        serve("192.0.2.1:9464", exposed)


def test_a_host_that_nobody_knows_is_refused() -> None:
    with pytest.raises(BadAddress, match="no machine is known as"):
        serve("a..b:9464", exposed)


def test_ipv6_is_written_in_brackets() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError as error:
        pytest.skip(f"this machine has no IPv6: {error}")
    server = serve("[::1]:0", exposed)
    try:
        assert server.address.startswith("[::1]:")
        assert get(server)[0] == 200
    finally:
        server.close()


def _idle() -> bool:
    return not any(thread.name == "metrics-request" for thread in threading.enumerate())
