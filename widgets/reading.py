"""A text that must have been read before something is done about it."""

from collections.abc import Iterable

from widgets.cells import fit
from widgets.lines import Face
from widgets.texts import TextView, Witness


class ReadThrough(Witness, TextView):
    """A text that knows how much of it has been on the screen.

    A line counts as seen once it was painted. Another text, or another width, begins the reading
    anew; the same text shown again does not.
    """

    def __init__(self, title: str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(title, id=id)
        self._unseen = set()

    @property
    def seen(self) -> float:
        """The share of the lines that has been seen; 1.0 of an empty text."""
        count = self.count()
        return 1.0 - len(self._unseen) / count if count else 1.0

    def heading(self, width: int) -> Face:
        """The title, and how much is seen while that is not all."""
        seen = f"seen {int(self.seen * 100)}% " if self._unseen else ""
        return ((fit(" " + self.title, width - len(seen)), "strong"), (seen, "warn"))

    def show(self, text: Iterable[tuple[str, str]], title: str | None = None) -> None:
        """Show these paragraphs, another text from its beginning."""
        text = tuple(text)
        if text != self._text:
            self.top = 0
            super().show(text, title)
            self._witness_later()
        elif title is not None and title != self.title:
            self.title = title
            self.poke()

    def read_anew(self) -> None:
        """Somebody else reads now: from the top, and nothing counts as seen."""
        self.top = self._width = 0
        self.poke()
        self._witness_later()

    def lay_out(self, width: int) -> list[Face]:
        """All lines at this width, none of them seen yet."""
        faces = super().lay_out(width)
        self._unseen = set(range(len(faces)))
        return faces

    def on_show(self) -> None:
        """What was shown while another screen was in front is seen only now."""
        self._witness_later()
