"""What comes to the gate and what leaves it."""

from msgspec import Struct

from components.actions import Action, Verdict


class Refusal(Exception):  # noqa: N818 - not an error of ours: an answer on the wire
    """A submission the gate will not judge; for the agent it means deny. `code` as on the wire."""

    def __init__(
        self, code: int, reason: str, *, field: str = "", retry_after_ms: int | None = None
    ) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.field = field
        self.retry_after_ms = retry_after_ms

    @property
    def retryable(self) -> bool:
        """Whether the same request may be sent again."""
        return self.retry_after_ms is not None


class Submission(Struct, frozen=True, kw_only=True):
    """An action with its digest, when it expires, and which attempt to deliver it this is.

    `route` names the way by which the verdict is sent where nobody holds a connection for it.
    """

    action: Action
    digest: str
    expires_at: int
    attempt: int = 1
    route: str = ""


class Released(Struct, frozen=True):
    """A verdict that is durable. `payload` are its exact bytes, the same at every delivery."""

    verdict: Verdict
    payload: bytes


class Pending(Struct, frozen=True, gc=False):
    """What an agent hears while a person is asked."""

    decision_id: str
    deadline: int
