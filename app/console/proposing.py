"""What accepting and dismissing a suggestion do once they may act.

Both are bound to the suggestion that was under the cursor when the key acted, an acceptance to
all that was shown of it. What it would have done has been read by then: that is all the asking.
"""

from app.console.deciding import Front
from app.console.dialogs import Ask
from app.console.outbox import Outbox
from app.console.screens import LearningScreen
from app.desk import Desk


class Proposing:
    """The commands of the learning screen over a desk."""

    def __init__(self, desk: Desk, screen: LearningScreen, outbox: Outbox, front: Front) -> None:
        self._desk = desk
        self._screen = screen
        self._outbox = outbox
        self._front = front

    def accept(self) -> None:
        """Put the rule or the grant in force."""
        row = self._screen.suggestion
        if row is not None and row.mark:
            self._front.say("Sent; waiting until it is recorded …", "dim")
            self._outbox.add(self._desk.accept_proposal(row.id, row.mark))

    def dismiss(self) -> None:
        """Ask why, then want no more of it."""
        row = self._screen.suggestion
        if row is None:
            return
        bound = row.id
        text = [(row.text, "strong"), ("It is never suggested again; a word why:", "dim")]
        self._front.ask(
            Ask("DISMISS", text, "dismiss", "not for us"),
            lambda why: self._outbox.add(self._desk.dismiss_proposal(bound, why or "not for us")),
        )
