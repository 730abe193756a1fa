"""The HTTP server that Prometheus asks: small, bounded, and never on the gate's thread.

Each request has a thread of its own, of which there are few; a client that is slow or silent loses
its connection after `LIMIT_S`, whatever it does. Nothing is ever printed: the terminal is taken.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from typing import Any

from prometheus_client.exposition import choose_encoder

from app.metrics.address import Address, BadAddress, parse_address
from app.metrics.exposition import Exposed, Told

__all__ = ["BadAddress", "MetricsServer", "serve"]

LIMIT_S = 10.0
"""How long one request may take from its connection to the end of the answer."""

MAX_REQUESTS = 8
"""Requests under way at once; what comes beyond them is turned away."""

Source = Callable[[], Exposed]
"""Asked once a request, on the request's thread."""

_POLL_S = 0.1
_PATIENCE_S = 2.0
_TURNED_AWAY = b"HTTP/1.0 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


def serve(address: str, source: Source, *, limit_s: float = LIMIT_S) -> "MetricsServer":
    """Answer `/metrics` at an address (`HOST:PORT`) until closed. Raises `BadAddress`."""
    return MetricsServer(address, source, limit_s)


class MetricsServer:
    """A server under way; `address` says where, with the port that port 0 came to."""

    def __init__(self, address: str, source: Source, limit_s: float) -> None:
        place = parse_address(address)
        try:
            self._server = _Server(place, source, limit_s)
        except OSError as error:
            raise BadAddress(
                f"cannot tell metrics at {address}: {error.strerror}; "
                "end what listens there, or give another address"
            ) from error
        host, port = self._server.server_address[:2]
        shown = f"[{host!s}]" if place.family == socket.AF_INET6 else str(host)
        self.address = f"{shown}:{port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_S,), name="metrics", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Answer nobody any more, also not those who are being answered. May be repeated."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.end_requests()


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"
    server_version = "assent"
    sys_version = ""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/metrics":
            self._tell_metrics()
        elif path == "/-/healthy":
            self._answer(HTTPStatus.OK, b"healthy\n")
        else:
            self._answer(HTTPStatus.NOT_FOUND, b"there is only /metrics, and /-/healthy\n")

    def _tell_metrics(self) -> None:
        encode, kind = choose_encoder(self.headers.get("Accept", ""))
        try:
            body = encode(Told(self.server.source()))
        except Exception as error:  # the figures' trouble is not the server's
            told = f"the figures cannot be told: {type(error).__name__}\n"
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, told.encode())
            return
        self._answer(HTTPStatus.OK, body, kind)

    def _answer(
        self, status: HTTPStatus, body: bytes, kind: str = "text/plain; charset=utf-8"
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Requests are no news."""


class _Server(TCPServer):
    allow_reuse_address = True
    request_queue_size = 16

    def __init__(self, place: Address, source: Source, limit_s: float) -> None:
        self.address_family = place.family
        self.source = source
        self._limit_s = limit_s
        self._under_way: dict[threading.Thread, tuple[socket.socket, float]] = {}
        super().__init__(place.bound, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer on a thread of its own, if one is free."""
        if len(self._under_way) >= MAX_REQUESTS:
            with contextlib.suppress(OSError):
                request.send(_TURNED_AWAY)
            self.shutdown_request(request)
            return
        worker = threading.Thread(
            target=self._work, args=(request, client_address), name="metrics-request", daemon=True
        )
        self._under_way[worker] = (request, time.monotonic() + self._limit_s)
        worker.start()

    def service_actions(self) -> None:
        """End what takes too long; called some times a second."""
        now = time.monotonic()
        for request, deadline in list(self._under_way.values()):
            if now > deadline:
                _end(request)

    def end_requests(self) -> None:
        """End all requests under way; a source that hangs is left behind."""
        patience = time.monotonic() + _PATIENCE_S
        for worker, (request, _) in list(self._under_way.items()):
            _end(request)
            worker.join(max(0.0, patience - time.monotonic()))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are no news."""

    def _work(self, request: socket.socket, client_address: Any) -> None:
        try:
            # Whatever goes wrong here is between the client and its connection.
            with contextlib.suppress(Exception):
                self.finish_request(request, client_address)
        finally:
            self.shutdown_request(request)
            self._under_way.pop(threading.current_thread(), None)


def _end(request: socket.socket) -> None:
    with contextlib.suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)
