"""The mosquitto.conf of a broker's folder."""

from pathlib import Path

from app.broker.register import Auth
from app.broker.settings import TLS_PORT
from components.canonical import MAX_BYTES

LARGEST_PAYLOAD = 2 * MAX_BYTES
"""Bytes of one message: a verdict that carries changed arguments in base64 is the longest. It is
beyond what a node accepts, so that the node gets to see what is too long, and can say so."""

LARGEST_PACKET = LARGEST_PAYLOAD + 64 * 1024
"""Bytes of a message with its topic and properties."""

_TEXT = """\
# A mosquitto broker for Assent, as `assent init --broker` wrote it: yours to edit.
#   start:   mosquitto -c {folder}/mosquitto.conf
#   reload:  kill -HUP "$(cat {folder}/mosquitto.pid)"
# It has to reload after each `assent broker add|revoke`.

# Where root starts the broker it becomes this user, whose the files here are. Make the folder as
# a user of the broker's own rather than as root.
user {user}
pid_file {folder}/mosquitto.pid

# MQTT 5 over TLS only; whoever comes by plain TCP gets no further than the handshake.
listener {port}
tls_version tlsv1.2
cafile {folder}/ca.pem
certfile {folder}/server.pem
keyfile {folder}/server.key
{auth}
# Who has no name here may not connect, and a name reaches the topics of its role only.
allow_anonymous false
acl_file {folder}/acl

# Sessions, queued and retained messages outlive a restart. A PUBACK promises less: the broker
# sends it while the message is in memory only, and writes the file every autosave_interval
# seconds and when it ends. What a killed broker had not written is gone, PUBACK or not. Nothing is
# lost by it here: agents submit again until they hold a signed verdict.
persistence true
persistence_location {folder}/data
autosave_interval 10

# A verdict is small and somebody waits for it: Nagle's algorithm would hold it back.
set_tcp_nodelay true

# Bytes. Nodes answer 413 beyond {node_limit}; more than this never reaches them.
message_size_limit {payload}
max_packet_size {packet}

# Seconds. A client that has gone silent is noticed within one and a half of its keep-alives.
max_keepalive 60

# What is kept for one client that is slow or away. Beyond it the broker drops messages and tells
# nobody; agents submit again.
max_queued_messages 50000
max_queued_bytes 67108864
"""

_CERTIFICATES = """
# Who connects shows a certificate of this CA that is not revoked; its common name is the user.
require_certificate true
use_identity_as_username true
crlfile {folder}/crl.pem
"""

_NAMES = """
# Who connects shows a name and its password.
password_file {folder}/passwords
"""


def configuration(folder: Path, auth: Auth, user: str) -> str:
    """The text for a folder (an absolute path of one line), owned by a user of the system."""
    return _TEXT.format(
        folder=folder,
        user=user,
        port=TLS_PORT,
        auth=(_CERTIFICATES if auth == "certificate" else _NAMES).format(folder=folder),
        node_limit=MAX_BYTES,
        payload=LARGEST_PAYLOAD,
        packet=LARGEST_PACKET,
    )
