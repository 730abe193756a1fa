"""What an HTTP request does, by its method and, where it is GraphQL, by its body."""

import re
from collections.abc import Sequence

from components.actions import Intent

_METHODS: dict[str, Intent] = {
    "get": "read", "head": "read", "options": "read", "post": "send", "put": "send",
    "patch": "send", "delete": "delete",
}  # fmt: skip
# At the start of a text, or as the query of a body in JSON.
_MUTATION = re.compile(r"(?:^\s*|\"query\"\s*:\s*\"\s*)mutation\b[^{\"]{0,400}\{")
_DELETES = re.compile(r"\b(?:delete|remove|destroy|purge)\w*", re.IGNORECASE)
_MOST = 20_000


def http_intent(method: object, texts: Sequence[str]) -> Intent | None:
    """What a request does; None where neither its method nor a mutation among the texts tells."""
    for text in texts:
        if "mutation" in text and (found := _MUTATION.search(text[:_MOST])) is not None:
            return "delete" if _DELETES.search(text, found.end(), _MOST) else "write"
    return _METHODS.get(method.lower()) if isinstance(method, str) else None
