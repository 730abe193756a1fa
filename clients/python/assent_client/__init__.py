"""For agents: ask an Assent node before acting; what is not a signed, timely allow is a deny."""

from assent_client.client import Assent, AsyncAssent
from assent_client.gated import gated
from assent_client.permission import Denied, Permission, Piece

__all__ = ["Assent", "AsyncAssent", "Denied", "Permission", "Piece", "gated"]
