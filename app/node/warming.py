"""What is imported once somebody talks to a node, so that no action has to wait for it.

A node to which nobody talks does without: it is large.
"""

import threading


class Warming:
    """Imports on a thread of its own, beside the gate; at the first `begin`, and then no more."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Have all that a first action may need. Never blocks; from the gate's thread."""
        if self._thread is None:
            self._thread = threading.Thread(target=_warm, name="warming", daemon=True)
            self._thread.start()


def _warm() -> None:
    from components.intent_firewall.sql_reading import statements_of

    statements_of("SELECT 1")  # sqlglot makes its tables when it is first called
