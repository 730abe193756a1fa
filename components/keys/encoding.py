"""Base64 with one spelling for each value, and the names that keys go by."""

import base64
import binascii
import hashlib


def encode(data: bytes) -> str:
    """Standard base64 (RFC 4648, section 4), padded."""
    return base64.b64encode(data).decode("ascii")


def decode(text: str) -> bytes:
    """Decode standard base64; raise `ValueError` for any spelling but the one `encode` gives."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise ValueError("not base64") from None
    if encode(data) != text:
        raise ValueError("not the one spelling of this base64")
    return data


def key_id(public: bytes) -> str:
    """The name of a public key on the wire: 32 hex digits of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(public).hexdigest()[:32]
