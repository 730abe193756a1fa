"""What is on which topic of `assent/1`, and what the node does there."""

from typing import NamedTuple

from app.bridge.topics import Topics

TOPICS = Topics("{node}")


class Message(NamedTuple):
    """A message: the schema of its body, and whether it is about one request, and asks."""

    schema: str
    about: bool = False
    asks: bool = False


class Channel(NamedTuple):
    """A topic with what may be on it. `server` is where it is."""

    address: str
    said: str
    messages: str
    server: str = "broker"


class Operation(NamedTuple):
    """What the node does on a channel; `reply` is channel and messages of its answer."""

    action: str
    channel: str
    messages: str
    said: str
    reply: tuple[str, str] | None = None
    qos: int = 1
    retain: bool = False
    expiry: str = ""


MESSAGES: dict[str, Message] = {
    "submit": Message("Submit", about=True, asks=True),
    "query": Message("Query", about=True, asks=True),
    "cancel": Message("Cancel", about=True, asks=True),
    "consume": Message("Consume", about=True, asks=True),
    "outcome": Message("OutcomeReport", about=True, asks=True),
    "pending": Message("Pending", about=True),
    "verdict": Message("VerdictReply", about=True),
    "consumed": Message("Consumed", about=True),
    "recorded": Message("Recorded", about=True),
    "error": Message("ErrorReply", about=True),
    "item": Message("FrameEnvelope"),
    "command": Message("CommandEnvelope"),
    "result": Message("FrameEnvelope"),
    "events": Message("Events"),
    "metrics": Message("Metrics"),
    "alerts": Message("Alerts"),
    "status": Message("StatusEnvelope"),
    "offline": Message("Offline"),
    "checkpoint": Message("CheckpointNote"),
    "cosigned": Message("CosignedNote"),
    "statusQuery": Message("StatusQuery"),
    "metricsQuery": Message("MetricsQuery"),
    "operate": Message("Operate"),
    "statusReply": Message("StatusReply"),
    "metricsReply": Message("MetricsReply"),
    "operated": Message("Operated"),
}
INSIDE = {"item": "ItemMessage", "result": "ResultMessage"}
"""What the pieces of a frame are, put together."""

_ASKING = "submit query cancel consume outcome"
_ANSWERING = "pending verdict consumed recorded error"
_LOCAL = "statusQuery metricsQuery operate"
_LOCALLY = "statusReply metricsReply operated"
LOCAL_ONLY = frozenset(f"{_LOCAL} {_LOCALLY}".split())
"""Messages that no broker carries."""

CHANNELS: dict[str, Channel] = {
    "requests": Channel(TOPICS.request("{agent}"), "What an agent asks.", _ASKING),
    "replies": Channel(TOPICS.response("{agent}"), "What an agent hears.", _ANSWERING),
    "items": Channel(
        TOPICS.item("{operator}"), "Decisions offered to an operator, and withdrawn.", "item"
    ),
    "commands": Channel(
        TOPICS.answers.replace("+", "{operator}"), "What an operator's console asks for.", "command"
    ),
    "results": Channel(
        TOPICS.result("{operator}"), "What became of commands, and the newest snapshot.", "result"
    ),
    "events": Channel(TOPICS.events("{component}"), "Events, for anyone.", "events"),
    "metrics": Channel(TOPICS.metrics("{component}"), "Figures, for anyone.", "metrics"),
    "alerts": Channel(TOPICS.alert("{name}"), "A rule's alerts, for anyone.", "alerts"),
    "status": Channel(TOPICS.status, "Whether the node is there, for anyone.", "status offline"),
    "checkpoint": Channel(TOPICS.checkpoint, "The log's newest head, for anyone.", "checkpoint"),
    "cosignatures": Channel(
        TOPICS.cosign("{log}"), "What this node, as a witness, says of another's log.", "cosigned"
    ),
    "local": Channel(
        "assent.sock",
        "Both ways, a line a message.",
        f"{_ASKING} {_LOCAL} {_ANSWERING} {_LOCALLY}",
        "local",
    ),
}

_LEFT = "Seconds that are left until `expires_at`."
_SHORT = "Seconds for which the broker keeps it. A minute is enough: it is asked again."
_USEFUL = "Seconds for which the agent has a use for it."

_ASKED: dict[str, tuple[str, str, str]] = {
    "submit": ("Judge an action. With `pending`, the verdict comes later.",
               "pending verdict error", _LEFT),
    "query": ("Tell where a request stands.", "pending verdict error", _SHORT),
    "cancel": ("Withdraw a request that waits. Its verdict is a deny.", "recorded error", _SHORT),
    "consume": ("Use up a verdict. Only one who asks hears `consumed`.", "consumed error", _SHORT),
    "outcome": ("Record what came of an action.", "recorded error", _SHORT),
}  # fmt: skip
_ASKED_LOCALLY: dict[str, tuple[str, str]] = {
    "statusQuery": ("Tell who the node is.", "statusReply error"),
    "metricsQuery": ("Tell the node's figures.", "metricsReply error"),
    "operate": ("Carry out an operator's signed order.", "operated error"),
}

OPERATIONS: dict[str, Operation] = {
    **{
        name: Operation("receive", "requests", name, said, ("replies", replies), expiry=expiry)
        for name, (said, replies, expiry) in _ASKED.items()
    },
    "decided": Operation(
        "send", "replies", "verdict",
        "A person or time decided. Sent again until it is consumed, reported or out of date.",
        expiry=_USEFUL,
    ),
    "offer": Operation("send", "items", "item", "Keep a console's waiting list as the node's."),
    "command": Operation(
        "receive", "commands", "command", "Do what an operator signed.", ("results", "result")
    ),
    "show": Operation("send", "results", "result", "Show the newest snapshot."),
    "tellEvents": Operation("send", "events", "events", "Tell what happened.", qos=0),
    "tellMetrics": Operation(
        "send", "metrics", "metrics", "Tell how fast and how much.", qos=0, retain=True
    ),
    "tellAlerts": Operation(
        "send", "alerts", "alerts", "Tell when a rule's alerts change.", retain=True
    ),
    "tellStatus": Operation(
        "send", "status", "status offline",
        "Tell that the node is there, every few seconds. `offline` is its will and last word.",
        retain=True,
    ),
    "tellCheckpoint": Operation(
        "send", "checkpoint", "checkpoint", "Tell the log's head when it grows.", retain=True
    ),
    "tellCosigned": Operation(
        "send", "cosignatures", "cosigned",
        "As a witness: tell the checkpoint that was cosigned, or from which size to prove.",
        retain=True,
    ),
    **{
        f"{name}Local": Operation("receive", "local", name, said, ("local", replies))
        for name, (said, replies) in (
            {name: one[:2] for name, one in _ASKED.items()} | _ASKED_LOCALLY
        ).items()
    },
}  # fmt: skip
