"""A later run of this node elsewhere: its signed status, at the node's own topic, ends this one."""

from collections.abc import Callable

from app.bridge.topics import Topics
from app.epoch import superseded
from app.intake.mqtt import Packet, Subscription
from app.node.node import Node
from components.keys import Keyring, TrustedKey


class Twin:
    """Looks out for a status of this node with a higher epoch. Of the bridge's loop.

    `found` hears of it once, when the node has been told to retire.
    """

    def __init__(self, node: Node, found: Callable[[], None]) -> None:
        self._node = node
        self._epoch = node.engine.status().epoch
        public = node.identity.key.verify_key.encode()
        self._own = Keyring([TrustedKey(principal="node", public=public)])
        self._found = found
        self._topic = Topics(node.identity.node).status
        self.is_there = False

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """The node's own status, as it is kept, and as a twin under this very id tells it.

        QoS 0, so that it does not wait behind the requests that the broker kept.
        """
        return (Subscription(self._topic, qos=0, retained=True, own=True),)

    def hear(self, packet: Packet) -> bool:
        """Look at a status; False for anything else."""
        if packet.topic != self._topic:
            return False
        node, now = self._node, self._node.clock.now()
        if not self.is_there and superseded(
            node.identity.node, self._epoch, packet.payload, self._own, now
        ):
            self.is_there = True
            node.call(node.engine.retire(packet.payload.decode()))
            self._found()
        return True
