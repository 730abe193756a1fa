"""How a node is run: for agents and a person, or for recorded actions."""

from msgspec import Struct
from msgspec.structs import replace

from components.actions import PRIORITIES
from components.hitl import Policies


class Serving(Struct, frozen=True):
    """Whether the socket is served, agents are throttled, and approvals can be taken back."""

    listen: bool = True
    throttled: bool = True
    attended: bool = True

    def policies(self, chosen: Policies) -> Policies:
        """The class policies; where nobody could take an approval back, it does not wait."""
        if self.attended:
            return chosen
        prompt = {name: replace(chosen.of(name), release_delay_s=0.0) for name in PRIORITIES}
        return replace(chosen, **prompt)


RECORDED = Serving(listen=False, throttled=False, attended=False)
"""For recorded actions: no socket, no throttle, no release delay."""
