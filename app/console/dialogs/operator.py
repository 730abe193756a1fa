"""Another person takes the seat: a name, and the passphrase that opens their key."""

from collections.abc import Hashable, Sequence
from typing import ClassVar

from msgspec import Struct
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from app.console.dialogs.base import Dialog
from app.desk import Person
from widgets import Face, KeyHint, RowList, SafeInput, fit


class Sitting(Struct, frozen=True):
    """Who is to sit, and what they typed."""

    name: str
    passphrase: str


class People(RowList[Person]):
    """Who may answer here."""

    HEADED = False
    DEFAULT_CSS = "People { height: 1; }"

    def key_of(self, row: Person) -> Hashable:
        """The name."""
        return row.name

    def face(self, index: int, width: int) -> Face:
        """Name, tier, and whether it takes a passphrase."""
        row = self.rows[index]
        return (
            (f" {fit(row.name, max(width - 32, 8))}  ", "text"),
            (f"tier {row.tier}  ", "dim"),
            ("by passphrase" if row.locked else "no passphrase", "dim"),
        )


class Secret(SafeInput):
    """A line that shows no character of what is typed, and takes all of them as they are."""

    def __init__(self) -> None:
        super().__init__(id="line")
        self.password = True

    def validate_value(self, value: str) -> str:
        """Nothing of it is shown, so nothing is made visible."""
        return value

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.insert_text_at_cursor(event.text.partition("\n")[0].removesuffix("\r"))


class Switch(Dialog[Sitting]):
    """Arrows choose the person, their passphrase is typed, Enter seats them."""

    AUTO_FOCUS = "#line"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
    ]

    def __init__(self, people: Sequence[Person], present: str) -> None:
        text = (f"{present} answers now. Who takes over? Type their passphrase.", "text")
        super().__init__("SWITCH OPERATOR", [text])
        self._people = tuple(people)
        self._present = present

    def body(self) -> ComposeResult:
        """The people, and the field below."""
        yield People(id="people")
        yield Secret()

    def hints(self) -> Sequence[KeyHint]:
        """Enter seats whom the cursor is on."""
        return (
            KeyHint("↑↓", "who", enabled=True),
            KeyHint("Enter", "switch", enabled=True),
        )

    def on_mount(self) -> None:
        """Point at the first who does not sit already."""
        super().on_mount()
        people = self.query_one(People)
        people.update_rows(self._people)
        others = [person.name for person in self._people if person.name != self._present]
        people.point(others[0] if others else self._present)

    def share(self, lines: int) -> None:
        """The list has its lines first, but leaves the text two."""
        people = self.query_one(People)
        room = max(min(len(self._people), 8, lines - 3), 1)
        people.styles.height = room
        self.query_one("#question").styles.max_height = max(lines - room - 1, 1)

    def action_move(self, by: int) -> None:
        """Choose another person; what was typed was for the one before."""
        self.query_one(People).action_move(by)
        self.query_one(Secret).value = ""

    def action_take(self) -> None:
        """Hand over whom and what was typed, once the key is quiet."""
        person, words = self.query_one(People).current, self.query_one(Secret).value
        if person is None:
            return
        if person.locked and not words:
            self.say(f"{person.name}'s passphrase is wanted.")
            return
        chosen = Sitting(person.name, words if person.locked else "")
        self.host.armed("switch", lambda: self.dismiss(chosen))
