"""Passwords in the form of mosquitto's password file."""

import base64
import hashlib
import secrets

_ITERATIONS = 101
"""As `mosquitto_passwd` has it. The password is drawn, not thought up, so more would protect
nothing; the broker has one thread and computes this at every connection."""

_SALT_BYTES = 12
_PASSWORD_BYTES = 32


def new_password() -> str:
    """A password of 256 random bits, in letters that need no quoting."""
    return secrets.token_urlsafe(_PASSWORD_BYTES)


def hashed(password: str) -> str:
    """The password as mosquitto keeps it: `$7$`, PBKDF2 with SHA-512 over a new salt."""
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return f"$7${_ITERATIONS}${_base64(salt)}${_base64(digest)}"


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
