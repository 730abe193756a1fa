"""What a request asks, as words; a task has many calls, so what was read of it is remembered."""

from functools import cached_property

from components.love_engine.prefilter import Prefilter
from components.love_engine.words import distinct, stems

LONGEST = 1_000
"""Characters; what longer requests say is not remembered."""
REMEMBERED = 256
"""So many requests are remembered."""


class Asked:
    """The words of a request; `telling` is whether the lexicon may have something about them.

    Calls share it: nobody changes it.
    """

    def __init__(self, text: str, prefilter: Prefilter) -> None:
        self.words = distinct(text)
        self.telling = prefilter.may_hold(self.words, "request")

    @cached_property
    def stems(self) -> set[str]:
        """The distinct stems of the words."""
        return stems(self.words)
