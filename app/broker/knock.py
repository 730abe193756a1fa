"""One connection to a broker, to see whether it lets us in: TLS, CONNECT, its answer, goodbye."""

import socket
import ssl
from contextlib import suppress

from app.broker.settings import BrokerAddress

LIMIT_S = 3.0
"""How long each step may take."""

_LONGEST_CONNACK = 1024
_DISCONNECT = b"\xe0\x00"
_REFUSED = "it refuses us: is the user name, the password or the certificate another's?"
_REASONS = {
    0x01: "it does not speak MQTT 5",
    0x84: "it does not speak MQTT 5",
    0x86: _REFUSED,
    0x87: _REFUSED,
    0x8A: "it has banned this client",
}


def knock(
    address: BrokerAddress, context: ssl.SSLContext | None, username: str = "", password: str = ""
) -> str:
    """Why the broker does not let us in, in words; empty where it does.

    The client identifier is left to the broker, so that no session of anybody is taken over.
    """
    try:
        plain = socket.create_connection((address.host, address.port), LIMIT_S)
    except (OSError, UnicodeError) as error:
        return f"it cannot be reached: {_why(error)}"
    with plain:
        try:
            link = context.wrap_socket(plain, server_hostname=address.host) if context else plain
            with link:
                # Whoever refuses our certificate says so after the handshake, and hangs up: what it
                # said is read although nothing more can be sent.
                with suppress(ConnectionError, ssl.SSLEOFError):
                    link.sendall(_connect(username, password))
                return _answer(link)
        except ssl.SSLCertVerificationError as error:
            return f"its certificate does not hold: {error.verify_message.rstrip('.')}"
        except OSError as error:
            return f"it broke the connection off: {_why(error)}"


def _answer(link: socket.socket) -> str:
    """What CONNACK says: its type, its length in one byte or two, flags, and the reason."""
    answer = b""
    while len(answer) < 5:
        piece = link.recv(_LONGEST_CONNACK)
        if not piece:
            break
        answer += piece
        if len(answer) == 4 and answer[1] == 2:
            break  # the shortest CONNACK, as brokers of MQTT 3 send it
    if not answer:
        return "it hung up without an answer"
    if len(answer) < 4 or answer[0] != 0x20:
        return "it answers, but not as an MQTT broker"
    reason = answer[4] if answer[1] & 0x80 else answer[3]
    if reason:
        return _REASONS.get(reason, f"it refuses the connection with reason 0x{reason:02x}")
    link.sendall(_DISCONNECT)
    return ""


def _connect(username: str, password: str) -> bytes:
    """A CONNECT of MQTT 5 with a clean start, a keep-alive of 10 s and no properties."""
    flags = 0x02 | (0x80 if username else 0) | (0x40 if password else 0)
    body = _text("MQTT") + bytes((5, flags, 0, 10, 0)) + _text("")
    if username:
        body += _text(username)
    if password:
        body += _text(password)
    return b"\x10" + _length(len(body)) + body


def _text(text: str) -> bytes:
    raw = text.encode()
    return len(raw).to_bytes(2, "big") + raw


def _length(count: int) -> bytes:
    """MQTT's variable byte integer."""
    out = bytearray()
    while True:
        count, low = divmod(count, 128)
        out.append(low | (0x80 if count else 0))
        if not count:
            return bytes(out)


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.lower().replace("_", " ")
    if isinstance(error, TimeoutError):
        return f"no answer within {LIMIT_S:.0f} s"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error)
