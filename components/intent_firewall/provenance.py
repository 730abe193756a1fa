"""Provenance: values of a side-effecting call that came from orders inside untrusted text."""

from collections.abc import Iterator

from components.actions import Action, Reason
from components.intent_firewall.subject import Subject


def trace(action: Action, subject: Subject) -> Iterator[Reason]:
    """Reasons."""
    yield from ()
