"""Entries and their leaves: canonical JSON, chained, never with floats of our own.

A leaf is what is hashed and proved, so its bytes are kept exactly as they were first written.
"""

import re
from typing import Any

import msgspec
from msgspec import Struct

from components.audit_system.errors import AuditProblem
from components.canonical import Malformed, canonical

VERSION = 1
NO_LEAF = "0" * 64
"""What the first leaf names as the hash of the leaf before it."""


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing to record. `safety` and `ethics` are permille, -1 where there is no score.

    `kind` says what happened (`request`, `verdict`, `answer`, …); `rules` are the matched ones and
    `rule` is the one that decided. `detail` is plain data for all else.
    """

    kind: str
    agent: str = ""
    request_id: str = ""
    tool: str = ""
    digest: str = ""
    verdict: str = ""
    rule: str = ""
    operator: str = ""
    policy_version: str = ""
    rules: tuple[str, ...] = ()
    safety: int = -1
    ethics: int = -1
    detail: dict[str, Any] = {}


class LogEntry(Struct, frozen=True):
    """An entry as it stands in the log.

    `time` is µs since 1970 UTC, `prev` the hash (hex) of the leaf before; `clock_back` says that
    the wall clock had gone back since then. `leaf` is the canonical JSON, as hashed.
    """

    seq: int
    time: int
    prev: str
    clock_back: bool
    entry: Entry
    leaf: str
    leaf_hash: str


class _Leaf(Struct, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """The members of a leaf in canonical order, so that encoding need not sort them."""

    agent: str = ""
    clock_back: bool = False
    detail: Any = {}
    digest: str = ""
    ethics: int = -1
    kind: str = ""
    operator: str = ""
    policy_version: str = ""
    prev: str = ""
    request_id: str = ""
    rule: str = ""
    rules: tuple[str, ...] = ()
    safety: int = -1
    seq: int = -1
    time: int = -1
    tool: str = ""
    v: int = 0
    verdict: str = ""


_HASH = re.compile(r"[0-9a-f]{64}")
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Leaf).decode


def encode_leaf(entry: Entry, seq: int, time: int, prev: str, clock_back: bool) -> bytes:
    """The canonical JSON of an entry at its place; raises `Malformed` for what has no such form."""
    detail = msgspec.Raw(canonical(entry.detail)) if entry.detail else entry.detail
    try:
        return _encode(
            _Leaf(
                entry.agent,
                clock_back,
                detail,
                entry.digest,
                entry.ethics,
                entry.kind,
                entry.operator,
                entry.policy_version,
                prev,
                entry.request_id,
                entry.rule,
                entry.rules,
                entry.safety,
                seq,
                time,
                entry.tool,
                VERSION,
                entry.verdict,
            )
        )
    except UnicodeEncodeError:
        raise Malformed("a lone surrogate in an audit entry") from None


def decode_leaf(leaf: bytes, leaf_hash: str) -> LogEntry:
    """Read a leaf; raises `AuditProblem` where it is none of ours."""
    try:
        raw = _decode(leaf)
        text = leaf.decode("utf-8")
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise AuditProblem(f"the leaf cannot be read: {error}") from None
    if not isinstance(raw.detail, dict):
        raise AuditProblem("the leaf cannot be read: its detail is no object")
    if raw.v != VERSION or raw.seq < 0 or not _HASH.fullmatch(raw.prev):
        raise AuditProblem(f"the leaf is not of version {VERSION}, or lacks its place in the chain")
    entry = Entry(
        kind=raw.kind,
        agent=raw.agent,
        request_id=raw.request_id,
        tool=raw.tool,
        digest=raw.digest,
        verdict=raw.verdict,
        rule=raw.rule,
        operator=raw.operator,
        policy_version=raw.policy_version,
        rules=raw.rules,
        safety=raw.safety,
        ethics=raw.ethics,
        detail=raw.detail,
    )
    return LogEntry(raw.seq, raw.time, raw.prev, raw.clock_back, entry, text, leaf_hash)
