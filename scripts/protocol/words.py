"""What the protocol document says in prose, and what its error codes mean."""

ERRORS: dict[int, tuple[str, str]] = {
    400: ("malformed", "Not a message of this protocol, or a property of it is wrong or missing."),
    401: ("unauthorised", "A signature or key does not hold, or the sender's clock is ahead."),
    403: ("forbidden", "The name in the body is not the topic's, or the sender may not do this."),
    404: ("not_found", "No such node, request, decision or method."),
    408: (
        "expired",
        "Too late: a deadline, a verdict's validity or a command's minute has passed.",
    ),
    409: ("conflict", "The id was used for another action, or the state does not permit this."),
    410: ("gone", "Used or heard already: it counts once."),
    413: ("too_large", "Longer than what is accepted."),
    415: ("media_type", "The content type is not the protocol's."),
    422: ("unprocessable", "A field does not fit, the JSON is not strict, or the digest is wrong."),
    423: ("frozen", "Nothing can be recorded, or everything is stopped, so nothing is allowed."),
    426: ("version", "The node speaks another version."),
    429: ("busy", "Too much at once, paused or draining. Ask again after `retry_after_ms`."),
    500: ("failed", "The node failed at it."),
    503: ("unavailable", "It could not be recorded just now. Ask again after `retry_after_ms`."),
}
"""Each code's name, and what it says."""

INTRODUCTION = """\
An agent proposes an action; a node screens it, asks a person where it should, and answers with a \
signed verdict. `assent/1` is what goes between them: one set of JSON bodies, carried by an MQTT 5 \
broker or, on one machine, by a Unix socket. This document describes the node: what it *receives* \
is what you send, and what it *sends* is what you receive.

## The digest

A verdict is bound to one action by

    action_digest = hex(SHA-256("assent/action/v1\\n" + JCS({{"action": {{"arguments", "tool"}}, \
"agent", "node"}})))

`JCS` is the canonical form of RFC 8785: no spaces, keys sorted by UTF-16 code units, numbers as \
ECMAScript writes them. The node computes the digest itself and refuses one that differs (422). \
JSON is read strictly: a key that stands twice, NaN, a lone surrogate, a number of 2^53 or beyond \
and nesting deeper than {depth} are refused, and so is a message longer than {size} bytes.

## The verdict

A verdict comes in a DSSE envelope with one Ed25519 signature. What is signed is

    "DSSEv1 " + len(payloadType) + " " + payloadType + " " + len(payload) + " " + payload

over the decoded payload, with both lengths in bytes and in decimal. The key is the node's, which \
you pinned beforehand (`node.pub`); the envelope names it and chooses nothing. Base64 has one \
spelling: standard alphabet, padded, no stray bits. `protocol/README.md` lists the checks in \
order, and `protocol/vectors.json` has cases to try yours on.

If a person changed the action, `arguments` holds what may be done instead, `replaces` is the \
digest of what was asked, and `action_digest` that of the changed action.

## Exactly once in effect

Messages may be lost, repeated and late; the effect may not. A `request_id` (UUIDv7) is one \
request for ever. Send it again, with the next `attempt`, until you hold a verdict: the node \
decides it once and repeats the same bytes. The same id with another action is a conflict (409). \
Before an act that cannot be undone, `consume` the verdict: of all who try, one hears `consumed`, \
once. Who does not hear it must not act. Afterwards report the `outcome`.

An answer that took a person arrives later, without your asking, and again from time to time until \
it is consumed, reported or out of date.

## Fail closed

Act only on an `allow` that is genuine, that answers your request, and whose `not_after` has not \
come. Everything else is a deny: an error of any code, a message that cannot be read, silence \
until `expires_at`, a broker that is away. A node is there while its signed status says so: \
until `valid_until`, and with an `epoch` that never falls. A will can only say that it is not.

## Properties and sessions

Over MQTT each request carries the content type `{content_type}`, payload format 1, its \
`request_id` as correlation data, and a message expiry: what is left until `expires_at`, in whole \
seconds. The reply's topic follows from yours; a response topic may be named, but no other one. \
User properties are never read, and more than {properties} are refused. So is a request at QoS 0; \
a retained one is ignored.

Connect with clean start off, a session expiry of {session} s, a receive maximum of {receive}, \
and a maximum packet size of {packet} bytes. The user name at the broker is who you are: it is the \
agent or operator in your topics.

Times are microseconds since 1970-01-01 UTC. A field that a reply or event leaves out has the \
default of its schema; fields that you do not know may be added, and change nothing. What you \
send may hold no field but those of its schema.

## Consoles

An operator's console signs each `Command` with the operator's own key. What the node tells a \
console is cut into signed, numbered `Frame`s: `piece`s of one message, from `part` 0 to \
`parts` − 1, put together give the message. A frame counts if it is of the run (`epoch`) that \
answered your `sync`, for you, and newer than the last of its `stream`.
"""

BROKER = """\
Any MQTT 5 broker. `assent init --broker` writes a configuration for mosquitto: TLS only, access \
control by user name, certificates or passwords. The bindings are those of the node's own \
connection; yours differ in client id and have no will.
"""

SOCKET = """\
The node's Unix socket, in its home folder, for agents of the same user on the same machine. One \
JSON object a line, many requests in flight on one connection; `request_id` joins the answers. \
Where the folder's path is too long for a socket, it lies in the user's runtime folder instead.
"""

PARAMETERS: dict[str, tuple[str, str]] = {
    "node": ("studio", "The node's name, as in its key."),
    "agent": ("tester", "The agent: its user name at the broker, and `agent` in its messages."),
    "operator": ("ada", "The operator: their user name at the broker, and the name of their key."),
    "component": ("gate", "A component of the node."),
    "log": ("annex", "The node whose log is cosigned."),
    "name": ("id-conflict", "An alert rule's name; what no identifier may hold is written as `-`."),
}
"""Each parameter of the topics: an example, and what it is."""
