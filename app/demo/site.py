"""A small HTTP server on 127.0.0.1, in a thread of its own, that serves `pages` and takes posts."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from app.demo.pages import page

_MOST_POSTED = 64 * 1024


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    timeout = 5

    def do_GET(self) -> None:
        found = page(self.path, f"http://{self.headers.get('Host', '')}")
        time.sleep(found.slow_s)
        self._answer(found.status, found.body)

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > _MOST_POSTED:
            self._answer(413, "too long")
            return
        taken = len(self.rfile.read(int(length)))
        known = self.path in {"/notes", "/collect"}
        self._answer(*((201, f"{taken} bytes taken") if known else (404, "nothing to post to")))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the terminal belongs to the console."""

    def _answer(self, status: int, body: str) -> None:
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no error worth a word."""


@contextmanager
def serving() -> Iterator[str]:
    """Serve while the context lasts; gives the site's address, such as `http://127.0.0.1:40123`."""
    server = _Server(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="site", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
