"""The web tools: GET and POST, to the demonstration's own site and nowhere else."""

import http.client
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from app.demo.sandbox import Refused
from app.demo.tools import Failed, Tool, text

_LONGEST_S = 5.0
_MOST_READ = 64 * 1024


def web_tools(site: str) -> dict[str, Tool]:
    """The tools by name; `site` is the only address they reach."""
    home = urlsplit(site)

    def reach(method: str, url: str, body: str | None) -> str:
        wanted = urlsplit(url)
        if (wanted.scheme, wanted.netloc) != (home.scheme, home.netloc):
            raise Refused("only the demonstration's own site is reached")
        connection = http.client.HTTPConnection(home.netloc, timeout=_LONGEST_S)
        try:
            path = wanted.path or "/"
            connection.request(method, path, None if body is None else body.encode())
            answer = connection.getresponse()
            content = answer.read(_MOST_READ).decode(errors="replace")
        except http.client.HTTPException as error:
            raise Failed(f"no HTTP answer: {error}") from None
        finally:
            connection.close()
        if answer.status >= 400:
            raise Failed(f"HTTP {answer.status}: {content[:80]}")
        return content

    def http_get(arguments: Mapping[str, Any]) -> str:
        return reach("GET", text(arguments, "url", 2048), None)

    def http_post(arguments: Mapping[str, Any]) -> str:
        return reach("POST", text(arguments, "url", 2048), text(arguments, "body"))

    return {"http_get": http_get, "http_post": http_post}
